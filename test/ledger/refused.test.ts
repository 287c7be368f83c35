import { describe, expect, it } from 'vitest'
import { type Limit, limitOfKey } from '../../src/access/limit.ts'
import { refusedBy } from '../../src/ledger/refused.ts'
import type { ChargeRefused, LimitStatus } from '../../src/ledger/rules/commands.ts'

const NOW = 1_800_000_000_000

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
    const why = refusedBy(refused('credit-insufficient', { credit }), NOW, { counts: [], price })
    expect(why.amounts).toEqual({ left: { credit }, needed: { credit: price } })
  })

  it.each([
    ['of the limit that is short', [standing(tokens, 90n), standing(limit('requests', 5n), 0n)], 10n],
    ['of the key, under the name that people know', [standing(ofKey, 45n), standing(tokens, 0n)], 5n],
    ['of the tightest of several', [standing(tokens, 80n), standing(ofKey, 47n), standing(tokens, 85n)], 3n],
  ] as const)('are the units left %s', (_what, limits, left) => {
    const why = refusedBy(refused('usage-limit-reached', { limits }), NOW, { counts })
    expect(why.amounts).toEqual({ left: { units: { tokens: left } }, needed: { units: { tokens: 30n } } })
  })

  it('are none for a rate of the route', () => {
    expect(
      refusedBy(refused('too-many-requests', { limits: [standing(tokens, 10n)] }), NOW, { counts }).amounts,
    ).toBeUndefined()
  })

  it('say only what is left if the request was not read', () => {
    const why = refusedBy(refused('usage-limit-reached', { limits: [standing(tokens, 100n)] }), NOW)
    expect(why.amounts).toEqual({ left: { units: { tokens: 0n } }, needed: undefined })
  })

  it.each(['payment-declined', 'security-hold', 'payment-spent'] as const)('are not told for %s', (reason) => {
    const credit = { units: 1n, currency: 'USD' }
    expect(
      refusedBy(refused(reason, { credit, limits: [standing(tokens, 100n)] }), NOW, { counts }).amounts,
    ).toBeUndefined()
  })
})

describe('the limit of a refusal', () => {
  const requests = limit('requests', 5n)

  it('is the one without room, with its numbers and the time of the next room', () => {
    const limits = [standing(limit('tokens', 100n), 1n), standing(requests, 5n)]
    const why = refusedBy(refused('usage-limit-reached', { limits, retryAfterSeconds: 90 }), NOW)
    expect(why.facts).toEqual({
      limit: { name: 'requests', unit: 'requests', quota: 5n, used: 5n, resetsAt: NOW / 1000 + 90 },
    })
  })

  it('is called as people know it if it is a key’s', () => {
    const why = refusedBy(refused('usage-limit-reached', { limits: [standing(limitOfKey(requests, 'k1'), 5n)] }), NOW)
    expect(why.facts).toEqual({ limit: { name: 'requests', unit: 'requests', quota: 5n, used: 5n } })
  })

  it('is not told of a rate', () => {
    expect(refusedBy(refused('too-many-requests', { limits: [standing(requests, 5n)] }), NOW).facts).toBeUndefined()
  })
})
