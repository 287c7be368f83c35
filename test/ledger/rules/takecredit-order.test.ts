import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NamedLedger } from './namedledger.ts'
import { EUR } from './pureledger.ts'

interface Step {
  readonly verb: 'grant' | 'take' | 'charge'
  readonly of: string
  readonly units: bigint
  readonly n: number
}

const GRANTS: Readonly<Record<string, bigint>> = { a: 10n, b: 30n, c: 60n }

/** Steps, and the same in another order, with some of them twice. */
const told: fc.Arbitrary<readonly [readonly Step[], readonly Step[]]> = fc
  .array(
    fc.record({
      verb: fc.constantFrom('grant' as const, 'take' as const, 'take' as const, 'charge' as const),
      of: fc.constantFrom('a', 'b', 'c', 'none'),
      units: fc.bigInt(1n, 40n),
    }),
    { maxLength: 12 },
  )
  .map((all) => all.map((step, n): Step => ({ ...step, n })))
  .chain((all) =>
    fc
      .tuple(fc.shuffledSubarray(all, { minLength: all.length }), fc.shuffledSubarray(all))
      .map(([shuffled, again]) => [all, [...shuffled, ...again.filter(({ verb }) => verb !== 'charge')]] as const),
  )

describe('grants, takings and charges', () => {
  /** Carries the steps out. Returns what is left in the end. */
  function balanceAfter(steps: readonly Step[]): bigint {
    const ledger = new NamedLedger()
    // So that every charge fits, in any order.
    ledger.grant(1000n, 'first')
    for (const { verb, of, units, n } of steps) {
      if (verb === 'grant') ledger.grant(GRANTS[of] ?? 5n, of)
      else if (verb === 'take') ledger.take(units, of === 'none' ? undefined : of, { id: `t${n}` })
      else ledger.amend(ledger.charge({ price: EUR(units) }))
    }
    return ledger.left()
  }

  it('leave the same, in whatever order and however often they come', () => {
    fc.assert(
      fc.property(told, ([steps, others]) => {
        expect(balanceAfter(others)).toBe(balanceAfter(steps))
      }),
      { numRuns: 1000 },
    )
  })
})
