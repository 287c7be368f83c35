import type { AdmittedRequest, BulletinStores, Origin } from '../../src/ports.ts'
import { ok } from '../../src/core/result.ts'
import { createGate } from '../../src/gate.ts'
import { bearer, credit, explain, levers, lookup, purge, receipt } from '../../src/index.ts'
import type { LogRecord } from '../../src/logrecord.ts'
import { memory } from '../../src/platform/memory/index.ts'
import { compiled, ZONE } from '../support/compiled.ts'
import { makeKeys, sign, type TestKey } from '../support/issuer.ts'

export const ISSUER = 'https://billing.test'
export const HOUR_MS = 3_600_000
export const BOUND_MS = 5000
const ENV = { GATE_SECRET: 'a secret of the gate of thirty-two bytes or more' }

/** Returns a time as an order writes it. */
export function inMs(ms: number): string {
  return new Date(Date.now() + ms).toISOString()
}

export interface LeverAnswer {
  readonly status: number
  readonly body: Record<string, unknown>
  readonly text: string
  readonly headers: Headers
}

/** A site with levers, and another beside it. Isolates share a store, and time is the test's. */
export async function createSites(change: Readonly<Record<string, unknown>> = {}, more: readonly unknown[] = []) {
  const [billing, operator, stranger] = await makeKeys('billing', 'operator', 'stranger')
  const lines: LogRecord[] = []
  const store = { isDown: false, posts: 0 }
  const platform = memory(ENV, {}, { log: (written) => lines.push(...written) })
  const bulletins: BulletinStores = (zone, place) => {
    if (store.isDown || platform.bulletins === undefined) throw new Error('the store is down')
    return platform.bulletins(zone, place)
  }
  const zone = {
    ...ZONE,
    name: 'news',
    issuers: [{ issuer: ISSUER, keys: [billing.jwk] }],
    operators: [{ issuer: ISSUER, keys: [operator.jwk] }],
    rails: [bearer(), receipt()],
    routes: [
      { path: '/articles/*', requires: 'premium' },
      {
        path: '/own/*',
        requires: 'premium',
        cache: 'off' as const,
        quotas: [{ name: 'requests', quota: 1, window: 'P1D' as const }],
      },
      { path: '/sold/*', price: { amount: '0.50', currency: 'EUR' }, cache: 'off' as const },
      { path: '/staff/*', requires: 'staff', offer: false as const },
      { path: '/gone/*', closed: true as const },
      { path: '/free/*', free: true as const },
    ],
    ...change,
  }
  const other = {
    ...zone,
    name: 'other',
    hosts: ['b.test'],
    audience: 'https://b.test',
    operators: [{ issuer: ISSUER, keys: [stranger.jwk] }],
  }
  const config = {
    zones: [zone, other, ...more],
    secrets: { gate: 'GATE_SECRET' },
    endpoints: [levers(), explain(), lookup(), purge(), credit()],
  }
  const keys = { billing, operator, stranger }
  const operatorToken = (scope: string, key: TestKey = operator, audience = ZONE.audience): Promise<string> => {
    const at = Math.floor(Date.now() / 1000)
    return sign(key, { iss: ISSUER, aud: audience, iat: at, exp: at + 600, sub: 'ops', scope }, { typ: 'operator+jwt' })
  }
  const token = (claims: Readonly<Record<string, unknown>> = {}): Promise<string> => {
    const at = Math.floor(Date.now() / 1000)
    const common = { iss: ISSUER, aud: ZONE.audience, iat: at, exp: at + 6 * 3600, sub: 'ann' }
    return sign(billing, { ...common, entitlements: ['premium'], ...claims })
  }
  return { lines, store, keys, isolate, operatorToken, token, platform }

  /** A new isolate: it remembers nothing. */
  function isolate(page: (outgoing: Request, admitted: AdmittedRequest) => Response = () => new Response('the page')) {
    const gate = createGate(ok(compiled(config as never, ENV)), { ...platform, bulletins })
    const work: Promise<unknown>[] = []
    const asked: Request[] = []
    const origin: Origin = async (admitted, outgoing) => {
      const request = outgoing()
      asked.push(request)
      return ok({ response: page(request, admitted) })
    }
    const upstream = { origin, purge: async () => true }
    const open = (path: string, init: RequestInit = {}): Promise<Response> | Response =>
      gate.answer(
        new Request(path.startsWith('/') ? `https://a.test${path}` : path, init),
        upstream,
        (one) => void work.push(one),
      )
    const settle = async (): Promise<void> => {
      while (work.length > 0) await Promise.all(work.splice(0))
    }
    const send = async (path: string, init: RequestInit = {}): Promise<LeverAnswer> => {
      const response = await open(path, init)
      const text = await response.text()
      await settle()
      const body = text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {}
      return { status: response.status, body, text, headers: response.headers }
    }
    const withToken = (given: string, more: Readonly<Record<string, string>> = {}): Headers =>
      new Headers({ authorization: `Bearer ${given}`, ...more })
    return {
      asked,
      open,
      send,
      settle,
      ask: (path: string, given: string, init: RequestInit = {}) => send(path, { ...init, headers: withToken(given) }),
      order: async (body: unknown, given?: string, host = '') =>
        send(`${host}/__faregate/levers`, {
          method: 'POST',
          headers: withToken(given ?? (await operatorToken('levers')), { 'content-type': 'application/json' }),
          body: JSON.stringify(body),
        }),
      shown: async (scope = 'levers') => send('/__faregate/levers', { headers: withToken(await operatorToken(scope)) }),
      audit: async () => {
        const found = await send('/__faregate/lookup', {
          method: 'POST',
          headers: withToken(await operatorToken('view'), { 'content-type': 'application/json' }),
          body: '{"site":true}',
        })
        return (
          found.body['site'] as { audit: { records: readonly Record<string, unknown>[] } }
        ).audit.records.toReversed()
      },
    }
  }
}
