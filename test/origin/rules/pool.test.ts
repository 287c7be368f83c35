import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  createPoolState,
  type Member,
  type Pool,
  type PoolState,
  pick,
  reportOutcome,
  type PoolRequest,
} from '../../../src/origin/rules/pool.ts'
import { canSpend, earn, isReplayable, spend } from '../../../src/origin/rules/retry.ts'
import { release } from '../../../src/origin/rules/slots.ts'

const NAMES = ['a', 'b', 'c', 'd', 'e']

function member(name: string, changes: Partial<Member> = {}): Member {
  return {
    server: { kind: 'binding', binding: name },
    name,
    weight: 1,
    connectMs: Number.POSITIVE_INFINITY,
    responseMs: Number.POSITIVE_INFINITY,
    maxConcurrent: undefined,
    ...changes,
  }
}

function poolOf(members: readonly Member[], changes: Partial<Pool> = {}): Pool {
  return {
    members,
    choice: 'weight',
    health: { failures: 3, ejectMs: 1000, maxEjectMs: 5000 },
    retries: { most: 2, budgetPercent: 20 },
    ...changes,
  }
}

const wanted = (changes: Partial<PoolRequest> = {}): PoolRequest => ({
  now: 0,
  deadline: 1_000_000,
  random: 0,
  key: undefined,
  isPaid: true,
  tried: new Set(),
  ...changes,
})

/** Which member would get a request; what that holds is given back. */
function chosen(pool: Pool, changes: Partial<PoolRequest> = {}, state: PoolState = createPoolState(pool)): string {
  return pick(pool, state, wanted(changes))?.member.name ?? 'none'
}

/** One call to the member that is chosen, and how it goes. */
function play(pool: Pool, state: PoolState, now: number, failed: boolean, tried: Iterable<number> = []): string {
  const picked = pick(pool, state, wanted({ now, deadline: now + 100, tried: new Set(tried) }))
  if (picked === undefined) return 'none'
  reportOutcome(picked, pool, failed, now)
  return picked.member.name
}

/** Evenly spread over 0 to 1, and the same in every run. */
const spread = (count: number): number[] => Array.from({ length: count }, (_, index) => (index + 0.5) / count)

function counts(names: readonly string[]): Record<string, number> {
  const found: Record<string, number> = {}
  for (const name of names) found[name] = (found[name] ?? 0) + 1
  return found
}

describe('a choice by weight', () => {
  it('gives each server its share, and a drained one none', () => {
    const pool = poolOf([member('a', { weight: 3 }), member('b', { weight: 0 }), member('c', { weight: 1 })])
    expect(counts(spread(400).map((random) => chosen(pool, { random })))).toEqual({ a: 300, c: 100 })
  })

  it('is among those that were not tried', () => {
    const pool = poolOf(['a', 'b', 'c'].map((name) => member(name)))
    const tried = new Set([0])
    expect(counts(spread(100).map((random) => chosen(pool, { random, tried })))).toEqual({ b: 50, c: 50 })
    expect(chosen(pool, { tried: new Set([0, 1, 2]) })).toBe('none')
  })

  it('always finds a server that may be asked, and never another', () => {
    const weights = fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(weights, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (list, random) => {
        const pool = poolOf(list.map((weight, index) => member(NAMES[index] ?? '', { weight })))
        const picked = pick(pool, createPoolState(pool), wanted({ random }))
        return list.some((weight) => weight > 0) ? (picked?.member.weight ?? 0) > 0 : picked === undefined
      }),
    )
  })
})

describe('a choice by hash', () => {
  const keys = Array.from({ length: 4000 }, (_, index) => `/articles/${index}`)
  const of = (pool: Pool): string[] => keys.map((key) => chosen(pool, { key }))
  const four = NAMES.slice(0, 4).map((name) => member(name))

  it('is the same for the same key, wherever the server stands in the list', () => {
    expect(of(poolOf(four.toReversed()))).toEqual(of(poolOf(four)))
  })

  it('gives each server its share by weight', () => {
    const even = counts(of(poolOf(four)))
    for (const name of ['a', 'b', 'c', 'd']) expect(Math.abs((even[name] ?? 0) - 1000)).toBeLessThan(120)
    const heavy = counts(of(poolOf([member('a', { weight: 3 }), member('b')])))
    expect(Math.abs((heavy['a'] ?? 0) - 3000)).toBeLessThan(120)
  })

  it('moves only the keys of a server that comes, goes, or is ejected', () => {
    const before = of(poolOf(four))
    const after = of(poolOf([...four, member('e')]))
    const moved = keys.filter((_, index) => before[index] !== after[index])
    expect(Math.abs(moved.length - 800)).toBeLessThan(120)
    expect(keys.every((_, index) => before[index] === after[index] || after[index] === 'e')).toBe(true)

    const pool = poolOf(four)
    const state = createPoolState(pool)
    for (const _ of [1, 2, 3]) play(pool, state, 0, true, [1, 2, 3])
    const without = keys.map((key) => chosen(pool, { key }, state))
    expect(
      keys.every((_, index) => (before[index] === 'a' ? without[index] !== 'a' : without[index] === before[index])),
    ).toBe(true)
  })
})

