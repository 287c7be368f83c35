import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createApp } from '../../../src/gate.ts'
import { createMemoryStore } from '../../../src/cache/memorystore.ts'
import { createEmbeddedCache } from '../../../src/cache/stage.ts'
import { err } from '../../../src/core/result.ts'
import type { Objects } from '../../../src/ports.ts'
import { ENDPOINTS } from '../../support/endpoints.ts'
import { createBackground, newServices, worldOrigin, realObjects } from '../../support/services.ts'
import { withToken, createWorld, eventsClaim, postEvent, type World } from '../../support/world.ts'

const BOUND = 5000

let world: World
/** Each test has an account of its own, for all of them share one bulletin. */
let account: string

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  world = await createWorld()
  world.origin = () =>
    new Response('the paid page', { headers: { etag: '"1"', 'cache-control': 'public, max-age=3600' } })
  account = `account ${crypto.randomUUID()}`
})
afterEach(() => {
  world.end()
  vi.useRealTimers()
})

type Ask = (path: string, init?: RequestInit) => Promise<Response>

/** One isolate of the gate: what it has in memory is its own, and its objects are everyone's. */
function isolate(given = realObjects()): Ask {
  const app = createApp(newServices(given), ENDPOINTS)
  const { waitUntil, settled } = createBackground()
  const cache = createEmbeddedCache(createMemoryStore(1024 * 1024), () => Date.now())
  const behind = { origin: cache.stage(worldOrigin(world), waitUntil), purge: async () => true }
  return async (path, init = {}) => {
    const request = new Request(`https://news.test${path}`, { redirect: 'manual', ...init })
    const response = await app(request, behind, waitUntil)
    const whole = new Response(response.status === 304 ? null : await response.text(), response)
    await settled()
    return whole
  }
}

/** Later by so long; nothing here waits for a timer. */
function pass(ms: number): void {
  vi.setSystemTime(Date.now() + ms)
}

const seconds = (): number => Math.floor(Date.now() / 1000)

/** Tells what happened, as billing does; it is in force when this is over. */
async function tell(gate: Ask, events: Record<string, unknown>, claims: Record<string, unknown> = {}): Promise<void> {
  const event = await world.event({ sub: account, events: eventsClaim(events), ...claims })
  const response = await gate('/__faregate/events', postEvent(event))
  if (response.status !== 202) throw new Error(await response.text())
}

async function reasonOf(response: Response): Promise<unknown> {
  if (response.status === 200 || response.status === 304) return response.status
  return (await response.json<{ reason: unknown }>()).reason
}

const token = (claims: Record<string, unknown> = {}): Promise<string> => world.token({ sub: account, ...claims })

/** What takes away, and the reason of the refusals that follow. */
const takes: [string, (jti: string) => Record<string, unknown>, string][] = [
  ['past-due', () => ({ 'standing-changed': { standing: 'past-due' } }), 'payment-declined'],
  ['inactive', () => ({ 'standing-changed': { standing: 'inactive' } }), 'subscription-inactive'],
  ['on-hold', () => ({ 'standing-changed': { standing: 'on-hold' } }), 'security-hold'],
  ['without the entitlement', () => ({ 'entitlements-changed': { entitlements: ['x'] } }), 'entitlement-insufficient'],
  ['with its token revoked', (jti) => ({ 'tokens-revoked': { jtis: [jti] } }), 'subscription-inactive'],
  ['with all before revoked', () => ({ 'tokens-revoked': { before: seconds() } }), 'subscription-inactive'],
  ['held', () => ({ 'hold-placed': {} }), 'security-hold'],
]

