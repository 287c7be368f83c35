import { exports } from 'cloudflare:workers'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { type MockInstance, vi } from 'vitest'
import { packed } from './statuslist.ts'

/** Everything outside the gate: an issuer that signs, an origin that answers, and the log. */
export interface World {
  /** A token as the issuer signs it; `claims` are laid over good ones. */
  readonly token: (claims?: Record<string, unknown>) => Promise<string>
  /** The same for an operator token, */
  readonly operator: (claims?: Record<string, unknown>) => Promise<string>
  /** for an event, which is signed as something else with another `typ`, */
  readonly event: (claims?: Record<string, unknown>, typ?: string) => Promise<string>
  /** and for a receipt. */
  readonly receipt: (claims: Record<string, unknown>) => Promise<string>
  /** What reached the origin, in order. */
  readonly received: Request[]
  /** What the origin answers from now on. */
  origin: (request: Request) => Response | Promise<Response>
  /** What the issuer answers at its `/status/…`. */
  status: (request: Request) => Response | Promise<Response>
  /** A status list of two bits for each token, as the issuer signs it for this URL. */
  readonly statusList: (url: string, statuses: readonly number[]) => Promise<Response>
  readonly log: MockInstance
  readonly end: () => void
}

const ISSUER = 'https://billing.test'
const KID = 'test-key'
// One key for all tests of a file: the Worker keeps the keys that it has fetched.
const pair = generateKeyPair('ES256', { extractable: true })

/** Puts a world around the Worker under test: nothing it fetches leaves the process. */
export async function createWorld(): Promise<World> {
  const { privateKey, publicKey } = await pair
  const jwk = { ...(await exportJWK(publicKey)), kid: KID, alg: 'ES256', use: 'sig' }
  const fetching = vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const request = new Request(input, init)
    if (request.url.startsWith(`${ISSUER}/status/`)) return world.status(request)
    if (request.url.startsWith(ISSUER)) return Response.json({ keys: [jwk] })
    world.received.push(request)
    return world.origin(request)
  })
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined)
  const world: World = {
    token: (claims = {}) => sign(privateKey, { ...READER, ...claims }, 'entitlement+jwt'),
    receipt: (claims) => sign(privateKey, claims, 'payment+jwt'),
    operator: (claims = {}) => sign(privateKey, { scope: 'purge', ...claims }, 'operator+jwt'),
    event: (claims = {}, typ = 'secevent+jwt') => {
      const good = { jti: crypto.randomUUID(), toe: Math.floor(Date.now() / 1000), sub: READER.sub, exp: undefined }
      return sign(privateKey, { ...good, ...claims }, typ)
    },
    statusList: async (url, statuses) => {
      const claims = { sub: url, exp: undefined, ttl: 300, status_list: await packed(2, statuses) }
      return new Response(await sign(privateKey, claims, 'statuslist+jwt'))
    },
    status: () => new Response('no such list', { status: 404 }),
    received: [],
    origin: () => new Response('the paid page', { headers: { 'content-type': 'text/plain', etag: '"1"' } }),
    log,
    end: () => {
      fetching.mockRestore()
      log.mockRestore()
    },
  }
  return world
}

const READER = { sub: 'account-7', entitlements: ['premium'], plan: 'Gold' }

function sign(key: CryptoKey, claims: Record<string, unknown>, typ: string): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  const good = { iss: ISSUER, aud: 'https://news.test', iat: now, exp: now + 3600 }
  const payload = Object.fromEntries(Object.entries({ ...good, ...claims }).filter(([, value]) => value !== undefined))
  return new SignJWT(payload).setProtectedHeader({ alg: 'ES256', typ, kid: KID }).sign(key)
}

/** What was logged, line by line. */
export function linesOf({ log }: World): Record<string, unknown>[] {
  return log.mock.calls.map(([line]) => JSON.parse(String(line)) as Record<string, unknown>)
}

/** Asks the Worker, as the runtime would. */
export function ask(path: string, init: RequestInit & { host?: string } = {}): Promise<Response> {
  return exports.default.fetch(
    new Request(`${init.host ?? 'https://news.test'}${path}`, { redirect: 'manual', ...init }),
  )
}

export function withToken(token: string): { headers: Record<string, string> } {
  return { headers: { authorization: `Bearer ${token}` } }
}

/** An operator's order, to be sent to one of the endpoints for them. */
export function postOrder(token: string, body: unknown): RequestInit {
  const headers = { ...withToken(token).headers, 'content-type': 'application/json' }
  return { method: 'POST', headers, body: JSON.stringify(body) }
}

/** An event, as billing posts it. */
export function postEvent(event: string): RequestInit {
  return { method: 'POST', headers: { 'content-type': 'application/secevent+jwt' }, body: event }
}

/** The `events` claim of an event that says this, by the names of the gate's own kinds. */
export function eventsClaim(what: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(what).map(([name, payload]) => [`urn:faregate:event:${name}`, payload]))
}
