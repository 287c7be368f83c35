import { describe, expect, it } from 'vitest'
import { compile, type Fault } from '../../src/config.ts'

const zone = {
  name: 'a',
  hosts: ['a.test'],
  audience: 'https://a.test',
  issuers: [{ issuer: 'https://i.test', jwks: { url: 'https://i.test/jwks' } }],
  origin: { servers: [{ url: 'https://o.test' }] },
  routes: [],
  unmatched: 'free' as const,
  remedies: { documentation: 'https://d.test/' },
}

/** What is wrong with options that the types may not even allow. */
function faults(change: Record<string, unknown>): readonly Fault[] {
  const compiled = compile({ zones: [{ ...zone, ...change }] }, {}, { needsOrigin: true })
  return compiled.ok ? [] : compiled.error
}

describe('what a path gets that no route matches', () => {
  it.each([undefined, null, 'open', 1, true])('is not %j', (unmatched) => {
    const [fault, ...rest] = faults({ unmatched })
    expect(fault?.path).toBe('zones[0].unmatched')
    expect(fault?.message).toContain('expected "free", "closed" or terms')
    expect(rest).toEqual([])
  })

  it('has the faults of its terms at their paths', () => {
    const found = faults({ unmatched: { requires: 'x', price: { amount: 1, currency: 'USD' } } })
    expect(found.map(({ path }) => path)).toEqual(['zones[0].unmatched.price.amount'])
  })
})
