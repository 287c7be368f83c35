import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { BOUND_MS, createSites, HOUR_MS, inMs } from './world.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-11-28T23:00:00Z'), toFake: ['Date'] })
  vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  vi.spyOn(console, 'error').mockImplementation(() => undefined)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const passes = (ms: number): void => void vi.setSystemTime(Date.now() + ms)
const openZone = (): object => ({ open: { zone: 'news' }, until: inMs(HOUR_MS) })
const openRoute = (route: string): object => ({ open: { route }, until: inMs(HOUR_MS) })

const FOREIGN = 'no.token.atall'

describe('a route that an operator opens', () => {
  it('is served to everyone, in every isolate within the bound, and is sold again at its end', async () => {
    const { isolate, lines } = await createSites()
    const [told, other] = [isolate(), isolate()]
    for (const one of [told, other]) expect((await one.send('/articles/1')).status).toBe(402)
    expect((await told.order(openRoute('/articles/*'))).status).toBe(200)
    expect((await told.send('/articles/1')).status).toBe(200)
    passes(BOUND_MS)
    for (const one of [told, other, isolate()]) {
      const served = await one.send('/articles/1')
      expect([served.status, served.text, served.headers.get('cache-control')]).toEqual([
        200,
        'the page',
        'private, no-cache',
      ])
      expect((await one.send('/sold/1')).status).toBe(402)
    }
    const opened = lines.filter(({ decision, exempt }) => decision === 'serve' && exempt === 'lever')
    expect(opened).toHaveLength(4)
    expect(
      opened.every(
        ({ route, charged, account }) => route === '/articles/*' && charged === undefined && account === undefined,
      ),
    ).toBe(true)
    passes(HOUR_MS)
    for (const one of [told, other, isolate()]) expect((await one.send('/articles/1')).status).toBe(402)
  })

  it('is sold again when that is taken back', async () => {
    const { isolate } = await createSites()
    const gate = isolate()
    await gate.order(openRoute('/articles/*'))
    await gate.order({ open: { route: '/articles/*' }, undo: true })
    expect((await gate.send('/articles/1')).status).toBe(402)
  })

  it('answers preflights itself, and closed routes, bad targets and unknown methods as ever', async () => {
    const { isolate } = await createSites({
      unmatched: 'closed',
      routes: [
        { path: '/articles/*', requires: 'premium', methods: ['GET'] },
        { path: '/gone/*', closed: true },
      ],
    })
    const gate = isolate()
    const headers = { origin: 'https://x.test', 'access-control-request-method': 'GET' }
    const all = async (): Promise<unknown> => [
      (await gate.send('/articles/1', { method: 'OPTIONS', headers })).status,
      (await gate.send('/gone/1')).status,
      (await gate.send('/else')).status,
      (await gate.send('/articles/1', { method: 'PUT' })).status,
      (await gate.send('/articles/%2e%2e%5cx')).status,
      (await gate.send('/articles/..%2fgone%2f1')).status,
    ]
    const before = await all()
    await gate.order(openZone())
    expect((await gate.send('/articles/1')).status).toBe(200)
    expect(await all()).toEqual(before)
    expect(before).toEqual([204, 403, 403, 403, 400, 400])
  })
})

