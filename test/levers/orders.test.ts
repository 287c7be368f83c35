import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { applyLever, areLevers, type Lever, MOST_LEVERS } from '../../src/access/lever.ts'
import { levered } from '../../src/access/leverterms.ts'
import { type Route, routeName } from '../../src/access/route.ts'
import { createLevers } from '../../src/standing/levers.ts'
import { siteAt, compiled, ZONE } from '../support/compiled.ts'
import { createSites, HOUR_MS, inMs } from './world.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-11-28T23:00:00Z'), toFake: ['Date'] })
  vi.spyOn(console, 'warn').mockImplementation(() => undefined)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const ROUTE = { route: '/articles/*' }

describe('who may pull a lever', () => {
  it.each([
    ['nobody', undefined, 401],
    ['an operator without the scope', 'hold purge credit view', 403],
  ])('%s may not', async (_, scope, status) => {
    const { isolate, operatorToken } = await createSites()
    const gate = isolate()
    const given = scope === undefined ? 'none' : await operatorToken(scope)
    const order = await gate.order({ open: ROUTE, until: inMs(HOUR_MS) }, given)
    expect(order.status).toBe(status)
    expect((await gate.send('/articles/1')).status).toBe(402)
  })

  it('a reader may not, nor an operator of another zone', async () => {
    const { isolate, operatorToken, token, keys } = await createSites()
    const gate = isolate()
    const order = { open: ROUTE, until: inMs(HOUR_MS) }
    const ofOther = await operatorToken('levers', keys.stranger, 'https://b.test')
    expect((await gate.order(order, await token({ scope: 'levers' }))).status).toBe(401)
    expect((await gate.order(order, ofOther)).status).toBe(401)
    expect((await gate.order(order, await operatorToken('levers', keys.stranger))).status).toBe(401)
    expect((await gate.order(order, ofOther, 'https://b.test')).status).toBe(200)
    expect((await gate.send('https://b.test/articles/1')).status).toBe(200)
    expect((await gate.send('/articles/1')).status).toBe(402)
  })

  it("a script on a page of the site may not: it sends its reader's cookie, and its preflight is not answered", async () => {
    const { isolate, operatorToken } = await createSites()
    const gate = isolate()
    const given = await operatorToken('levers')
    const body = JSON.stringify({ open: ROUTE, until: inMs(HOUR_MS) })
    const headers = { cookie: `__Host-faregate=${given}`, 'content-type': 'application/json', origin: 'https://a.test' }
    expect((await gate.send('/__faregate/levers', { method: 'POST', headers, body })).status).toBe(401)
    const preflight = { origin: 'https://x.test', 'access-control-request-method': 'POST' }
    const asked = await gate.send('/__faregate/levers', { method: 'OPTIONS', headers: preflight })
    expect([asked.status, asked.headers.get('access-control-allow-origin')]).toEqual([405, null])
    expect((await gate.send(`/__faregate/levers?open=x&token=${given}`)).status).toBe(401)
  })

  it('who may view may see the levers, and others may not', async () => {
    const { isolate } = await createSites()
    const gate = isolate()
    await gate.order({ open: ROUTE, until: inMs(HOUR_MS) })
    const shown = { zone: 'news', levers: [{ open: ROUTE, since: { at: '2026-11-28T23:00:00.000Z' } }] }
    for (const scope of ['levers', 'view']) {
      const found = await gate.shown(scope)
      expect([found.status, found.body]).toMatchObject([200, shown])
    }
    expect((await gate.shown('hold')).status).toBe(403)
    expect((await gate.send('/__faregate/levers')).status).toBe(401)
    vi.setSystemTime(Date.now() + HOUR_MS)
    expect((await gate.shown()).body).toEqual({ zone: 'news', levers: [] })
  })
})