describe('an account that is', () => {
  it.each(takes)('%s gets nothing more: here at once, elsewhere after the bound', async (_what, events, reason) => {
    const [one, other] = [isolate(), isolate()]
    const jti = crypto.randomUUID()
    const mine = withToken(await token({ jti }))
    const page = `/articles/${jti}`
    for (const gate of [one, other, other]) {
      const served = await gate(page, mine)
      expect([served.status, served.headers.get('cache-control')]).toEqual([200, 'private, no-cache'])
    }
    const again = { headers: { ...mine.headers, 'if-none-match': '"1"' } }
    expect((await other(page, again)).status).toBe(304)
    await tell(one, events(jti))
    expect(await reasonOf(await one(page, mine))).toBe(reason)
    expect(await reasonOf(await other('/metered/1', mine))).toBe(reason)
    pass(BOUND)
    // What is in memory, what the browser has, what is stored nowhere, and what it has not asked for before.
    const asked = world.received.length
    expect(await reasonOf(await other(page, mine))).toBe(reason)
    expect(await reasonOf(await other(page, again))).toBe(reason)
    for (const path of [`/articles/other-${jti}`, `/mine/${jti}`])
      expect(await reasonOf(await other(path, mine))).toBe(reason)
    expect(world.received.length).toBe(asked)
    expect(await reasonOf(await isolate()(page, mine))).toBe(reason)
  })

  it('active again gets what it had', async () => {
    const [one, other] = [isolate(), isolate()]
    const mine = withToken(await token())
    for (const [standing, status] of [
      ['inactive', 402],
      ['active', 200],
    ] as const) {
      pass(1000)
      await tell(one, { 'standing-changed': { standing } })
      expect((await one('/articles/1', mine)).status).toBe(status)
      pass(BOUND)
      for (const path of ['/articles/1', '/metered/1']) expect((await other(path, mine)).status).toBe(status)
    }
  })

  it('no longer held gets what it had', async () => {
    const [one, other] = [isolate(), isolate()]
    const mine = withToken(await token())
    await tell(one, { 'hold-placed': {} })
    pass(BOUND)
    expect((await other('/articles/1', mine)).status).toBe(402)
    await tell(one, { 'hold-lifted': {} })
    expect((await one('/articles/1', mine)).status).toBe(200)
    pass(BOUND)
    for (const path of ['/articles/1', '/metered/1']) expect((await other(path, mine)).status).toBe(200)
  })

  it('given an entitlement gets what it opens', async () => {
    const [one, other] = [isolate(), isolate()]
    const mine = withToken(await token({ entitlements: [] }))
    expect((await other('/articles/1', mine)).status).toBe(402)
    pass(1000) // of what is said in one second the stricter counts
    await tell(one, { 'entitlements-changed': { entitlements: ['premium'] } })
    expect((await one('/articles/1', mine)).status).toBe(200)
    pass(BOUND)
    for (const path of ['/articles/1', '/metered/1']) expect((await other(path, mine)).status).toBe(200)
  })

  it('signed a new token is judged by that, but held all the same', async () => {
    const [one, other] = [isolate(), isolate()]
    const all = { 'standing-changed': { standing: 'inactive' }, 'tokens-revoked': {} }
    await tell(one, all)
    pass(BOUND)
    const newer = withToken(await token())
    for (const path of ['/articles/1', '/metered/1']) expect((await other(path, newer)).status).toBe(200)
    await tell(one, { 'hold-placed': {} })
    pass(BOUND)
    const newest = withToken(await token())
    for (const path of ['/articles/1', '/metered/1'])
      expect(await reasonOf(await other(path, newest))).toBe('security-hold')
  })
})

describe('a token that was revoked by a clock that is an hour behind', () => {
  it('opens nothing for as long as it would have', async () => {
    const [one, other] = [isolate(), isolate()]
    const jti = crypto.randomUUID()
    const mine = withToken(await token({ jti, exp: seconds() + 86_400 }))
    const behind = seconds() - 3600
    await tell(one, { 'tokens-revoked': { jti } }, { sub: undefined, iat: behind, toe: behind })
    pass(86_300_000)
    for (const gate of [other, isolate()])
      expect(await reasonOf(await gate('/articles/1', mine))).toBe('subscription-inactive')
  })
})

