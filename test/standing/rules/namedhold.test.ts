import { describe, expect, it } from 'vitest'
import { heldSince, joinHolds, MOST_HOLDS, prunedHolds } from '../../../src/standing/rules/namedhold.ts'
import { type Entry, entryOf, holdBegan, isHeld, join, pruned } from '../../../src/standing/rules/standing.ts'

const DAY = 86_400
const NOW = 1_800_000_000

const placed = (name: string, at: number): Entry => entryOf({ kind: 'named-hold', name, at })
const lifted = (name: string, at: number, liftedAt: number): Entry =>
  entryOf({ kind: 'named-hold', name, at, liftedAt })
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
    ['lasts though an operator’s hold was lifted before', all(hold(1, false), hold(2, true), placed('du_1', 2)), true],
  ]
  it.each(rows)('%s', (_, entry, isOn) => {
    expect(isHeld(entry)).toBe(isOn)
  })

  it('began with the earliest that lasts', () => {
    expect(holdBegan(all(placed('b', 3), placed('a', 2), lifted('c', 1, 4), hold(5, false)))).toBe(2)
    expect(heldSince([{ name: 'a', at: 2 }], 3)).toBeUndefined()
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
