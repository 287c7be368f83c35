import { describe, expect, it } from 'vitest'
import { joinHolds, MOST_HOLDS, openHolds, prunedHolds } from '../../../src/standing/rules/namedhold.ts'
import { endOf, type Entry, entryOf, holdIn, isHeld, join, pruned } from '../../../src/standing/rules/standing.ts'

const DAY = 86_400
const NOW = 1_800_000_000

const placed = (name: string, at: number): Entry => entryOf({ kind: 'named-hold', name, at })
const lifted = (name: string, at: number, liftedAt: number): Entry =>
  entryOf({ kind: 'named-hold', name, at, liftedAt })
const ending = (name: string, at: number, until: number): Entry => entryOf({ kind: 'named-hold', name, at, until })
const hold = (at: number, isLifted: boolean): Entry => entryOf({ kind: 'hold', at, isLifted })
const all = (...entries: Entry[]): Entry => entries.reduce(join, {})

describe('a hold with a name', () => {
  const rows: [string, Entry, boolean][] = [
    ['lasts', all(placed('du_1', 1)), true],
    ['is lifted by its name', all(placed('du_1', 1), lifted('du_1', 1, 5)), false],
    ['is lifted by its name though that comes first', all(lifted('du_1', 1, 5), placed('du_1', 1)), false],
    ['lasts beside another that is lifted', all(placed('du_1', 1), lifted('du_2', 2, 5)), true],
    ['is lifted by an operator, with all others', all(placed('du_1', 1), placed('du_2', 2), hold(3, true)), false],
    ['is placed after an operator lifted others', all(placed('du_1', 1), hold(3, true), placed('du_2', 4)), true],
    ['told again does not return after an operator lifted it', all(hold(3, true), placed('du_1', 1)), false],
    ['leaves an operator’s hold when it is lifted', all(hold(2, false), placed('du_1', 1), lifted('du_1', 1, 5)), true],
    ['is over at its end', all(ending('a', 1, NOW)), false],
    ['lasts until its end', all(ending('a', 1, NOW + 1)), true],
    ['lasts beside another that is over', all(ending('a', 1, NOW), placed('b', 2)), true],
    ['has the later of two ends', all(ending('a', 1, NOW + 1), ending('a', 1, NOW)), true],
    ['has no end once it is placed without one', all(ending('a', 1, NOW), placed('a', 1)), true],
    ['is lifted by its name before its end', all(lifted('a', 1, 5), ending('a', 1, NOW + 1)), false],
    ['is lifted by an operator before its end', all(ending('a', 1, NOW + 1), hold(3, true)), false],
    ['lasts though an operator’s hold was lifted before', all(hold(1, false), hold(2, true), placed('du_1', 2)), true],
  ]
  it.each(rows)('%s', (_, entry, isOn) => {
    expect(isHeld(entry, NOW)).toBe(isOn)
  })

  it('began with the earliest that lasts', () => {
    const entry = all(placed('b', 3), placed('a', 2), lifted('c', 1, 4), hold(5, false))
    expect(holdIn(entry, NOW)).toEqual({ since: 2, until: undefined })
    expect(openHolds({ holds: [{ name: 'a', at: 2 }], liftedAt: 3 }, NOW)).toEqual([])
  })

  it('ends with the last of those in force, if all of them end', () => {
    expect(holdIn(all(ending('a', 2, NOW + 9), ending('b', 3, NOW + 5)), NOW)).toEqual({ since: 2, until: NOW + 9 })
    expect(holdIn(all(ending('a', 2, NOW + 9), placed('b', 3)), NOW)).toEqual({ since: 2, until: undefined })
    expect(holdIn(all(ending('a', 2, NOW + 9), hold(1, false)), NOW)).toEqual({ since: 1, until: undefined })
  })

  it('that ends by itself is forgotten like one that is lifted', () => {
    const ended = all(ending('a', NOW - 20 * DAY, NOW - 6 * DAY))
    expect(pruned(ended, DAY, NOW)).toEqual(ended)
    expect(pruned(ended, DAY, NOW + 2 * DAY)).toBeUndefined()
    expect(endOf(all(placed('a', 1)), DAY)).toBeUndefined()
    expect(endOf(ended, DAY)).toBeGreaterThan(NOW - 6 * DAY)
  })

  it('is kept while it lasts; lifted, as long as its placing may come late', () => {
    const year = all(placed('du_1', NOW - 365 * DAY))
    expect(pruned(year, DAY, NOW)).toEqual(year)
    const over = all(year, lifted('du_1', NOW - 365 * DAY, NOW - 6 * DAY))
    expect(pruned(over, DAY, NOW)).toEqual(over)
    expect(pruned(over, DAY, NOW + 2 * DAY)).toBeUndefined()
    const byOperator = all(year, hold(NOW - 9 * DAY, true))
    expect(pruned(byOperator, DAY, NOW)).toBeUndefined()
  })

  it('is forgotten only after those that are lifted, where there are too many', () => {
    const many = Array.from({ length: MOST_HOLDS }, (_, at) => ({ name: `l${at}`, at, liftedAt: at + 100 }))
    const kept = joinHolds(many, [{ name: 'open', at: 0 }]) ?? []
    expect(kept).toHaveLength(MOST_HOLDS)
    expect(kept.map(({ name }) => name)).toContain('open')
    expect(kept.map(({ name }) => name)).not.toContain('l0')
    expect(prunedHolds([], undefined, 1, NOW)).toBeUndefined()
  })
})
