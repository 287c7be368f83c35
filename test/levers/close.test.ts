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
const CLOSE = { close: { route: '/articles/*' } }

describe('a route that an operator closes', () => {
  it('is refused to everyone, here at once, in every isolate within the bound, and is back at its end', async () => {
    const { isolate, token } = await createSites()
    const [told, other] = [isolate(), isolate()]
    const paid = await token()
    for (const one of [told, other]) expect((await one.ask('/articles/1', paid)).status).toBe(200)
    const until = inMs(HOUR_MS)
    const order = await told.order({ ...CLOSE, until })
    expect([order.status, order.body]).toMatchObject([
      200,
      {
        zone: 'news',
        isRepeat: false,
        levers: [{ close: { route: '/articles/*' }, until: { at: '2026-11-29T00:00:00.000Z' } }],
      },
    ])
    const refused = await told.ask('/articles/1', paid)
    expect([refused.status, refused.body['reason'], refused.headers.get('retry-after')]).toEqual([
      503,
      'temporarily-closed',
      '300',
    ])
    expect(refused.headers.get('cache-control')).toBe('no-store')
    passes(BOUND_MS)
    for (const one of [told, other, isolate()]) {
      expect((await one.ask('/articles/1', paid)).status).toBe(503)
      expect((await one.send('/articles/1')).body['reason']).toBe('temporarily-closed')
      expect((await one.send('/free/1')).status).toBe(200)
    }
    passes(HOUR_MS - BOUND_MS - 1000)
    expect((await other.ask('/articles/1', paid)).headers.get('retry-after')).toBe('1')
    passes(1000)
    for (const one of [told, other, isolate()]) expect((await one.ask('/articles/1', paid)).status).toBe(200)
  })

  it('may be free, and costs no call for a credential', async () => {
    const { isolate } = await createSites()
    const gate = isolate()
    await gate.order({ close: { route: '/free/*' }, until: inMs(HOUR_MS) })
    const refused = await gate.ask('/free/1', 'no.token.atall')
    expect([refused.status, refused.body['reason'], gate.asked.length]).toEqual([503, 'temporarily-closed', 0])
  })

  it('is opened again when the order is taken back, in every isolate within the bound', async () => {
    const { isolate, token } = await createSites()
    const [told, other] = [isolate(), isolate()]
    const paid = await token()
    await told.order({ ...CLOSE, until: inMs(HOUR_MS) })
    expect((await other.ask('/articles/1', paid)).status).toBe(503)
    const undone = await told.order({ ...CLOSE, undo: true })
    expect(undone.body).toMatchObject({ levers: [], isRepeat: false })
    expect((await told.ask('/articles/1', paid)).status).toBe(200)
    passes(BOUND_MS)
    expect((await other.ask('/articles/1', paid)).status).toBe(200)
    expect((await told.order({ ...CLOSE, undo: true })).body).toMatchObject({ isRepeat: true })
  })

  it('stays closed by a configuration that closes it, with the answer of that', async () => {
    const { isolate } = await createSites()
    const gate = isolate()
    expect((await gate.order({ close: { route: '/gone/*' }, until: inMs(HOUR_MS) })).status).toBe(400)
    expect((await gate.send('/gone/1')).body['reason']).toBe('not-for-sale')
  })

  it('answers preflights as ever, so that a script can read why', async () => {
    const { isolate } = await createSites()
    const gate = isolate()
    const preflight = (): ReturnType<typeof gate.send> =>
      gate.send('/articles/1', {
        method: 'OPTIONS',
        headers: { origin: 'https://x.test', 'access-control-request-method': 'GET' },
      })
    const before = await preflight()
    await gate.order({ ...CLOSE, until: inMs(HOUR_MS) })
    const after = await preflight()
    expect([after.status, after.headers.get('access-control-allow-origin')]).toEqual([
      before.status,
      before.headers.get('access-control-allow-origin'),
    ])
    expect(after.status).toBe(204)
  })

  it('is recorded once, with who gave the order, in the audit of the site', async () => {
    const { isolate, lines } = await createSites()
    const gate = isolate()
    const until = inMs(HOUR_MS)
    await gate.order({ ...CLOSE, until })
    expect((await gate.order({ ...CLOSE, until })).body).toMatchObject({ isRepeat: true })
    await gate.order({ ...CLOSE, undo: true })
    await gate.order({ ...CLOSE, undo: true })
    const records = await gate.audit()
    expect(records.map(({ action, by, facts }) => [action, by, facts])).toEqual([
      ['close', 'ops', expect.objectContaining({ route: '/articles/*', until: '2026-11-29T00:00:00.000Z' })],
      ['undo-close', 'ops', expect.objectContaining({ route: '/articles/*' })],
    ])
    const told = lines.flatMap(({ audit }) => (audit?.action.endsWith('close') ? [[audit.action, audit.done]] : []))
    expect(told).toEqual([
      ['close', true],
      ['close', false],
      ['undo-close', true],
      ['undo-close', false],
    ])
  })

  it('is not closed by an order that cannot be recorded', async () => {
    const { isolate, store, token } = await createSites()
    const gate = isolate()
    const paid = await token()
    expect((await gate.ask('/articles/1', paid)).status).toBe(200)
    store.isDown = true
    const order = await gate.order({ ...CLOSE, until: inMs(HOUR_MS) })
    expect([order.status, order.headers.get('retry-after')]).toEqual([503, '5'])
    expect((await gate.ask('/articles/1', paid)).status).toBe(200)
    store.isDown = false
    passes(BOUND_MS)
    expect((await gate.ask('/articles/1', paid)).status).toBe(200)
  })
})

describe('while the bulletin cannot be read', () => {
  it('what was last known holds until its end, and an isolate that never read it knows of nothing', async () => {
    const { isolate, store } = await createSites()
    const gate = isolate()
    await gate.order({ close: { route: '/free/*' }, until: inMs(HOUR_MS) })
    await gate.order({ open: { route: '/articles/*' }, until: inMs(HOUR_MS) })
    store.isDown = true
    passes(BOUND_MS * 20)
    expect((await gate.send('/free/1')).status).toBe(503)
    expect((await gate.send('/articles/1')).status).toBe(200)
    const fresh = isolate()
    expect((await fresh.send('/free/1')).status).toBe(200)
    expect((await fresh.send('/articles/1')).status).toBe(402)
    passes(HOUR_MS)
    expect((await gate.send('/free/1')).status).toBe(200)
    expect((await gate.send('/articles/1')).status).toBe(402)
  })
})
