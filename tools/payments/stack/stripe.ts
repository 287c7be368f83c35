/**
 * Stripe's payment intents for shared payment tokens, as far as a gate asks for them, with faults. Told by the token:
 * `spt_…decline…` needs another card, `spt_…action…` needs its owner, `spt_…refused…` is answered 402.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { json, serve, type Served } from './serve.ts'

/** `drop` and `hang` come after the payment is recorded; `down` before it. */
type StripeFault = 'drop' | 'hang' | 'down'

export interface StripeDouble extends Served {
  /** What was charged, in order: a token that was declined is in it too, with its status. */
  readonly intents: readonly PaymentIntent[]
  /** The fields and the form of every request, in order. */
  readonly requests: readonly StripeRequest[]
  readonly fail: (fault: StripeFault, times?: number) => void
  readonly reset: () => void
}

export interface PaymentIntent {
  readonly id: string
  readonly object: 'payment_intent'
  readonly amount: number
  readonly currency: string
  readonly status: 'succeeded' | 'requires_payment_method' | 'requires_action'
  readonly metadata: Readonly<Record<string, string>>
}

interface StripeRequest {
  readonly authorization: string | undefined
  readonly version: string | undefined
  readonly idempotencyKey: string | undefined
  readonly form: Readonly<Record<string, string>>
}

interface Answer {
  readonly form: string
  readonly status: number
  readonly body: unknown
}

/** The least that Stripe charges, in the smallest units of the currency. */
const MINIMUM: Readonly<Record<string, number>> = { usd: 50, eur: 50, gbp: 30, jpy: 50 }

/** Starts it: `apiUrl` of a rail is its `url`. */
export async function startStripe(): Promise<StripeDouble> {
  const intents: PaymentIntent[] = []
  const requests: StripeRequest[] = []
  const answers = new Map<string, Answer>()
  const faults: StripeFault[] = []

  const create = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const form = await text(request)
    const key = request.headers['idempotency-key']?.toString()
    const { authorization } = request.headers
    const version = request.headers['stripe-version']?.toString()
    requests.push({ authorization, version, idempotencyKey: key, form: Object.fromEntries(new URLSearchParams(form)) })
    if (!/^(?:Basic|Bearer) \S+$/.test(authorization ?? '')) return json(response, 401, fault('invalid_request_error'))
    const fails = faults.shift()
    if (fails === 'down') return json(response, 503, fault('api_error'))
    const known = key === undefined ? undefined : answers.get(key)
    if (known !== undefined && known.form !== form) return json(response, 400, fault('idempotency_error'))
    const answer = known ?? { form, ...charge(new URLSearchParams(form), intents) }
    if (key !== undefined) answers.set(key, answer)
    if (fails === 'hang') return
    if (fails === 'drop') return void request.socket.destroy()
    json(response, answer.status, answer.body, known === undefined ? {} : { 'idempotent-replayed': 'true' })
  }
  const served = await serve(async (request, response) => {
    const [path = ''] = (request.url ?? '').split('?')
    if (request.method === 'POST' && path === '/v1/payment_intents') return create(request, response)
    const intent = intents.find(({ id }) => path === `/v1/payment_intents/${id}`)
    return intent === undefined ? json(response, 404, fault('invalid_request_error')) : json(response, 200, intent)
  })
  return {
    ...served,
    intents,
    requests,
    fail: (fault, times = 1) => void faults.push(...Array<StripeFault>(times).fill(fault)),
    reset: () => {
      for (const list of [intents, requests, faults]) list.length = 0
      answers.clear()
    },
  }
}

function charge(form: URLSearchParams, intents: PaymentIntent[]): { readonly status: number; readonly body: unknown } {
  const amount = Number(form.get('amount'))
  const currency = form.get('currency') ?? ''
  const token = form.get('shared_payment_granted_token') ?? ''
  const isCharge = Number.isSafeInteger(amount) && amount > 0 && form.get('confirm') === 'true' && token !== ''
  if (!isCharge || currency === '') return { status: 400, body: fault('invalid_request_error', 'parameter_missing') }
  if (amount < (MINIMUM[currency] ?? 1))
    return { status: 400, body: fault('invalid_request_error', 'amount_too_small') }
  if (token.includes('refused')) return { status: 402, body: fault('card_error', 'card_declined') }
  const status = statusOf(token)
  const metadata: Record<string, string> = {}
  for (const [key, value] of form) {
    const name = /^metadata\[(.+)\]$/.exec(key)?.[1]
    if (name !== undefined) metadata[name] = value
  }
  const id = `pi_${intents.length + 1}`
  const intent: PaymentIntent = { id, object: 'payment_intent', amount, currency, status, metadata }
  intents.push(intent)
  return { status: 200, body: intent }
}

function statusOf(token: string): PaymentIntent['status'] {
  if (token.includes('decline')) return 'requires_payment_method'
  return token.includes('action') ? 'requires_action' : 'succeeded'
}

const fault = (type: string, code?: string) => ({ error: { type, code, message: code ?? type } })
