import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  ANONYMOUS_BYTES,
  begin,
  BUDGET_BYTES,
  createBudget,
  end,
  extendBody,
  grow,
  SPARE_BYTES,
} from '../../../src/http/rules/budget.ts'

const MIB = 1024 * 1024
const LATER = 1000

describe('the memory for bodies', () => {
  it('is taken threefold, and not beyond the budget', () => {
    const budget = createBudget()
    const ids = [1, 2, 3, 4, 5].map(() => begin(budget, 'any', LATER, 0))
    for (const id of ids) expect(grow(budget, id ?? -1, MIB, 0)).toBe(true)
    const last = begin(budget, 'any', LATER, 0) ?? -1
    expect(grow(budget, last, MIB, 0)).toBe(false)
    end(budget, ids[0] ?? -1)
    expect(grow(budget, last, MIB, 0)).toBe(true)
  })

  it('is a quarter for those of whom nothing is known, whoever else reads', () => {
    const budget = createBudget()
    const id = begin(budget, 'anonymous', LATER, 0) ?? -1
    expect(grow(budget, id, ANONYMOUS_BYTES / 3 + 1, 0)).toBe(false)
    expect(grow(budget, id, ANONYMOUS_BYTES / 3 - 1, 0)).toBe(true)
    expect(begin(budget, 'anonymous', LATER, 0)).toBeUndefined()
    const known = begin(budget, 'any', LATER, 0) ?? -1
    expect(grow(budget, known, (BUDGET_BYTES - ANONYMOUS_BYTES) / 3, 0)).toBe(true)
  })

  it('is half for what can be done without, and less if others have taken it', () => {
    const budget = createBudget()
    const spare = begin(budget, 'spare', LATER, 0) ?? -1
    expect(grow(budget, spare, SPARE_BYTES / 3 + 1, 0)).toBe(false)
    expect(grow(budget, spare, SPARE_BYTES / 3 - 1, 0)).toBe(true)
    const order = begin(budget, 'any', LATER, 0) ?? -1
    expect(grow(budget, order, SPARE_BYTES / 3 - 4096, 0)).toBe(true)
    end(budget, spare)
    expect(begin(budget, 'spare', LATER, 0)).toBeDefined()
    expect(grow(budget, order, 2 * MIB, 0)).toBe(true)
    expect(begin(budget, 'spare', LATER, 0)).toBeUndefined()
  })

  it('is taken by a body that has sent nothing yet', () => {
    const budget = createBudget()
    const ids = Array.from({ length: 2000 }, () => begin(budget, 'any', LATER, 0))
    expect(ids.filter((id) => id !== undefined)).toHaveLength(Math.floor(BUDGET_BYTES / (3 * 4096)))
  })

  it('is given back when the time of a body is up, and that body gets no more', () => {
    const budget = createBudget()
    const dead = begin(budget, 'any', LATER, 0) ?? -1
    const kept = begin(budget, 'any', LATER, 0) ?? -1
    expect([grow(budget, dead, 2 * MIB, 0), grow(budget, kept, 2 * MIB, 0)]).toEqual([true, true])
    extendBody(budget, kept, 2 * LATER)
    const next = begin(budget, 'any', 3 * LATER, LATER) ?? -1
    expect(grow(budget, next, 3 * MIB, LATER)).toBe(true)
    expect([grow(budget, dead, 1, LATER), grow(budget, kept, 1, LATER)]).toEqual([false, true])
  })

  it('is never overdrawn, and all of it is there again when all have ended', () => {
    const step = fc.record({
      kind: fc.constantFrom('begin', 'grow', 'end'),
      of: fc.nat(30),
      bytes: fc.nat(2 * MIB),
      isAnonymous: fc.boolean(),
    })
    const property = fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const budget = createBudget()
      for (const [now, { kind, of, bytes, isAnonymous }] of steps.entries()) {
        if (kind === 'begin') begin(budget, isAnonymous ? 'anonymous' : 'any', now + of, now)
        else if (kind === 'grow') grow(budget, of, bytes, now)
        else end(budget, of)
        expect(budget.taken).toBeLessThanOrEqual(BUDGET_BYTES)
        expect(budget.takenByAnonymous).toBeLessThanOrEqual(ANONYMOUS_BYTES)
      }
      for (const id of budget.bodies.keys()) end(budget, id)
      expect([budget.taken, budget.takenByAnonymous]).toEqual([0, 0])
    })
    fc.assert(property)
  })
})