describe('a server that fails', () => {
  const pool = poolOf([member('a'), member('b')])
  /** A pool whose first server was ejected at 0. */
  const ejected = (): PoolState => {
    const state = createPoolState(pool)
    for (const _ of [1, 2, 3]) play(pool, state, 0, true)
    return state
  }

  it('is ejected once its failures outnumber its successes by three', () => {
    const state = createPoolState(pool)
    const went = [true, true, false, true, false, true, true].map((failed) => play(pool, state, 0, failed))
    expect(went).toEqual(['a', 'a', 'a', 'a', 'a', 'a', 'a'])
    expect(play(pool, state, 0, false)).toBe('b')
  })

  it('is tried by one request when its ejection is over, and has its share back when that is answered', () => {
    const state = ejected()
    expect(chosen(pool, { now: 999 }, state)).toBe('b')
    const trial = pick(pool, state, wanted({ now: 1000, deadline: 1100 }))
    expect(trial?.member.name).toBe('a')
    expect(chosen(pool, { now: 1000 }, state)).toBe('b')
    if (trial !== undefined) reportOutcome(trial, pool, false, 1050)
    expect(chosen(pool, { now: 1050 }, state)).toBe('a')
  })

  it('is tried by another when the trial has died', () => {
    const state = ejected()
    expect(pick(pool, state, wanted({ now: 1000, deadline: 1100 }))?.member.name).toBe('a')
    expect(chosen(pool, { now: 1099 }, state)).toBe('b')
    expect(chosen(pool, { now: 1100 }, state)).toBe('a')
  })

  it('is ejected twice as long each time, up to a bound, and briefly again after it was back', () => {
    const state = ejected()
    let now = 0
    for (const ms of [1000, 2000, 4000, 5000, 5000]) {
      expect(chosen(pool, { now: now + ms - 1 }, state)).toBe('b')
      now += ms
      expect(play(pool, state, now, true)).toBe('a')
    }
    expect(play(pool, state, now + 5000, false)).toBe('a')
    expect(play(pool, state, now + 5000, true)).toBe('a')
    expect(chosen(pool, { now: now + 5999 }, state)).toBe('b')
    expect(chosen(pool, { now: now + 6000 }, state)).toBe('a')
  })

  it('is not judged by answers to what it was asked before its ejection or its return', () => {
    const state = createPoolState(pool)
    const early = Array.from({ length: 8 }, () => pick(pool, state, wanted()))
    for (const picked of early.slice(0, 6)) if (picked !== undefined) reportOutcome(picked, pool, true, 10)
    expect(chosen(pool, { now: 1009 }, state)).toBe('b')
    expect(play(pool, state, 1010, false)).toBe('a')
    for (const picked of early.slice(6)) if (picked !== undefined) reportOutcome(picked, pool, true, 1020)
    expect(chosen(pool, { now: 1030 }, state)).toBe('a')
  })
})

describe('where all servers are ejected', () => {
  it('a request is still sent, to the one whose ejection ends first, and the next one to the next', () => {
    const pool = poolOf(['a', 'b', 'c'].map((name) => member(name)))
    const state = createPoolState(pool)
    for (const [now, others] of [
      [0, [1, 2]],
      [100, [0, 2]],
      [200, [0, 1]],
    ] as const) {
      for (const _ of [1, 2, 3]) play(pool, state, now, true, others)
    }
    const asked = [300, 310, 320, 330].map((now) => play(pool, state, now, true))
    expect(asked).toEqual(['a', 'b', 'c', 'a'])
    expect(play(pool, state, 340, false)).toBe('b')
    expect([350, 360, 370].map((now) => play(pool, state, now, false))).toEqual(['b', 'b', 'b'])
    expect(chosen(pool, { now: 1330, random: 0 }, state)).toBe('a')
  })

  it('and a drained one is still left alone', () => {
    const pool = poolOf([member('a'), member('b', { weight: 0 })])
    const state = createPoolState(pool)
    for (const _ of [1, 2, 3]) play(pool, state, 0, true)
    expect(chosen(pool, { tried: new Set([0]) }, state)).toBe('none')
  })
})

