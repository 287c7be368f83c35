/**
 * The other end of a request's connection, which the runtime tells beside the request: Node, Bun and Deno in what becomes Hono's
 * `env`, a workerd of one's own in the request's `cf`. Cloudflare tells it in another way, which is not asked here.
 */
import { getRuntimeKey } from 'hono/adapter'
import { plainAddress } from '../../http/rules/clientaddress.ts'

/** The request as the runtime made it, and what came with it. */
interface Arrival {
  readonly request: Request
  readonly env: unknown
}

const arrivals = new WeakMap<Request, Arrival>()

/** Notes how a request came. `asked`: the request that the gate is asked about, which may be a copy. */
export function noteArrival(asked: Request, arrival: Arrival): void {
  arrivals.set(asked, arrival)
}

/** Returns the address of the other end of the connection; undefined if the runtime does not tell it. */
export function peerOf(asked: Request): string | undefined {
  const arrival = arrivals.get(asked)
  if (arrival === undefined) return undefined
  const address = told(arrival)
  return typeof address === 'string' ? plainAddress(address) : undefined
}

function told({ request, env }: Arrival): unknown {
  switch (getRuntimeKey()) {
    case 'node': // `serve` of @hono/node-server
      return member(env, 'incoming', 'socket', 'remoteAddress')
    case 'deno': // `Deno.serve(app.fetch)`
      return member(env, 'remoteAddr', 'hostname')
    case 'bun': {
      const server = member(env, 'server') ?? env // `Bun.serve({ fetch: app.fetch })`
      return isBunServer(server) ? member(server.requestIP(request), 'address') : undefined
    }
    case 'workerd': // There `env` has the bindings of the Worker.
      return withoutPort(member(request, 'cf', 'clientIp'))
    case 'edge-light':
    case 'fastly':
    case 'other':
      return undefined
  }
}

function withoutPort(text: unknown): string | undefined {
  const [, inBrackets, dotted] = /^(?:\[([^\]]+)\]|([\d.]+)):\d+$/.exec(typeof text === 'string' ? text : '') ?? []
  return inBrackets ?? dotted
}

function member(of: unknown, ...names: readonly string[]): unknown {
  let value = of
  for (const name of names)
    value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
  return value
}

interface BunServer {
  requestIP(request: Request): unknown
}

function isBunServer(value: unknown): value is BunServer {
  return typeof value === 'object' && value !== null && 'requestIP' in value && typeof value.requestIP === 'function'
}
