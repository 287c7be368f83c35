import { describe, expect, it } from 'vitest'
import { applicableLimits } from '../../src/access/applicable.ts'
import { boundedCost, ratesAlone } from '../../src/access/cost.ts'
import { decide } from '../../src/access/decide.ts'
import { DEFAULT_METERING, type Limit } from '../../src/access/limit.ts'
import type { Offer, Terms } from '../../src/access/offer.ts'
import { exactRate } from '../../src/access/ratelimit.ts'
import { buildTable, CLOSED } from '../../src/access/route.ts'
import { ok } from '../../src/core/result.ts'
import { readTarget } from '../../src/http/rules/target.ts'
import { reported } from '../../src/index.ts'
import { entitlementOf, presenting } from '../support/proofs.ts'
import { OFF } from '../support/policy.ts'

const NOW = 1_800_000_000
const USD = (units: bigint) => ({ units, currency: 'USD' })
const limit = (name: string, unit = name): Limit => ({
  name,
  quota: 9n,
  unit,
  window: 'P1D',
  kind: 'fixed',
  anchor: undefined,
})
const ann = (limits: readonly Limit[], entitlements = ['premium']) => entitlementOf(NOW - 60, { limits, entitlements })

type Paid = Extract<Terms, { kind: 'paid' }>
function terms(offer: Partial<Offer> = {}, over: Partial<Paid> = {}): Paid {
  const words = { onSale: true, title: undefined, description: undefined, resource: '/x', price: undefined }
  const metered = { counted: ['rows'] }
  return {
    kind: 'paid',
    observedUntilMs: undefined,
    offer: { entitlements: ['premium'], ...words, ...offer },
    metering: DEFAULT_METERING,
    metered,
    ...over,
  }
}

const target = readTarget('/x', '')
function judge(given: Terms, presented: Parameters<typeof decide>[1]) {
  if (!target.ok) throw new Error('no target')
  return decide(given, presented, { method: 'GET', target: target.value, now: NOW * 1000 })
}

const costOf = (given: Terms, limits: readonly Limit[]) => {
  const decision = judge(given, presenting({ entitlement: ok(ann(limits)) }))
  return decision.action === 'serve' && decision.cost?.from === 'account' ? decision.cost : undefined
}

describe('a metered route, before its meter is asked', () => {
  it('takes at least one of each name that some limit counts, and a nano of its currency', () => {
    expect(costOf(terms(), [])).toBeUndefined()
    expect(costOf(terms(), [limit('words')])).toBeUndefined()
    expect(costOf(terms(), [limit('monthly', 'rows')])?.counts).toContainEqual({ name: 'monthly', units: 1n })
    expect(costOf(terms({}, { metered: { counted: [], currency: 'USD' } }), [])?.price).toEqual(USD(1n))
  })

  const cookie = { authority: 'count', confirmed: [] } as const
  const dear = terms({}, { metered: { counted: [], currency: 'USD' } })
  const sold = terms({ entitlements: [], price: USD(5n) })
  const confirmed = [{ id: 'a', price: USD(5n), at: NOW, binding: 'b' }]
  it.each([
    ['units, for a page that was opened', terms(), cookie, 'serve'],
    ['no units, for what another site begins', terms(), { authority: 'read' }, 'refuse'],
    ['no money of its meter', dear, { authority: 'tell' }, 'refuse'],
    [
      'no money of its meter, though a nano was confirmed',
      dear,
      { ...cookie, confirmed: [{ ...confirmed[0], price: USD(1n) }] },
      'refuse',
    ],
    ['no price, though that was confirmed', sold, { ...cookie, confirmed }, 'refuse'],
    ['any money, where the route relaxes that', { ...dear, confirm: 'other-sites' }, { authority: 'spend' }, 'serve'],
  ] as const)('takes by cookie %s', (_what, given, how, action) => {
    const decision = judge(given, presenting({ entitlement: ok(ann([limit('rows')])), ...(how as object) }))
    expect(decision.action).toBe(action)
    if (decision.action === 'refuse') expect(decision.toConfirm).toBeUndefined()
  })

  it('is a route whose quotas an account is told of', () => {
    const meter = reported({ most: { rows: 5 } })
    const metering = { ...DEFAULT_METERING, quotas: [limit('daily', 'rows'), limit('words')] }
    const limits = { connectMs: 1, responseMs: 1, maxSessionMs: 1, stallMs: 1 }
    const route = { path: '/x', methods: undefined, terms: terms({}, { metering }), meter, cache: OFF, limits }
    const table = buildTable([route], { ...route, path: '/*', terms: CLOSED })
    expect(applicableLimits(table, []).map(({ limit: { name } }) => name)).toEqual(['daily'])
  })
})

describe('a metered request, once it is bounded', () => {
  it('takes what the meter says beside what the route counts and asks for', () => {
    const bound = { counts: [{ name: 'rows', units: 7n }], price: USD(3n) }
    const given = terms({ entitlements: [], price: USD(5n) }, { metered: { counted: ['rows'], currency: 'USD' } })
    const cost = boundedCost(ann([limit('rows'), limit('requests')]), given, bound)
    expect([cost?.counts, cost?.price]).toEqual([
      [
        { name: 'requests', units: 1n },
        { name: 'rows', units: 7n },
      ],
      USD(8n),
    ])
    expect(boundedCost(ann([limit('rows')]), terms(), { counts: [] })).toBeUndefined()
    expect(boundedCost(ann([]), terms(), { counts: [], price: USD(3n) })?.price).toEqual(USD(3n))
  })

  it('takes its place under the rates alone where it is free', () => {
    const exact = [exactRate(2, 60, '/x')]
    const rated = costOf(terms({}, { rates: { scope: '/x', exact, bound: [] } }), [limit('rows')])
    expect(ratesAlone(rated)).toMatchObject({ counts: [], limits: [], price: undefined, rates: exact })
    expect(ratesAlone(costOf(terms(), [limit('rows')]))).toBeUndefined()
  })
})