describe('an order', () => {
  const wrong: readonly (readonly [string, () => unknown, string])[] = [
    ['of nothing', () => ({}), 'one of open and close'],
    ['of both', () => ({ open: ROUTE, close: ROUTE, until: inMs(HOUR_MS) }), 'one of open and close'],
    ['without an end', () => ({ open: ROUTE }), 'until: expected a date'],
    ['with an end in the past', () => ({ open: ROUTE, until: inMs(-1000) }), 'until: expected a time to come'],
    ['with its end now', () => ({ open: ROUTE, until: inMs(0) }), 'until: expected a time to come'],
    ['to open for more than a day', () => ({ open: ROUTE, until: inMs(24 * HOUR_MS + 1000) }), 'within 24 hours'],
    ['to close for more than a week', () => ({ close: ROUTE, until: inMs(168 * HOUR_MS + 1000) }), 'within 168 hours'],
    ['with a number for its end', () => ({ open: ROUTE, until: Date.now() + HOUR_MS }), 'until: expected a date'],
    [
      'with an end without a zone of time',
      () => ({ open: ROUTE, until: '2026-11-29T00:00:00' }),
      'until: expected a date',
    ],
    [
      'of an unknown route',
      () => ({ open: { route: '/articles' }, until: inMs(HOUR_MS) }),
      'open.route: expected a route',
    ],
    ['of another zone', () => ({ open: { zone: 'other' }, until: inMs(HOUR_MS) }), 'open.zone: expected the name'],
    ['to close a zone', () => ({ close: { zone: 'news' }, until: inMs(HOUR_MS) }), 'close: zone'],
    ['of two routes', () => ({ close: { route: '/a', model: 'b' }, until: inMs(HOUR_MS) }), 'expected one of'],
    [
      'of an unknown model',
      () => ({ close: { model: 'gpt' }, until: inMs(HOUR_MS) }),
      'no route of this zone has a model',
    ],
    [
      'of an unknown provider',
      () => ({ close: { provider: '__proto__' }, until: inMs(HOUR_MS) }),
      'no route of this zone has',
    ],
    ['of the prototype', () => ({ open: { route: 'constructor' }, until: inMs(HOUR_MS) }), 'expected a route'],
    ['with a name that is none', () => ({ open: { route: ['/articles/*'] }, until: inMs(HOUR_MS) }), 'a name as text'],
    ['to open what is for some', () => ({ open: { route: '/staff/*' }, until: inMs(HOUR_MS) }), 'cannot be opened'],
    ['to open what is free', () => ({ open: { route: '/free/*' }, until: inMs(HOUR_MS) }), 'cannot be opened'],
    ['to open what is closed', () => ({ open: { route: '/gone/*' }, until: inMs(HOUR_MS) }), 'cannot be opened'],
    ['with another member', () => ({ open: ROUTE, until: inMs(HOUR_MS), force: true }), 'force: not one of'],
    ['to undo with an end', () => ({ open: ROUTE, until: inMs(HOUR_MS), undo: true }), 'nothing beside undo'],
    ['to undo perhaps', () => ({ open: ROUTE, undo: 'yes' }), 'undo: expected'],
    ['that is a list', () => [ROUTE], 'not an object'],
  ]
  it.each(wrong)('%s is 400, says why, and leaves no record', async (_, body, why) => {
    const { isolate } = await createSites()
    const gate = isolate()
    const order = await gate.order(body())
    expect([order.status, order.body['detail']]).toEqual([400, expect.stringContaining(why)])
    expect((await gate.shown()).body['levers']).toEqual([])
    expect(await gate.audit()).toEqual([])
  })

  it('names a route with unusual characters as the log does', async () => {
    const routes = [
      { path: '/caf%C3%A9/~-.x/*', requires: 'premium' },
      { path: '/q', query: { id: true }, requires: 'premium' },
    ]
    const { isolate, lines } = await createSites({ routes })
    const gate = isolate()
    await gate.send('/caf%C3%A9/~-.x/1')
    await gate.send('/q?id=1')
    const names = lines.flatMap(({ decision, route }) => (decision === 'refuse' && route !== undefined ? [route] : []))
    expect(names).toHaveLength(2)
    for (const route of names) expect((await gate.order({ open: { route }, until: inMs(HOUR_MS) })).status).toBe(200)
    expect((await gate.send('/caf%C3%A9/~-.x/1')).status).toBe(200)
    expect((await gate.send('/q?id=1')).status).toBe(200)
  })

  it('with another end is another order: the latest one counts, if its end is sooner too', async () => {
    const { isolate } = await createSites()
    const gate = isolate()
    await gate.order({ open: ROUTE, until: inMs(2 * HOUR_MS) })
    const shorter = await gate.order({ open: ROUTE, until: inMs(HOUR_MS) })
    expect(shorter.body).toMatchObject({ isRepeat: false, levers: [{ until: { at: '2026-11-29T00:00:00.000Z' } }] })
    expect(await gate.audit()).toHaveLength(2)
  })

  it('given twice at once is recorded once', async () => {
    const { isolate } = await createSites()
    const gates = [isolate(), isolate(), isolate()]
    const until = inMs(HOUR_MS)
    const answers = await Promise.all(gates.map((gate) => gate.order({ open: ROUTE, until })))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(await isolate().audit()).toHaveLength(1)
  })

  it('is one of a bounded number, which isolates agree on', async () => {
    const routes = Array.from({ length: MOST_LEVERS + 1 }, (_, at) => ({ path: `/n${at}`, requires: 'premium' }))
    const { isolate } = await createSites({ routes })
    const gate = isolate()
    const order = (at: number): ReturnType<typeof gate.order> =>
      gate.order({ close: { route: `/n${at}` }, until: inMs(HOUR_MS) })
    for (let at = 0; at < MOST_LEVERS; at++) expect((await order(at)).status).toBe(200)
    const full = await order(MOST_LEVERS)
    expect([full.status, full.body['detail']]).toEqual([409, expect.stringContaining('64 levers')])
    expect((await isolate().send(`/n${MOST_LEVERS}`)).status).toBe(402)
    await gate.order({ close: { route: '/n0' }, undo: true })
    expect((await order(MOST_LEVERS)).status).toBe(200)
  })
})

