import { describe, expect, it } from 'vitest'
import type { Authority } from '../../src/access/authority.ts'
import { type DecidedRequest, decide } from '../../src/access/decide.ts'
import { DEFAULT_METERING } from '../../src/access/limit.ts'
import type { Terms } from '../../src/access/offer.ts'
import { ok } from '../../src/core/result.ts'
import { readTarget } from '../../src/http/rules/target.ts'
import { entitlementOf, presenting } from '../support/proofs.ts'

const NOW = 1_800_000_000
const PRICE = { units: 250_000_000n, currency: 'USD' }
const QUOTA = { name: 'requests', quota: 5n, unit: 'requests', window: 60, kind: 'fixed', anchor: undefined } as const

function terms(kind: 'plain' | 'quota' | 'price', confirm?: 'other-sites'): Terms {
  const words = { title: undefined, description: undefined, resource: '/a/*', onSale: true }
  const offer =
    kind === 'price'
      ? { entitlements: [], price: PRICE, ...words }
      : { entitlements: ['premium'], price: undefined, ...words }
  const metering = kind === 'quota' ? { ...DEFAULT_METERING, quotas: [QUOTA] } : DEFAULT_METERING
  return { kind: 'paid', offer, metering, observedUntilMs: undefined, ...(confirm && { confirm }) }
}

function asked(method: string): DecidedRequest {
  const target = readTarget('/a/1', '')
  if (!target.ok) throw new Error('no target')
  return { method, target: target.value, now: NOW * 1000 }
}

const entitlement = ok(entitlementOf(NOW - 60))

type Outcome = 'served' | 'refused' | 'asked'

function outcome(given: Terms, authority: Authority, method = 'GET', how: { confirmed?: boolean } = {}): Outcome {
  const confirmed = [{ id: 'page', price: PRICE, at: NOW - 10, binding: 'b' }]
  const presented = presenting({ entitlement, authority, ...(how.confirmed && { confirmed }) })
  const decision = decide(given, presented, asked(method))
  if (decision.action === 'serve') return 'served'
  expect(decision.refusal).toMatchObject({ reason: 'payment-required', check: 'presented' })
  return decision.action === 'refuse' && decision.toConfirm !== undefined ? 'asked' : 'refused'
}

const AUTHORITIES: readonly Authority[] = ['read', 'count', 'tell', 'spend']
const outcomes = (given: Terms, method = 'GET', how = {}) => AUTHORITIES.map((one) => outcome(given, one, method, how))

describe('what came by itself, and goes as far as read, count, tell, spend', () => {
  it('opens what costs nothing', () => {
    for (const method of ['GET', 'POST']) expect(outcomes(terms('plain'), method)).toEqual(Array(4).fill('served'))
  })

  it('counts a quota where it goes so far', () => {
    expect(outcomes(terms('quota'))).toEqual(['refused', 'served', 'served', 'served'])
  })

  it('never pays a price that is not confirmed', () => {
    expect(outcomes(terms('price'))).toEqual(['refused', 'asked', 'asked', 'asked'])
    expect(outcomes(terms('price'), 'POST')).toEqual(['refused', 'refused', 'refused', 'refused'])
  })

  it('pays one from a page of ours where the route asks only others to confirm', () => {
    expect(outcomes(terms('price', 'other-sites'))).toEqual(['refused', 'asked', 'asked', 'served'])
    expect(outcomes(terms('price', 'other-sites'), 'POST')).toEqual(['refused', 'refused', 'refused', 'served'])
  })

  it('pays one that is confirmed, for GET and HEAD', () => {
    for (const method of ['GET', 'HEAD'])
      expect(outcomes(terms('price'), method, { confirmed: true })).toEqual(Array(4).fill('served'))
    expect(outcomes(terms('price'), 'POST', { confirmed: true })).toEqual(Array(4).fill('refused'))
  })

  it('says under what a price was confirmed, and where its owner sent it on purpose asks for nothing', () => {
    const confirmed = [{ id: 'page', price: PRICE, at: NOW, binding: 'b' }]
    expect(
      decide(terms('price'), presenting({ entitlement, authority: 'count', confirmed }), asked('GET')),
    ).toMatchObject({
      cost: { price: PRICE, confirmation: 'page b' },
    })
    const sent = decide(terms('price'), presenting({ entitlement }), asked('POST'))
    expect(sent).toMatchObject({ action: 'serve', cost: { price: PRICE } })
    expect(sent).not.toHaveProperty('cost.confirmation')
  })
})
