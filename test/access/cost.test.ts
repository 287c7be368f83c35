import { describe, expect, it } from 'vitest'
import { decide } from '../../src/access/decide.ts'
import type { Cost } from '../../src/access/cost.ts'
import { DEFAULT_METERING, type Limit } from '../../src/access/limit.ts'
import type { Offer, Terms } from '../../src/access/offer.ts'
import { exactRate, type Rates } from '../../src/access/ratelimit.ts'
import type { Receipt } from '../../src/access/receipt.ts'
import { compileResource } from '../../src/access/resource.ts'
import { ok } from '../../src/core/result.ts'
import { readTarget } from '../../src/http/rules/target.ts'
import { entitlementOf, presenting } from '../support/proofs.ts'
import { parseMoney } from '../../src/core/money.ts'

const NOW = 1_800_000_000
const price = parseMoney('0.25', 'USD')
const lifetime = { issuedAt: NOW - 60, notBefore: NOW - 60, expires: NOW + 3600, toleranceSeconds: 5 }
const common = { issuer: 'https://billing.test', accountHash: undefined, ...lifetime }

const entitlement = (limits: readonly Limit[] = []) => entitlementOf(NOW - 60, { limits })

function receipt(): Receipt {
  const resource = compileResource('/x')
  if (resource === undefined || price === undefined) throw new Error('no resource')
  const grant = { kind: 'uses' as const, uses: 1 }
  return { kind: 'receipt', ...common, jti: 'r-1', payer: undefined, amount: price, resource, methods: ['GET'], grant }
}

const exact = [exactRate(2, 60, '/x'), exactRate(9, 3600, '/x')]
const rates: Rates = { scope: '/x', exact, bound: [{ binding: 'RATE', seconds: 60 }] }
const daily: Limit = { name: 'requests', quota: 9n, unit: 'requests', window: 'P1D', kind: 'fixed', anchor: undefined }

function terms(offer: Partial<Offer>, given: Rates | undefined, quotas: readonly Limit[] = []): Terms {
  const words = { onSale: true, title: undefined, description: undefined, resource: '/x' }
  const metering = { ...DEFAULT_METERING, quotas }
  const offered = { entitlements: ['premium'], price: undefined, ...words, ...offer }
  return { kind: 'paid', observedUntilMs: undefined, offer: offered, metering, ...(given && { rates: given }) }
}

/** What is demanded, or the reason of a refusal. */
function costOf(given: Terms, presented: Parameters<typeof decide>[1]): Cost | string | undefined {
  const target = readTarget('/x', '')
  if (!target.ok) throw new Error('no target')
  const decision = decide(given, presented, { method: 'GET', target: target.value, now: NOW * 1000 })
  return decision.action === 'serve' ? decision.cost : decision.refusal.reason
}

describe('a route with rates', () => {
  it('demands a place under those that a ledger counts, and nothing for the others', () => {
    const reader = presenting({ entitlement: ok(entitlement()) })
    const nothing = { counts: [], limits: [], price: undefined }
    expect(costOf(terms({}, rates), reader)).toMatchObject({
      from: 'account',
      account: 'ann',
      ...nothing,
      rates: exact,
    })
    expect(costOf(terms({}, { ...rates, exact: [] }), reader)).toBeUndefined()
    expect(costOf(terms({}, undefined), reader)).toBeUndefined()
  })

  it('demands it beside a quota, a price, and of a receipt', () => {
    const reader = presenting({ entitlement: ok(entitlement()) })
    expect(costOf(terms({}, rates, [daily]), reader)).toMatchObject({ limits: [daily], rates: exact })
    expect(costOf(terms({ entitlements: [], price }, rates), reader)).toMatchObject({ price, rates: exact })
    expect(costOf(terms({ price }, rates), presenting({ receipt: ok(receipt()) }))).toMatchObject({
      jti: 'r-1',
      rates: exact,
    })
  })

  it.each(['rate-60', '/x', 'rate /x', 'requests'])('demands it whatever a token says of %s', (name) => {
    const generous = { ...daily, name, quota: 10_000n, window: 60, kind: 'sliding' as const }
    const cost = costOf(terms({}, rates), presenting({ entitlement: ok(entitlement([generous])) }))
    expect(cost).toMatchObject({ limits: [generous], rates: exact })
  })

  it('charges nothing by that, so that a cookie from anywhere opens what it opened before', () => {
    const cookie = presenting({ entitlement: ok(entitlement()), authority: 'read' })
    expect(costOf(terms({}, rates), cookie)).toMatchObject({ rates: exact })
    expect(costOf(terms({}, rates, [daily]), cookie)).toBe('payment-required')
    expect(costOf(terms({ entitlements: [], price }, rates), cookie)).toBe('payment-required')
  })
})
