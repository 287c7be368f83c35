import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { advanceTime } from '../tokens/endpoint.ts'
import { BOUND, FINE, Isolate, SECOND, stopTime, Store, knows, type Weather } from './isolates.ts'

beforeEach(stopTime)
afterEach(() => void vi.useRealTimers())

const ISOLATES = 3
const ACCOUNTS = Array.from({ length: 5 }, (_, n) => `account-${n}`)

/** What was acknowledged, when, and to whom. */
interface Acknowledged {
  readonly account: string
  readonly at: number
  readonly isolate: number
}

/** What takes longer than an isolate waits is as good as none. */
function isRough({ kind, there, back }: Weather): boolean {
  return kind !== 'fine' || there + back >= 2 * SECOND
}

/** Isolates over one store, and what may be expected of them. */
class World {
  readonly store = new Store()
  readonly isolates: readonly Isolate[]
  readonly serveMs: number
  readonly posts: Acknowledged[] = []
  /** What came of what was asked: nothing, or what is wrong with it. */
  readonly asked: Promise<unknown>[] = []
  readonly noted: Promise<unknown>[] = []
  /** When the store was last less than fine, and whether it ever was. */
  roughAt = Number.NEGATIVE_INFINITY
  weather: Weather = FINE

  constructor(serveMs: number) {
    this.serveMs = serveMs
    this.isolates = Array.from({ length: ISOLATES }, () => new Isolate(this.store, serveMs))
  }

  ask(index: number): void {
    const isolate = this.isolates[index]
    if (isolate === undefined) return
    // What was posted from here holds here at once.
    const own = this.posts.filter((post) => post.isolate === index)
    const answer = isolate.of()
    const check = (given: Awaited<typeof answer>): void => {
      const boundMs = isRough(this.weather) ? Math.max(BOUND, this.serveMs) : BOUND
      const due = this.posts.filter(({ at }) => Date.now() - at >= Math.max(boundMs, this.roughBound()))
      for (const { account } of due) expect(knows(given, account)).not.toBe(false)
      for (const { account } of own) if (this.serveMs === 0) expect(knows(given, account)).not.toBe(false)
    }
    if (answer instanceof Promise) this.asked.push(answer.then(check).catch((error: unknown) => error))
    else check(answer)
    for (const reads of isolate.reading.values()) expect(reads).toBeLessThanOrEqual(1)
  }

  post(index: number, account: string): void {
    const posted = this.isolates[index]?.post(account)
    if (posted === undefined) return
    const note = (isTrue: boolean): unknown =>
      isTrue ? this.posts.push({ account, at: Date.now(), isolate: index }) : undefined
    this.noted.push(posted.then(note))
  }

  change(weather: Weather): void {
    if (isRough(this.weather) || isRough(weather)) this.roughAt = Date.now()
    this.weather = weather
    this.store.weather = weather
  }

  /** While it is down, and until what was asked then is over, what the operator serves may be served. */
  roughBound(): number {
    return Date.now() - this.roughAt < 4 * SECOND ? this.serveMs : 0
  }
}

type Step = (world: World) => Promise<void> | void

const isolate = fc.nat(ISOLATES - 1)
const delay = fc.constantFrom(0, 0, 3, 40, 700, 1400)
const kind = fc.constantFrom<Weather['kind']>('fine', 'fine', 'fine', 'fails', 'late', 'hangs', 'throws', {
  answers: { ok: true, value: { head: { epoch: 'x', version: 9 }, isAll: true, entries: [] } },
})
const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: isolate.map(
      (index): Step =>
        (world) =>
          world.ask(index),
    ),
  },
  {
    weight: 4,
    arbitrary: fc.record({ index: isolate, account: fc.constantFrom(...ACCOUNTS) }).map(
      ({ index, account }): Step =>
        (world) =>
          world.post(index, account),
    ),
  },
  {
    weight: 8,
    arbitrary: fc
      .constantFrom(1, 5, 90, 499, 500, 1000, 2250, 2499, 2500, 4999, 5000, 60 * SECOND, 3600 * SECOND)
      .map((ms): Step => {
        // Where nothing waits for a timer, an hour is no more than a second.
        return () => advanceTime(ms)
      }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ there: delay, back: delay, kind }).map(
      (weather): Step =>
        (world) =>
          world.change(weather),
    ),
  },
)

/** Nothing fails, but answers may take long, and requests are few. */
const rareSteps: fc.Arbitrary<Step> = fc
  .record({
    ms: fc.constantFrom(1, 700, 1400, 2499, 2500, 3600, 4999, 5000),
    what: fc.constantFrom('ask', 'ask', 'ask', 'post', 'slow there', 'slow back', 'quick'),
    index: isolate,
    account: fc.constantFrom(...ACCOUNTS),
  })
  .map(({ ms, what, index, account }): Step => {
    return (world) => {
      if (what === 'ask') world.ask(index)
      else if (what === 'post') world.post(index, account)
      else world.change({ ...FINE, there: what === 'slow there' ? 1400 : 0, back: what === 'slow back' ? 1400 : 0 })
      return what === 'ask' || what === 'post' ? advanceTime(ms) : undefined
    }
  })

/** Lets all of it happen, and then looks at what came of it. */
async function live(world: World, all: readonly Step[]): Promise<void> {
  for (const step of all) await step(world)
  await advanceTime(10 * SECOND)
  await Promise.all(world.noted)
  world.change(FINE)
  await advanceTime(10 * SECOND)
  for (const index of world.isolates.keys()) world.ask(index)
  await advanceTime(10 * SECOND)
  expect((await Promise.all(world.asked)).filter((error) => error !== undefined)).toEqual([])
  for (const each of world.isolates) expect(await each.knows('nobody')).toBe(false)
}

const lists = (each: fc.Arbitrary<Step>, maxLength: number): fc.Arbitrary<Step[]> =>
  fc.array(each, { minLength: 4, maxLength, size: 'max' })

describe('isolates of one bulletin', () => {
  it.each([0, 30 * SECOND])(
    'never show less than the bound allows, or the operator (%d ms)',
    async (serveMs) => {
      const property = fc.asyncProperty(lists(steps, 40), (all) => live(new World(serveMs), all))
      await fc.assert(property, { numRuns: 25 })
    },
    60_000,
  )

  it('show everything within the bound, however long the answers take', async () => {
    await fc.assert(
      fc.asyncProperty(lists(rareSteps, 20), (all) => live(new World(0), all)),
      { numRuns: 150 },
    )
  }, 60_000)
})
