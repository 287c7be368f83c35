import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { open, shut } from '../tools/loopback.ts'

/** What a server does with a request; its own words, or one of `behaviours`. */
export type Behaviour = (request: IncomingMessage, response: ServerResponse) => void

/** An origin server that can be told to fail. */
export interface Unruly {
  readonly url: string
  /** Every request that it got, in order: method and target. */
  readonly asked: string[]
  /** From now on. `refuses` closes its port and every connection. */
  readonly behave: (behaviour: Behaviour | 'refuses') => Promise<void>
  readonly close: () => Promise<void>
}

export const behaviours = {
  serves: (request: IncomingMessage, response: ServerResponse) => {
    const cacheControl = request.url?.includes('/kept-') ? 'max-age=1' : 'no-store'
    response.writeHead(200, { 'content-type': 'text/plain', 'cache-control': cacheControl }).end('the page')
  },
  hangs: () => undefined,
  sorry: (_request: IncomingMessage, response: ServerResponse) => {
    response.writeHead(503, { 'content-type': 'text/plain', 'retry-after': '1' }).end('sorry')
  },
  resets: (request: IncomingMessage) => {
    request.socket.destroy()
  },
} satisfies Record<string, Behaviour>

/** Serves, says 503 and resets the connection, in turn. */
export function flapping(): Behaviour {
  const turns = [behaviours.serves, behaviours.sorry, behaviours.resets]
  let turn = 0
  return (request, response) => turns[turn++ % turns.length]?.(request, response)
}

/** Listens on a free port of the loopback interface, and serves until it is told otherwise. */
export async function startUnruly(): Promise<Unruly> {
  const asked: string[] = []
  let behaviour: Behaviour = behaviours.serves
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    behaviour(request, response)
  })
  const url = await open(server)
  return {
    url,
    asked,
    behave: async (next) => {
      if (next === 'refuses') return shut(server)
      behaviour = next
      if (!server.listening) await open(server, Number(new URL(url).port))
    },
    close: () => shut(server),
  }
}
