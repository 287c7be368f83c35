import { describe, expect, it } from 'vitest'
import type { Decision } from '../../src/access/decide.ts'
import { DEFAULT_METERING } from '../../src/access/limit.ts'
import { decideObserved, observe, observedUntil } from '../../src/access/observation.ts'
import type { Offer, Terms } from '../../src/access/offer.ts'
import { type Reason, REASONS, refusal } from '../../src/core/problem.ts'
import { err, ok } from '../../src/core/result.ts'
import { readTarget } from '../../src/http/rules/target.ts'
import { entitlementOf, presenting } from '../support/proofs.ts'

const UNTIL = Date.parse('2026-12-31T00:00:00Z')

const offer: Offer = {
  entitlements: ['premium'],
  price: { units: 250_000_000n, currency: 'USD' },
  onSale: true,
  title: undefined,
  description: undefined,
  resource: '/articles/*',
}
const watched: Terms = { kind: 'paid', offer, metering: DEFAULT_METERING, observedUntilMs: UNTIL }

const proof = entitlementOf(UNTIL / 1000 - 90_000, {
  plan: 'Gold',
  accountHash: 'hash',
  expires: UNTIL / 1000 + 3600,
})

function asked(now: number, fields: Record<string, string> = {}, method = 'GET') {
  const target = readTarget('/articles/1', '')
  if (!target.ok) throw new Error(target.error.reason)
  return { method, target: target.value, now, fields: new Headers(fields) }
}

const refused = (reason: Reason): Decision => ({ action: 'refuse', refusal: refusal(reason, 'why'), proof })
const lifted = (would: Reason | 'serve', accountHash?: string) => ({
  action: 'serve',
  proof: undefined,
  cost: undefined,
  observed: { would, accountHash },
})

/** Every reason there is: a new one has to be put on one side. */
const STAYS: Record<Reason, boolean> = {
  'payment-required': false,
  'credential-malformed': false,
  'credential-ambiguous': false,
  'credential-invalid': false,
  'credential-not-yet-valid': false,
  'credential-expired': false,
  'subscription-inactive': false,
  'payment-declined': false,
  'credit-insufficient': false,
  'entitlement-insufficient': false,
  'usage-limit-reached': false,
  'payment-spent': false,
  'payment-insufficient': false,
  'security-hold': false,
  'not-for-sale': false,
  'temporarily-closed': true,
  'origin-not-allowed': true,
  'not-found': true,
  'model-not-found': true,
  'content-encoding-unsupported': true,
  'target-ambiguous': true,
  'host-unknown': true,
  'keys-unavailable': true,
  'ledger-unavailable': true,
  misconfigured: true,
  'origin-unreachable': true,
  'origin-timeout': true,
  'idempotency-conflict': true,
  'too-many-requests': true,
  'content-too-large': true,
  'method-not-allowed': true,
  'request-malformed': true,
  'request-timeout': true,
  'prefetch-declined': true,
  overloaded: true,
  'standing-unavailable': true,
  'payments-unavailable': true,
  'settlement-unknown': true,
  'internal-error': true,
}

describe('an observed refusal', () => {
  const reasons = Object.keys(REASONS) as Reason[]
  it.each(reasons.filter((reason) => !STAYS[reason]))('for %s is served to nobody in particular', (reason) => {
    expect(observe(refused(reason))).toEqual(lifted(reason, 'hash'))
  })
  it.each(reasons.filter((reason) => STAYS[reason]))('for %s stays a refusal', (reason) => {
    expect(observe(refused(reason))).toEqual(refused(reason))
    expect(observe(refused(reason), true)).toEqual(refused(reason))
  })
})

describe('what would have been served', () => {
  it('is served to nobody in particular, and demands nothing', () => {
    const cost = { from: 'receipt', issuer: 'i', jti: 'j', receipt: { uses: 1 }, expires: 1 } as const
    expect(observe({ action: 'serve', proof, cost })).toEqual(lifted('serve', 'hash'))
  })
})

describe('a paid route', () => {
  it.each([UNTIL - 86_400_000, UNTIL - 1])('is only watched at %i', (now) => {
    expect(observedUntil(watched, now)).toBe(UNTIL)
    expect(decideObserved(watched, undefined, asked(now))).toEqual(lifted('payment-required'))
    expect(decideObserved(watched, presenting({ entitlement: ok(proof) }), asked(now))).toEqual(lifted('serve', 'hash'))
  })

  it.each([UNTIL, UNTIL + 1])('is enforced at %i, by itself', (now) => {
    expect(observedUntil(watched, now)).toBeUndefined()
    expect(decideObserved(watched, undefined, asked(now))).toMatchObject({ action: 'refuse' })
    expect(decideObserved(watched, presenting({ entitlement: ok(proof) }), asked(now))).toMatchObject({
      action: 'serve',
      proof,
    })
  })

  it('that says nothing of it is enforced', () => {
    const enforced = { ...watched, observedUntilMs: undefined }
    expect(decideObserved(enforced, undefined, asked(0))).toMatchObject({ action: 'refuse' })
  })

  it('still refuses what cannot be known', () => {
    const unknown = refusal('keys-unavailable', 'why')
    const decision = decideObserved(watched, presenting({ entitlement: err(unknown) }), asked(UNTIL - 1))
    expect(decision).toEqual({ action: 'refuse', refusal: unknown, proof: undefined })
  })

  it('would have answered a preflight', () => {
    const fields = { origin: 'https://reader.test', 'access-control-request-method': 'GET' }
    expect(decideObserved(watched, undefined, asked(UNTIL - 1, fields, 'OPTIONS'))).toEqual(lifted('serve'))
    expect(decideObserved(watched, undefined, asked(UNTIL - 1, {}, 'OPTIONS'))).toEqual(lifted('payment-required'))
  })
})

describe('a route that asks for nothing, or is closed', () => {
  it('is not watched', () => {
    expect(observedUntil({ kind: 'free' }, 0)).toBeUndefined()
    expect(decideObserved({ kind: 'free' }, undefined, asked(0))).toEqual({
      action: 'serve',
      proof: undefined,
      cost: undefined,
    })
    expect(decideObserved({ kind: 'closed' }, undefined, asked(0))).toMatchObject({ action: 'refuse' })
  })
})