const sayOf = ({ terms }: Route): unknown =>
  terms.kind === 'closed' ? [terms.lever?.untilMs, terms.lever?.refusal.retryAfterSeconds] : terms.kind

describe('levers by rule', () => {
  const lever = (name: string, untilMs: number, kind: Lever['kind'] = 'close'): Lever => ({
    kind,
    of: 'route',
    name,
    sinceMs: 0,
    untilMs,
  })

  it('ten thousand orders leave as many as there is room for, and ended ones make room', () => {
    let levers: readonly Lever[] | undefined
    for (let at = 0; at < 10_000; at++) levers = applyLever(levers, { lever: lever(`/${at}`, 100) }, 0)
    expect(levers).toHaveLength(MOST_LEVERS)
    expect(applyLever(levers, { lever: lever('/late', 200) }, 0)).toBe(levers)
    expect(applyLever(levers, { lever: lever('/late', 200) }, 100)).toEqual([lever('/late', 200)])
  })

  it('what changes nothing returns the same', () => {
    const before = [lever('/a', 100)]
    expect(applyLever(before, { lever: lever('/a', 100) }, 0)).toBe(before)
    expect(applyLever(before, { lever: lever('/b', 0), isUndone: true }, 0)).toBe(before)
    expect(applyLever(undefined, { lever: lever('/b', 0), isUndone: true }, 0)).toBeUndefined()
    expect(applyLever(before, { lever: lever('/a', 0), isUndone: true }, 0)).toEqual([])
  })

  it('are made of a route once, until one ends or the time to wait changes', () => {
    const { unmatched: route } = siteAt(compiled({ zones: [ZONE] }), 'a.test').zone.routes
    const name = routeName(route)
    const bulletins = { glance: () => ({ known: { head: { levers: given } }, asOf: now, failedAt: 0 }) }
    const levers = createLevers(bulletins as never)
    const zone = { standing: { boundMs: 5000 } } as never
    let now = 0
    let given: readonly Lever[] = [lever(name, 400_000), lever('/other', 1000, 'open')]
    const applied = () => levers.apply(route, zone, { now, waitUntil: () => undefined }) as Route
    const closed = applied()
    expect(closed.terms.kind).toBe('closed')
    given = structuredClone(given)
    now = 999
    expect(applied()).toBe(closed)
    now = 1000 // the other lever has ended
    const after = applied()
    expect(after).not.toBe(closed)
    expect([after, closed].map(({ terms }) => terms.kind)).toEqual(['closed', 'closed'])
    // What is kept is what would be made anew, at each time until the end and after it.
    for (now = 1000; now <= 401_000; now += 125) expect(sayOf(applied())).toEqual(sayOf(levered(route, given, now)))
    now = 1000 // the clock ran back
    expect(sayOf(applied())).toEqual(sayOf(levered(route, given, now)))
    given = [lever(name, 5000)]
    expect(sayOf(applied())).toEqual(sayOf(levered(route, given, now)))
    given = []
    expect(applied().terms).toBe(route.terms)
  })

  it('what a later version knows is taken, and changes nothing here', () => {
    const later = [{ kind: 'slow', of: 'planet', name: 'x', sinceMs: 0, untilMs: 9 }]
    expect(areLevers(later)).toBe(true)
    const { unmatched } = siteAt(compiled({ zones: [ZONE] }), 'a.test').zone.routes
    expect(levered(unmatched, later as never, 0)).toEqual(unmatched)
    for (const bad of [{}, [null], [{ ...lever('/a', 1), untilMs: Number.NaN }], [{ kind: 1 }]])
      expect(areLevers(bad)).toBe(false)
  })
})
