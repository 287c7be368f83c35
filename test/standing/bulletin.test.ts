import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { NO_BULLETIN } from '../../src/standing/rules/bulletin.ts'
import { NO_PURGES } from '../../src/cache/rules/purge.ts'
import { ok } from '../../src/core/result.ts'
import { skipTime, advanceTime } from '../tokens/endpoint.ts'
import { BOUND, FINE, Isolate, SECOND, stopTime, Store, knows, type Weather } from './isolates.ts'

beforeEach(stopTime)
afterEach(() => void vi.useRealTimers())

const DOWN: Weather = { ...FINE, kind: 'fails' }
const HANGS: Weather = { ...FINE, kind: 'hangs' }

/** An isolate that has read its bulletin, and another from which things are posted. */
async function two(serveMs = 0): Promise<{ store: Store; reader: Isolate; poster: Isolate }> {
  const store = new Store()
  const [reader, poster] = [new Isolate(store, serveMs), new Isolate(store, serveMs)]
  for (const isolate of [reader, poster]) expect(await isolate.knows('account')).toBe(false)
  return { store, reader, poster }
}

describe('what is posted', () => {
  it('holds where it was posted at once, and elsewhere within the bound', async () => {
    const { reader, poster } = await two()
    expect(await poster.post('account')).toBe(true)
    expect([poster.atOnce('account'), reader.atOnce('account')]).toEqual([true, false])
    await advanceTime(BOUND - 1)
    expect(reader.atOnce('account')).toBe(false)
    await advanceTime(1)
    expect(reader.atOnce('account')).toBe(true) // read behind the request before
  })

  it('holds after an idle time: the first who asks waits', async () => {
    const { reader, poster } = await two()
    await poster.post('account')
    await advanceTime(3600 * SECOND)
    const first = reader.of()
    expect(first).toBeInstanceOf(Promise)
    expect(knows(await first, 'account')).toBe(true)
  })

  it('counts by the clock, and not by when a request came that waited for something else', async () => {
    const { reader, poster } = await two()
    const came = Date.now()
    await poster.post('account')
    await advanceTime(BOUND)
    const answer = await reader.bulletins.of(reader.zone, { now: came, waitUntil: () => undefined })
    expect(knows(answer, 'account')).toBe(true)
  })

  it('is not put back by a read that began before and is answered after', async () => {
    const store = new Store()
    const isolate = new Isolate(store)
    store.weather = { ...FINE, back: SECOND }
    const first = isolate.knows('account')
    store.weather = FINE
    expect(await isolate.post('account')).toBe(true)
    await advanceTime(SECOND)
    expect(await first).toBe(true)
    expect(isolate.atOnce('account')).toBe(true)
  })

  it('is not put back by one that is told everything, either', async () => {
    const { store, poster } = await two()
    await poster.post('another')
    const isolate = new Isolate(store)
    store.weather = { ...FINE, back: SECOND }
    const first = isolate.knows('another')
    store.weather = FINE
    expect(await isolate.post('account')).toBe(true)
    await advanceTime(SECOND)
    expect([await first, isolate.atOnce('account')]).toEqual([true, true])
  })

  it('counts from when a read began, however late its answer came', async () => {
    const { store, poster } = await two()
    const reader = new Isolate(store)
    store.weather = { ...FINE, back: 1500 }
    const first = reader.knows('account')
    store.weather = FINE
    await poster.post('account')
    await advanceTime(1500)
    expect(await first).toBe(false)
    await advanceTime(BOUND - 1500)
    expect(reader.atOnce('account')).toBe('wait')
  })

  it('does not make others wait or be refused, however much is posted and however slow the answers are', async () => {
    const { store, poster } = await two()
    store.weather = { ...FINE, back: 400 }
    for (let n = 0; n < 20; n++) {
      const posted = poster.post(`account-${n}`)
      expect(poster.atOnce('account')).toBe(false)
      await advanceTime(400)
      expect([await posted, poster.atOnce(`account-${n}`)]).toEqual([true, true])
    }
    expect(store.reads).toBeLessThan(8)
  })

  it.each<[string, Weather]>([
    ['cannot be written', DOWN],
    ['throws', { ...FINE, kind: 'throws' }],
    ['says nothing', HANGS],
    ['says something else', { ...FINE, kind: { answers: undefined } }],
  ])('is not taken where the bulletin %s', async (_what, weather) => {
    const { store, poster } = await two()
    store.weather = weather
    const posted = poster.post('account')
    await advanceTime(2 * SECOND)
    expect([await posted, poster.atOnce('account')]).toEqual([false, false])
  })

  it('of purges holds here at once', async () => {
    const { poster } = await two()
    const at = Date.now()
    await poster.bulletins.post(poster.zone, [], { ...NO_PURGES, everythingAt: at })
    const answer = await poster.of()
    expect(answer.ok && answer.value.head.purges.everythingAt).toBe(at)
  })
})

