import { describe, expect, it } from 'vitest'
import { zoneFaults } from '../support/compiled.ts'

describe('what a path gets that no route matches', () => {
  it.each([undefined, null, 'open', 1, true])('is not %j', (unmatched) => {
    const [fault, ...rest] = zoneFaults({ unmatched })
    expect(fault?.path).toBe('zones[0].unmatched')
    expect(fault?.message).toContain('expected "free", "closed" or terms')
    expect(rest).toEqual([])
  })

  it('has the faults of its terms at their paths', () => {
    const found = zoneFaults({ unmatched: { requires: 'x', price: { amount: 1, currency: 'USD' } } })
    expect(found.map(({ path }) => path)).toEqual(['zones[0].unmatched.price.amount'])
  })
})