describe('a request whose content has to be read', () => {
  /** Sent under a key, its content is read first; it ends when this is called. */
  async function slowly(gate: Ask, claims: Record<string, unknown>): Promise<() => Promise<Response>> {
    const { readable, writable } = new TransformStream<Uint8Array>()
    const writer = writable.getWriter()
    const headers = { ...withToken(await token(claims)).headers, 'idempotency-key': crypto.randomUUID() }
    const answer = gate('/metered/1', { method: 'POST', headers, body: readable })
    await writer.write(new TextEncoder().encode('half of it'))
    return async () => {
      await writer.close()
      return answer
    }
  }

  it('is judged as of when it was read: its client may take longer than the token lasts', async () => {
    const gate = isolate()
    const [kept, end] = [await slowly(gate, {}), await slowly(gate, {})]
    expect((await kept()).status).toBe(200)
    pass(7_200_000)
    expect(await reasonOf(await end())).toBe('credential-expired')
  })

  it('opens nothing with a token that was revoked meanwhile, though no account was named', async () => {
    const gate = isolate()
    const jti = crypto.randomUUID()
    const end = await slowly(gate, { jti })
    await tell(gate, { 'tokens-revoked': { jti } }, { sub: undefined })
    expect(await reasonOf(await end())).toBe('subscription-inactive')
    expect(world.received).toEqual([])
  })
})

describe('a receipt', () => {
  const paid = (more: Record<string, unknown>): Promise<string> =>
    world.receipt({ amount: '1', currency: 'USD', resource: '/*', uses: 4, ...more })

  it('that was revoked opens nothing', async () => {
    const [one, other] = [isolate(), isolate()]
    const jti = crypto.randomUUID()
    const mine = withToken(await paid({ jti }))
    expect((await other('/reports/1', mine)).status).toBe(200)
    await tell(one, { 'tokens-revoked': { jti } }, { sub: undefined })
    for (const gate of [one, other])
      expect(await reasonOf(await gate('/reports/1', mine))).toBe('subscription-inactive')
    pass(BOUND)
    expect(await reasonOf(await other('/reports/1', mine))).toBe('subscription-inactive')
  })

  it('of a payer who is held opens nothing after the bound, and one of nobody is not touched', async () => {
    const [one, other] = [isolate(), isolate()]
    const [theirs, nobodys] = [
      withToken(await paid({ jti: crypto.randomUUID(), sub: account })),
      withToken(await paid({ jti: crypto.randomUUID() })),
    ]
    await tell(one, { 'hold-placed': {} })
    pass(BOUND)
    expect(await reasonOf(await other('/reports/1', theirs))).toBe('security-hold')
    expect((await other('/reports/1', nobodys)).status).toBe(200)
  })
})

describe('a bulletin that cannot be read', () => {
  const brokenObjects = (): Objects => ({
    ...realObjects(),
    bulletins: () => ({
      post: async () => err('ledger-unavailable'),
      delta: async () => err('ledger-unavailable'),
      order: async () => err('ledger-unavailable'),
    }),
  })

  it('refuses what is paid, and serves what is free as to anyone', async () => {
    const gate = isolate(brokenObjects())
    const mine = withToken(await token())
    const refused = await gate('/articles/1', mine)
    expect([refused.status, await reasonOf(refused)]).toEqual([503, 'standing-unavailable'])
    expect((await gate('/free/1', mine)).status).toBe(200)
    expect(world.received.at(-1)?.headers.get('faregate-subject')).toBe(null)
    const anonymous = await gate('/articles/1')
    expect([anonymous.status, await reasonOf(anonymous)]).toEqual([402, 'payment-required'])
  })

  it('is not asked about a token that is out of its time', async () => {
    const bulletins = vi.fn(brokenObjects().bulletins)
    const gate = isolate({ ...brokenObjects(), bulletins })
    const late = withToken(await token({ iat: seconds() - 7200, exp: seconds() - 3600 }))
    expect(await reasonOf(await gate('/articles/1', late))).toBe('credential-expired')
    expect(bulletins).not.toHaveBeenCalled()
  })
})

describe('a route that is not metered', () => {
  it('calls no ledger, of those who are named and of those who are not', async () => {
    const ledgers = vi.fn(realObjects().ledgers)
    const [one, other] = [isolate(), isolate({ ...realObjects(), ledgers })]
    await tell(one, { 'standing-changed': { standing: 'past-due' } })
    expect((await other('/articles/1', withToken(await token()))).status).toBe(402)
    const unnamed = withToken(await token({ sub: crypto.randomUUID(), jti: crypto.randomUUID() }))
    expect((await other('/articles/1', unnamed)).status).toBe(200)
    expect(ledgers).not.toHaveBeenCalled()
  })
})
