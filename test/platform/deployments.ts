import { SignJWT } from 'jose'
import { createEmbeddedCache } from '../../src/cache/stage.ts'
import { createPurgeFeed } from '../../src/cache/purgenews.ts'
import type { ZoneOptions } from '../../src/config/options.ts'
import type { SecretsOptions } from '../../src/config/secretsoptions.ts'
import { ok } from '../../src/core/result.ts'
import { createGate } from '../../src/gate.ts'
import { bearer, html, lookup } from '../../src/index.ts'
import type { LedgerOutside } from '../../src/ledger/host/outside.ts'
import type { LogRecord } from '../../src/logrecord.ts'
import { memory } from '../../src/platform/memory/index.ts'
import { compiled, ZONE } from '../support/compiled.ts'
import { ENDPOINTS } from '../support/endpoints.ts'

const SECRET = '0123456789abcdef0123456789abcdef'
export const ISSUER = 'https://billing.test'
const OPERATORS = 'https://operators.test'
export const PRICE = { amount: '0.50', currency: 'EUR' }

export async function sign(issuer: string, type: string, claims: Record<string, unknown>): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256', typ: type })
    .setIssuer(issuer)
    .setAudience(ZONE.audience)
    .setIssuedAt(now)
    .setExpirationTime(now + 600)
    .sign(new TextEncoder().encode(SECRET))
}

/** What outlives a deploy: the platform's objects, and the store of copies. */
export function createDeployments(outside: Partial<LedgerOutside> = {}) {
  const lines: LogRecord[] = []
  const bindings = {
    TOKEN_SECRET: SECRET,
    ACCOUNT_KEY: SECRET,
    GATE_SECRET: `gate ${SECRET}`,
    GATE_SECRET_2: `next ${SECRET}`,
  }
  const platform = memory(bindings, outside, { log: (written) => lines.push(...written) })
  const store = platform.copies(1024 * 1024)
  let asked = 0
  return { lines, platform, deploy, originCalls: () => asked }

  /** Deploys a zone: isolates that know nothing yet. */
  function deploy(
    names: Pick<ZoneOptions, 'name' | 'id'> = { name: 'news' },
    secrets: SecretsOptions = { gate: 'GATE_SECRET' },
  ) {
    const zone: ZoneOptions = {
      ...ZONE,
      ...names,
      issuers: [{ issuer: ISSUER, secret: 'TOKEN_SECRET' }],
      operators: [{ issuer: OPERATORS, secret: 'TOKEN_SECRET' }],
      rails: [bearer()],
      refusals: [html()],
      routes: [
        { path: '/paid', requires: 'premium' },
        { path: '/metered', requires: 'premium', quotas: [{ name: 'requests', quota: 2, window: 'P1D' }] },
        { path: '/sold', price: PRICE, methods: ['POST'], cache: 'off' },
      ],
    }
    const endpoints = [...ENDPOINTS, lookup()]
    const options = { zones: [zone], endpoints, secrets, log: { accountKey: 'ACCOUNT_KEY' } }
    const gate = createGate(ok(compiled(options, bindings)), platform)
    const feed = gate.services?.bulletins && createPurgeFeed(gate.services.bulletins)
    const cache = createEmbeddedCache(store, platform.clock, feed)
    const work: Promise<unknown>[] = []
    const waitUntil = (one: Promise<unknown>): void => void work.push(one)
    const upstream = {
      origin: cache.stage(async (_admitted, outgoing) => {
        await outgoing().text()
        asked += 1
        const fields = { etag: `"${asked}"`, 'cache-control': 'max-age=600' }
        return ok({ response: new Response('the page', { headers: fields }) })
      }, waitUntil),
      purge: (id: string, order: Parameters<typeof cache.purge>[1]) => cache.purge(id, order),
    }
    const send = async (path: string, token: string | undefined, init: RequestInit = {}) => {
      const headers = new Headers(init.headers)
      if (token !== undefined) headers.set('authorization', `Bearer ${token}`)
      const response = await gate.answer(
        new Request(`https://a.test${path}`, { ...init, headers }),
        upstream,
        waitUntil,
      )
      const body = await response.text()
      while (work.length > 0) await Promise.all(work.splice(0))
      return { status: response.status, body }
    }
    const orderWith = async (scope: string, path: string, body: object) => {
      const token = await sign(OPERATORS, 'operator+jwt', { scope })
      const headers = { 'content-type': 'application/json' }
      return send(`/__faregate/${path}`, token, { method: 'POST', headers, body: JSON.stringify(body) })
    }
    return {
      send,
      /** Asks as an account, by default as ann. */
      ask: async (path: string, init?: RequestInit, sub = 'ann') =>
        send(path, await sign(ISSUER, 'entitlement+jwt', { sub, entitlements: ['premium'] }), init),
      orderWith,
      order: (scope: string, body: object) => orderWith(scope, scope, body),
    }
  }
}