describe('a whole zone that an operator opens', () => {
  it('opens what is on sale, and neither what is for some alone nor another zone', async () => {
    const { isolate } = await createSites()
    const gate = isolate()
    await gate.order(openZone())
    const statuses = async (host: string, paths: readonly string[]): Promise<number[]> => {
      const found: number[] = []
      for (const path of paths) found.push((await gate.send(`https://${host}${path}`)).status)
      return found
    }
    expect(await statuses('a.test', ['/articles/1', '/own/1', '/sold/1', '/free/1'])).toEqual([200, 200, 200, 200])
    expect(await statuses('a.test', ['/staff/1', '/gone/1'])).toEqual([402, 403])
    expect(await statuses('b.test', ['/articles/1', '/sold/1'])).toEqual([402, 402])
  })

  it('lets in every credential that would be refused, and passes none of them on', async () => {
    const { isolate, token } = await createSites()
    const gate = isolate()
    await gate.order(openZone())
    const refused = [
      await token({ exp: Math.floor(Date.now() / 1000) - 600, iat: Math.floor(Date.now() / 1000) - 900 }),
      await token({ entitlements: [] }),
      await token({ standing: 'past-due' }),
      await token({ aud: 'https://b.test' }),
      `${(await token()).slice(0, -12)}AAAAAAAAAAAA`,
      FOREIGN,
    ]
    for (const given of refused) {
      const served = await gate.ask('/own/1', given)
      expect([served.status, served.text], given).toEqual([200, 'the page'])
    }
    const inCookie = await gate.send('/own/1', { headers: { cookie: `__Host-faregate=${refused[0]}; theme=dark` } })
    expect(inCookie.status).toBe(200)
    for (const outgoing of gate.asked) {
      const sent = JSON.stringify([...outgoing.headers])
      // What names no issuer of the site is none of its tokens, and the origin's to judge.
      expect(refused.filter((given) => given !== FOREIGN && sent.includes(given))).toEqual([])
      expect(outgoing.headers.get('faregate-subject')).toBeNull()
    }
    expect(gate.asked.at(-1)?.headers.get('cookie')).toBe('theme=dark')
  })

  it('charges nobody, and knows its readers as before', async () => {
    const { isolate, token, lines } = await createSites()
    const gate = isolate()
    const paid = await token()
    await gate.order(openZone())
    for (let times = 0; times < 3; times++) expect((await gate.ask('/own/1', paid)).status).toBe(200)
    expect((await gate.ask('/sold/1', paid)).status).toBe(200)
    expect(new Set(gate.asked.map(({ headers }) => headers.get('faregate-subject')))).toEqual(new Set(['"ann"']))
    expect(lines.filter(({ charged }) => charged !== undefined)).toEqual([])
    await gate.order({ open: { zone: 'news' }, undo: true })
    expect((await gate.ask('/own/1', paid)).status).toBe(200)
    expect((await gate.ask('/own/1', paid)).body['reason']).toBe('usage-limit-reached')
  })

  it('spends no receipt', async () => {
    const { isolate, keys } = await createSites()
    const gate = isolate()
    const at = Math.floor(Date.now() / 1000)
    const { sign } = await import('../support/issuer.ts')
    const bought = {
      iss: 'https://billing.test',
      aud: 'https://a.test',
      jti: 'once',
      amount: '0.50',
      currency: 'EUR',
      resource: '/sold/*',
    }
    const ticket = await sign(keys.billing, { ...bought, iat: at, exp: at + 7200 }, { typ: 'payment+jwt' })
    await gate.order(openZone())
    expect((await gate.ask('/sold/1', ticket)).status).toBe(200)
    await gate.order({ open: { zone: 'news' }, undo: true })
    expect((await gate.ask('/sold/1', ticket)).status).toBe(200)
    expect((await gate.ask('/sold/1', ticket)).body['reason']).toBe('payment-spent')
  })

  it('serves readers whose credential cannot be known, as without one', async () => {
    const { isolate, token } = await createSites({
      issuers: [{ issuer: 'https://billing.test', jwks: { url: 'https://billing.test/jwks' } }],
    })
    vi.spyOn(globalThis, 'fetch').mockRejectedValue(new Error('billing is down'))
    const gate = isolate()
    const paid = await token()
    expect((await gate.ask('/articles/1', paid)).body['reason']).toBe('keys-unavailable')
    await gate.order(openZone())
    expect((await gate.ask('/articles/1', paid)).status).toBe(200)
  })

  it('stores the same copy for all as ever', async () => {
    const { isolate, token } = await createSites()
    const seen: unknown[] = []
    const gate = isolate((outgoing, admitted) => {
      const fields = [...outgoing.headers].filter(([name]) => name !== 'traceparent')
      seen.push([outgoing.url, fields, admitted.partition])
      return new Response('the page')
    })
    const paid = await token()
    await gate.ask('/articles/1', paid)
    await gate.order(openZone())
    await gate.send('/articles/1', { headers: { cookie: 'who=me' } })
    await gate.ask('/articles/1', paid)
    expect(seen[1]).toEqual(seen[0])
    expect(seen[2]).toEqual(seen[0])
  })

  it('is weaker than a route that is closed', async () => {
    const { isolate } = await createSites()
    const gate = isolate()
    await gate.order(openZone())
    await gate.order({ close: { route: '/articles/*' }, until: inMs(HOUR_MS) })
    expect((await gate.send('/articles/1')).body['reason']).toBe('temporarily-closed')
    expect((await gate.send('/sold/1')).status).toBe(200)
  })

  it('lets what was fetched ahead be, since nothing is counted', async () => {
    const { isolate, token } = await createSites()
    const gate = isolate()
    const headers = { authorization: `Bearer ${await token()}`, 'sec-purpose': 'prefetch' }
    expect((await gate.send('/own/1', { headers })).body['reason']).toBe('prefetch-declined')
    await gate.order(openZone())
    expect((await gate.send('/own/1', { headers })).status).toBe(200)
  })
})