describe('a server with a bound', () => {
  it('is passed over while it has as many calls as it may, and not after a call is over or its time is up', () => {
    const pool = poolOf([member('a', { maxConcurrent: 2, responseMs: 50 })])
    const state = createPoolState(pool)
    const calls = [0, 10].map((now) => pick(pool, state, wanted({ now })))
    expect(calls.map((picked) => picked?.until)).toEqual([50, 60])
    expect(chosen(pool, { now: 49 }, state)).toBe('none')
    const [, second] = calls
    if (second?.slot !== undefined) release(second.state.slots, second.slot)
    expect(chosen(pool, { now: 49 }, state)).toBe('a')
    expect(chosen(pool, { now: 49 }, state)).toBe('none')
    expect(chosen(pool, { now: 50 }, state)).toBe('a')
  })

  it('never has more calls than it may, whatever comes and goes', () => {
    const steps = fc.array(fc.record({ goes: fc.boolean(), which: fc.nat({ max: 10 }) }), { maxLength: 60 })
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 4 }), (list, maxConcurrent) => {
        const pool = poolOf([member('a', { maxConcurrent }), member('b', { maxConcurrent: 1 })])
        const state = createPoolState(pool)
        const under: NonNullable<ReturnType<typeof pick>>[] = []
        for (const { goes, which } of list) {
          const [done] = goes ? under.splice(which % Math.max(1, under.length), 1) : []
          if (done?.slot !== undefined) release(done.state.slots, done.slot)
          const picked = goes ? undefined : pick(pool, state, wanted())
          if (picked !== undefined) under.push(picked)
          const busy = counts(under.map((call) => call.member.name))
          if ((busy['a'] ?? 0) > maxConcurrent || (busy['b'] ?? 0) > 1) return false
        }
        return true
      }),
    )
  })
})

describe('the retry budget', () => {
  it('has one retry for each five requests, and saves up a thousand', () => {
    const policy = { most: 2, budgetPercent: 20 }
    let savings = 0
    for (const _ of [1, 2, 3, 4]) savings = earn(savings, policy)
    expect(canSpend(savings)).toBe(false)
    savings = earn(savings, policy)
    expect(canSpend(savings)).toBe(true)
    expect(canSpend(spend(savings))).toBe(false)
    for (let requests = 0; requests < 10_000; requests++) savings = earn(savings, policy)
    for (let retries = 0; retries < 1000; retries++) savings = spend(savings)
    expect(canSpend(savings)).toBe(false)
  })

  it.each([
    ['GET', false, true],
    ['HEAD', false, true],
    ['OPTIONS', false, true],
    ['TRACE', false, true],
    ['PUT', false, true],
    ['DELETE', false, true],
    ['DELETE', true, false],
    ['PUT', true, false],
    ['POST', false, false],
    ['PATCH', false, false],
    ['PURGE', false, false],
  ])('for %s with content: %s is open: %s', (method, hasContent, expected) => {
    expect(isReplayable(method, hasContent)).toBe(expected)
  })
})

describe('the last calls of a server', () => {
  it.each([
    [1, 1],
    [2, 1],
    [3, 2],
    [4, 3],
    [5, 3],
    [50, 37],
  ])('of %i, readers who pay nothing get at most %i', (maxConcurrent, most) => {
    const pool = poolOf([member('a', { maxConcurrent })])
    const state = createPoolState(pool)
    const free = Array.from({ length: maxConcurrent }, () => pick(pool, state, wanted({ isPaid: false })))
    expect(free.filter((picked) => picked !== undefined)).toHaveLength(most)
    const paid = Array.from({ length: maxConcurrent }, () => pick(pool, state, wanted()))
    expect(paid.filter((picked) => picked !== undefined)).toHaveLength(maxConcurrent - most)
  })
})
