import { describe, expect, it } from 'vitest'
import { type Limit, limitOfKey } from '../../src/access/limit.ts'
import { refusedBy } from '../../src/ledger/refused.ts'
import type { ChargeRefused, LimitStatus } from '../../src/ledger/rules/commands.ts'

const limit = (name: string, quota: bigint, window: Limit['window'] = 'P1D'): Limit => {
  return { name, quota, unit: name, window, kind: 'fixed', anchor: undefined }
}
const standing = (of: Limit, used: bigint): LimitStatus => {
  return { limit: of, used, remaining: of.quota > used ? of.quota - used : 0n, resetSeconds: 60 }
}
const refused = (reason: ChargeRefused['reason'], more: Partial<ChargeRefused>): ChargeRefused => {
  return { kind: 'refused', reason, limits: [], ...more }
}

describe('the amounts of a refusal', () => {
  const tokens = limit('tokens', 100n)
  const ofKey = limitOfKey(limit('tokens', 50n), 'k1')
  const counts = [
    { name: tokens.name, units: 30n },
    { name: ofKey.name, units: 30n },
    { name: 'requests', units: 1n },
  ]

  it('are the credit left, and the price that was to be reserved', () => {
    const credit = { units: 120n, currency: 'USD' }
    const price = { units: 250n, currency: 'USD' }
    const why = refusedBy(refused('credit-insufficient', { credit }), { counts: [], price })
    expect(why.amounts).toEqual({ left: { credit }, needed: { credit: price } })
  })

  it.each([
    ['of the limit that is short', [standing(tokens, 90n), standing(limit('requests', 5n), 0n)], 10n],
    ['of the key, under the name that people know', [standing(ofKey, 45n), standing(tokens, 0n)], 5n],
    ['of the tightest of several', [standing(tokens, 80n), standing(ofKey, 47n), standing(tokens, 85n)], 3n],
  ] as const)('are the units left %s', (_what, limits, left) => {
    const why = refusedBy(refused('usage-limit-reached', { limits }), { counts })
    expect(why.amounts).toEqual({ left: { units: { tokens: left } }, needed: { units: { tokens: 30n } } })
  })

  it('are none for a rate of the route', () => {
    expect(
      refusedBy(refused('too-many-requests', { limits: [standing(tokens, 10n)] }), { counts }).amounts,
    ).toBeUndefined()
  })

  it('say only what is left if the request was not read', () => {
    const why = refusedBy(refused('usage-limit-reached', { limits: [standing(tokens, 100n)] }))
    expect(why.amounts).toEqual({ left: { units: { tokens: 0n } }, needed: undefined })
  })

  it.each(['payment-declined', 'security-hold', 'payment-spent'] as const)('are not told for %s', (reason) => {
    const credit = { units: 1n, currency: 'USD' }
    expect(refusedBy(refused(reason, { credit, limits: [standing(tokens, 100n)] }), { counts }).amounts).toBeUndefined()
  })
})
