import { describe, expect, it } from 'vitest'
import type { Authority } from '../../src/access/authority.ts'
import { type Decision, decide } from '../../src/access/decide.ts'
import type { Confirmation } from '../../src/access/confirmation.ts'
import { DEFAULT_METERING } from '../../src/access/limit.ts'
import type { Terms } from '../../src/access/offer.ts'
import type { Presented } from '../../src/access/proof.ts'
import { refusal } from '../../src/core/problem.ts'
import { err, ok } from '../../src/core/result.ts'
import { readTarget } from '../../src/http/rules/target.ts'
import { receiptOfBilling } from '../login/purchases/site.ts'
import { entitlementOf, presenting } from '../support/proofs.ts'

const NOW = 1_800_000_000
const PRICE = { units: 250_000_000n, currency: 'USD' }
const METHODS = ['GET', 'POST']
const USES = receiptOfBilling({ methods: METHODS })
const PASS = receiptOfBilling({ methods: METHODS, grant: { kind: 'pass', passSeconds: 3600 } })
const at = (seconds: number): Confirmation => ({ id: 'page', price: PRICE, at: NOW - seconds, binding: 'b' })

type Paid = Extract<Terms, { kind: 'paid' }>
const OFFER = { entitlements: ['premium'], price: PRICE, onSale: true, title: undefined, description: undefined }
const TERMS: Paid = {
  kind: 'paid',
  offer: { ...OFFER, resource: '/reports/*' },
  metering: DEFAULT_METERING,
  observedUntilMs: undefined,
}
const TRUSTING: Paid = { ...TERMS, confirm: 'other-sites' }
const METERED: Paid = { ...TERMS, metered: { counted: ['rows'] } }
const UNPRICED: Paid = { ...TERMS, offer: { ...TERMS.offer, price: undefined } }

function decided(presented: Presented, terms = TERMS, method = 'GET'): Decision {
  const target = readTarget('/reports/1', '')
  if (!target.ok) throw new Error('/reports/1')
  return decide(terms, presented, { method, target: target.value, now: NOW * 1000 })
}

/** What a decision comes to: who pays, who is asked to confirm, or why not. */
function outcomeOf(decision: Decision): string {
  if (decision.action === 'serve') return `by ${decision.cost?.from ?? 'plan'}`
  const asks = decision.action === 'refuse' && decision.toConfirm !== undefined
  return asks ? `asks ${decision.proof?.kind}` : decision.refusal.reason
}

describe('a receipt in the browser', () => {
  const levels: Authority[] = ['read', 'count', 'tell', 'spend']
  const no = 'payment-required'
  const asks = 'asks receipt'
  const by = 'by receipt'
  const table: [name: string, outcomes: string[], Paid?, method?: string, confirmed?: Confirmation[]][] = [
    ['of uses', [no, asks, asks, asks]],
    ['of uses, confirmed', [by, by, by, by], TERMS, 'GET', [at(0)]],
    ['of uses, confirmed long ago', [no, asks, asks, asks], TERMS, 'GET', [at(300)]],
    [
      'of uses, confirmed at another price',
      [no, asks, asks, asks],
      TERMS,
      'GET',
      [{ ...at(0), price: { ...PRICE, units: 1n } }],
    ],
    ['of uses, where pages of ours are trusted', [no, asks, asks, by], TRUSTING],
    ['of uses, for POST', [no, no, no, no], TERMS, 'POST', [at(0)]],
    ['of uses, for POST, where pages of ours are trusted', [no, no, no, by], TRUSTING, 'POST'],
    ['of uses, where a meter counts', [no, no, no, no], METERED, 'GET', [at(0)]],
  ]

  it.each(table)('%s: by what its request may do', (_name, outcomes, terms, method, confirmed = []) => {
    const found = levels.map((authority) => {
      const kept = { proof: ok(USES), authority, confirmed }
      return outcomeOf(decided(presenting({ kept }), terms, method))
    })
    expect(found).toEqual(outcomes)
  })

  it.each([
    ['', TERMS, 'GET', [no, by, by, by]],
    [', for POST', TERMS, 'POST', [no, by, by, by]],
    [', where a meter counts', METERED, 'GET', [no, by, by, by]],
  ] as const)('of a pass%s: opens where a page is opened', (_name, terms, method, outcomes) => {
    const found = levels.map((authority) =>
      outcomeOf(decided(presenting({ kept: { proof: ok(PASS), authority } }), terms, method)),
    )
    expect(found).toEqual(outcomes)
  })

  it('is charged under its confirmation, and under none by whoever sends it on purpose', () => {
    const kept = { proof: ok(USES), authority: 'count', confirmed: [at(9)] } as const
    expect(decided(presenting({ kept }))).toMatchObject({ cost: { from: 'receipt', confirmation: 'page b' } })
    expect(decided(presenting({ receipt: ok(USES) }))).not.toHaveProperty('cost.confirmation')
  })

  it('opens nothing that costs more, and nothing of another path', () => {
    const proof = ok(receiptOfBilling({ amount: PRICE }))
    expect(outcomeOf(decided(presenting({ kept: { proof, authority: 'spend' } })))).toBe('payment-insufficient')
    const elsewhere = ok(receiptOfBilling({}, '/films/*'))
    expect(outcomeOf(decided(presenting({ kept: { proof: elsewhere, authority: 'spend' } })))).toBe(
      'payment-insufficient',
    )
  })
})

describe('a receipt in the browser, beside an account', () => {
  const account = (entitlements: string[]) => ok(entitlementOf(NOW - 60, { entitlements, expires: NOW + 3600 }))
  const kept = (receipt = USES, confirmed: Confirmation[] = []) =>
    ({ proof: ok(receipt), authority: 'spend', confirmed }) as const
  const bad = (reason: 'credential-malformed' | 'payment-spent') =>
    ({ proof: err(refusal(reason, 'It is bad.')), authority: 'read' }) as const
  const credit = { entitlement: account([]), authority: 'spend' } as const

  it.each<[string, Presented, string, Paid?]>([
    ['leaves a plan alone', presenting({ entitlement: account(['premium']), kept: kept() }), 'by plan'],
    ['is asked for before credit', presenting({ ...credit, kept: kept() }), 'asks receipt'],
    ['pays before credit', presenting({ ...credit, kept: kept(PASS) }), 'by receipt'],
    ['lets confirmed credit pay', presenting({ ...credit, confirmed: [at(0)], kept: kept() }), 'by account'],
    ['lets credit ask, if it is bad', presenting({ ...credit, kept: bad('credential-malformed') }), 'asks entitlement'],
    ['lets credit pay that was sent on purpose', presenting({ entitlement: account([]), kept: kept() }), 'by account'],
    [
      'is nothing where nothing has a price',
      presenting({ ...credit, kept: kept(PASS) }),
      'entitlement-insufficient',
      UNPRICED,
    ],
    [
      'is nothing, alone, where nothing has a price',
      presenting({ kept: bad('credential-malformed') }),
      'payment-required',
      UNPRICED,
    ],
    [
      'yields to a receipt sent on purpose',
      presenting({ kept: kept(PASS), receipt: err(refusal('payment-spent', 'It was.')) }),
      'payment-spent',
    ],
  ])('%s', (_name, presented, outcome, terms = TERMS) => {
    expect(outcomeOf(decided(presented, terms))).toBe(outcome)
  })

  it('names the account that could pay as well', () => {
    expect(decided(presenting({ ...credit, kept: kept() }))).toMatchObject({ otherPayer: { account: 'ann' } })
  })
})