describe('a bulletin', () => {
  it('that is younger than its bound is never waited for, and read behind once it is half as old', async () => {
    const { store, reader } = await two()
    store.weather = { ...FINE, back: SECOND }
    const before = store.reads
    await advanceTime(BOUND / 2 - 1)
    expect([reader.atOnce('account'), store.reads - before]).toEqual([false, 0])
    await advanceTime(1)
    for (let n = 0; n < 5; n++) expect(reader.atOnce('account')).toBe(false)
    expect(store.reads - before).toBe(1)
    await advanceTime(SECOND)
    await advanceTime(BOUND - SECOND - 1)
    expect(reader.atOnce('account')).toBe(false)
  })

  it('is read once for all who wait', async () => {
    const store = new Store()
    const isolate = new Isolate(store)
    store.weather = { ...FINE, there: 300 }
    const answers = Array.from({ length: 50 }, () => isolate.knows('account'))
    await advanceTime(310)
    expect(await Promise.all(answers)).toEqual(answers.map(() => false))
    expect(store.reads).toBe(1)
  })

  it('is read by another where the request that read it died', async () => {
    const { store, reader } = await two()
    store.weather = HANGS
    skipTime(BOUND)
    void reader.of()
    store.weather = FINE
    // The clock goes on, and no timer of the dead request rings.
    skipTime(2250)
    expect(await reader.knows('account')).toBe(false)
    expect(reader.atOnce('account')).toBe(false)
  })

  it('that ran back in time is read anew, and not left alone until the clock has caught up', async () => {
    const { reader, poster } = await two()
    await poster.post('account')
    skipTime(-3600 * SECOND)
    expect(await reader.knows('account')).toBe(true)
    expect(reader.atOnce('account')).toBe(true)
  })

  it('is tried again where the clock ran back after a failure', async () => {
    const { store, reader } = await two()
    skipTime(BOUND)
    store.weather = DOWN
    expect(await reader.knows('account')).toBe('refused')
    store.weather = FINE
    skipTime(-3600 * SECOND)
    expect(await reader.knows('account')).toBe('refused')
    await advanceTime(500)
    expect(await reader.knows('account')).toBe(false)
  })

  it('that lost what it kept is read as it is, and what is posted then holds', async () => {
    const { store, reader, poster } = await two()
    await poster.post('account')
    await advanceTime(BOUND)
    expect(await reader.knows('account')).toBe(true)
    store.lose()
    await poster.post('another')
    await advanceTime(BOUND)
    expect([await reader.knows('account'), await reader.knows('another')]).toEqual([false, true])
  })
})

const head = { ...NO_BULLETIN, epoch: 'e', version: 1 }
const bad: [string, Weather['kind']][] = [
  ['fails', 'fails'],
  ['throws', 'throws'],
  ['hangs', 'hangs'],
  ['answers nothing', { answers: undefined }],
  ['answers without a delta', { answers: { ok: true } }],
  ['has a negative version', { answers: ok({ head: { ...head, version: -1 }, isAll: true, entries: [] }) }],
  ['has another epoch, and not all of it', { answers: ok({ head, isAll: false, entries: [] }) }],
  ['has entries that are none', { answers: ok({ head, isAll: true, entries: [{ key: 'a', entry: 'held' }] }) }],
]

