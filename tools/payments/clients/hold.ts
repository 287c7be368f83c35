import type { Client, ClientOptions } from './clients.ts'

/** A payment that was made and not sent. */
export interface HeldPayment {
  /** The field of the request that pays, and its value. */
  readonly name: string
  readonly value: string
  /** Sends it: to the URL it was made for, or to another, with other fields beside it. */
  readonly send: (url?: string, init?: RequestInit) => Promise<Response>
}

/** Has a client make its payment for a URL, and keeps that instead of sending it. */
export async function hold(client: Client, url: string, options: ClientOptions = {}): Promise<HeldPayment> {
  const { promise, resolve } = Promise.withResolvers<HeldPayment>()
  const send = options.fetch ?? fetch
  const catching: typeof fetch = async (input, init) => {
    const request = new Request(input, init)
    const field = paymentField(request.headers)
    if (field === undefined) return send(request)
    resolve(heldPayment(request.url, ...field, options.init))
    return new Response('held back')
  }
  const answer = await client(url, { ...options, fetch: catching })
  if ((await answer.clone().text()) !== 'held back') throw new Error(`no payment was made: ${answer.status}`)
  return promise
}

/** A payment by its field: one that a client made, altered. */
export function heldPayment(url: string, name: string, value: string, made: RequestInit = {}): HeldPayment {
  return {
    name,
    value,
    send: (to = url, init = {}) => {
      const headers = new Headers(made.headers)
      for (const [key, more] of new Headers(init.headers)) headers.set(key, more)
      headers.set(name, value)
      return fetch(to, { ...made, ...init, headers })
    },
  }
}

function paymentField(headers: Headers): [string, string] | undefined {
  for (const name of ['payment-signature', 'x-payment', 'payment-authorization', 'authorization']) {
    const value = headers.get(name)
    if (value !== null && (name !== 'authorization' || value.startsWith('Payment '))) return [name, value]
  }
  return undefined
}
