import { SignJWT } from 'jose'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createEmbeddedCache } from '../../src/cache/stage.ts'
import { createPurgeFeed } from '../../src/cache/purgenews.ts'
import type { ZoneOptions } from '../../src/config/options.ts'
import { ok } from '../../src/core/result.ts'
import { createGate } from '../../src/gate.ts'
import { account, bearer, credit, hold, purge } from '../../src/index.ts'
import type { LogRecord } from '../../src/logrecord.ts'
import { memory } from '../../src/platform/memory/index.ts'
import { compiled, ZONE } from '../support/compiled.ts'

const SECRET = '0123456789abcdef0123456789abcdef'
const ISSUER = 'https://billing.test'
const OPERATORS = 'https://operators.test'
const PRICE = { amount: '0.50', currency: 'EUR' }

async function sign(issuer: string, type: string, claims: Record<string, unknown>): Promise<string> {
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
function world() {
  const lines: LogRecord[] = []
  const bindings = { TOKEN_SECRET: SECRET, ACCOUNT_KEY: SECRET }
  const platform = memory(bindings, {}, { log: (written) => lines.push(...written) })
  const store = platform.copies(1024 * 1024)
  let asked = 0
  return { lines, deploy, originCalls: () => asked }

  /** Deploys a zone: isolates that know nothing yet. */
  function deploy(names: Pick<ZoneOptions, 'name' | 'id'>) {
    const zone: ZoneOptions = {
      ...ZONE,
      ...names,
      issuers: [{ issuer: ISSUER, secret: 'TOKEN_SECRET' }],
      operators: [{ issuer: OPERATORS, secret: 'TOKEN_SECRET' }],
      rails: [bearer()],
      routes: [
        { path: '/paid', requires: 'premium' },
        { path: '/metered', requires: 'premium', quotas: [{ name: 'requests', quota: 2, window: 'P1D' }] },
        { path: '/sold', price: PRICE, methods: ['POST'], cache: 'off' },
      ],
    }
    const endpoints = [account(), hold(), credit(), purge()]
    const options = { zones: [zone], endpoints, log: { accountKey: 'ACCOUNT_KEY' } }
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
    const send = async (path: string, token: string, init: RequestInit = {}) => {
      const headers = new Headers(init.headers)
      headers.set('authorization', `Bearer ${token}`)
      const response = await gate.answer(
        new Request(`https://a.test${path}`, { ...init, headers }),
        upstream,
        waitUntil,
      )
      const body = await response.text()
      while (work.length > 0) await Promise.all(work.splice(0))
      return { status: response.status, body }
    }
    const claims = { sub: 'ann', entitlements: ['premium'] }
    return {
      ask: async (path: string, init?: RequestInit) => send(path, await sign(ISSUER, 'entitlement+jwt', claims), init),
      order: async (scope: string, body: object) => {
        const token = await sign(OPERATORS, 'operator+jwt', { scope })
        const headers = { 'content-type': 'application/json' }
        return send(`/__faregate/${scope}`, token, { method: 'POST', headers, body: JSON.stringify(body) })
      },
    }
  }
}

type World = ReturnType<typeof world>
type Deployed = ReturnType<World['deploy']>

const BEFORE = { name: 'news' }
const KEPT = { name: 'press', id: 'news' }
const LOST = { name: 'press' }

const GRANT = { account: 'ann', ...PRICE, amount: '5', id: 'g1' }
const BUY = { method: 'POST', headers: { 'idempotency-key': 'k1' } }
interface Case {
  readonly what: string
  /** Done before the zone is renamed. */
  readonly before: (zone: Deployed) => Promise<unknown>
  /** What is found afterwards. */
  readonly after: (zone: Deployed, of: World) => Promise<unknown>
  readonly kept: unknown
  /** What a zone finds that begins anew. */
  readonly lost: unknown
}

const cases: readonly Case[] = [
  {
    what: 'the credit of its accounts',
    before: (zone) => zone.order('credit', GRANT),
    after: async (zone) => (await zone.ask('/__faregate/account')).body.includes('"amount":"5"'),
    kept: true,
    lost: false,
  },
  {
    what: 'what its accounts used of their quotas',
    before: async (zone) => [await zone.ask('/metered'), await zone.ask('/metered')],
    after: async (zone) => (await zone.ask('/metered')).status,
    kept: 402,
    lost: 200,
  },
  {
    what: 'holds',
    before: (zone) => zone.order('hold', { account: 'ann' }),
    after: async (zone) => (await zone.ask('/paid')).status,
    kept: 402,
    lost: 200,
  },
  {
    what: 'what was paid under a key',
    before: async (zone) => [await zone.order('credit', GRANT), await zone.ask('/sold', BUY)],
    after: async (zone) => (await zone.ask('/sold', BUY)).body.includes('credit-insufficient'),
    kept: false,
    lost: true,
  },
  {
    what: 'copies',
    before: (zone) => zone.ask('/paid'),
    after: async (zone, { originCalls }) => [(await zone.ask('/paid')).status, originCalls()],
    kept: [200, 1],
    lost: [200, 2],
  },
  {
    what: 'purges of copies',
    before: async (zone) => [await zone.ask('/paid'), await zone.order('purge', { everything: true })],
    after: async (zone, { originCalls }) => [(await zone.ask('/paid')).status, originCalls()],
    kept: [200, 2],
    lost: [200, 2],
  },
  {
    what: 'the hashes of its accounts in the log',
    before: (zone) => zone.ask('/paid'),
    after: async (zone, { lines }) => {
      await zone.ask('/paid')
      return new Set(lines.map((line) => line.account)).size
    },
    kept: 1,
    lost: 2,
  },
]

describe('a zone that is renamed', () => {
  beforeEach(() => void vi.spyOn(console, 'warn').mockImplementation(() => undefined))
  afterEach(() => void vi.restoreAllMocks())

  it.each(cases)('finds $what if its id is kept', async ({ before, after, kept }) => {
    const of = world()
    await before(of.deploy(BEFORE))
    expect(await after(of.deploy(KEPT), of)).toEqual(kept)
  })

  it.each(cases)('begins anew without its id: $what', async ({ before, after, lost }) => {
    const of = world()
    await before(of.deploy(BEFORE))
    expect(await after(of.deploy(LOST), of)).toEqual(lost)
  })

  it('is shown by its new name in the log', async () => {
    const { deploy, lines } = world()
    await deploy(KEPT).ask('/paid')
    expect(lines).toMatchObject([{ zone: 'press' }])
  })
})