describe('a bulletin that cannot be read', () => {
  it.each(bad)('as it %s: refuses once what is known is as old as the bound, and no longer', async (_what, kind) => {
    const { store, reader } = await two()
    store.weather = { ...FINE, kind }
    await advanceTime(BOUND - 1)
    expect(reader.atOnce('account')).toBe(false)
    await advanceTime(2 * SECOND)
    const answer = reader.knows('account')
    await advanceTime(3 * SECOND)
    expect(await answer).toBe('refused')
    store.weather = FINE
    await advanceTime(500)
    expect(await reader.knows('account')).toBe(false)
  })

  it.each(bad)('as it %s: serves up to the stated age, and not beyond', async (_what, kind) => {
    const { store, reader } = await two(60 * SECOND)
    store.weather = { ...FINE, kind }
    await advanceTime(BOUND)
    const first = reader.knows('account')
    await advanceTime(2 * SECOND)
    expect(await first).toBe(false)
    await advanceTime(50 * SECOND)
    const last = reader.knows('account')
    await advanceTime(5 * SECOND)
    const beyond = reader.knows('account')
    await advanceTime(3 * SECOND)
    expect([await last, await beyond]).toEqual([false, 'refused'])
  })

  it.each([0, 60 * SECOND])('refuses in an isolate that knows nothing, whatever may be served (%d ms)', async (ms) => {
    const store = new Store()
    store.weather = DOWN
    expect(await new Isolate(store, ms).knows('account')).toBe('refused')
  })

  it('is asked again, where it was down a while ago, before anything older than the bound is served', async () => {
    const { store, reader, poster } = await two(3600 * SECOND)
    await advanceTime(BOUND)
    store.weather = DOWN
    expect(await reader.knows('account')).toBe(false)
    store.weather = FINE
    await poster.post('account')
    await advanceTime(600 * SECOND)
    expect(await reader.knows('account')).toBe(true)
  })

  it('keeps one waiting at a time, where what is known may still be served', async () => {
    const { store, reader } = await two(60 * SECOND)
    store.weather = HANGS
    await advanceTime(BOUND)
    const first = reader.knows('account')
    await advanceTime(2 * SECOND)
    expect([await first, reader.atOnce('account')]).toEqual([false, false])
    await advanceTime(500)
    expect(reader.atOnce('account')).toBe('wait')
    expect(reader.atOnce('account')).toBe(false)
  })

  it('does not make what was posted here be forgotten, where what is known may still be served', async () => {
    const { store, reader } = await two(60 * SECOND)
    await advanceTime(BOUND)
    expect(await reader.post('account')).toBe(true)
    store.weather = DOWN
    expect(await reader.knows('account')).toBe(true)
    await advanceTime(10 * SECOND)
    expect(await reader.knows('account')).toBe(true)
  })

  it('does not make a purge be forgotten that was posted here, however old all else is', async () => {
    const { store, reader } = await two()
    await advanceTime(3600 * SECOND)
    const at = Date.now()
    expect(await reader.bulletins.post(reader.zone, [], { ...NO_PURGES, everythingAt: at })).toBe(true)
    store.weather = DOWN
    const call = { now: at, waitUntil: (work: Promise<unknown>): void => void reader.behind.push(work) }
    expect(reader.bulletins.glance(reader.zone, call, BOUND).known.head.purges.everythingAt).toBe(at)
  })

  it('is not asked by everyone: after a failure it rests', async () => {
    const { store, reader } = await two()
    store.weather = DOWN
    await advanceTime(BOUND)
    const before = store.reads
    for (let n = 0; n < 20; n++) expect(await reader.knows('account')).toBe('refused')
    expect(store.reads - before).toBe(1)
  })
})
