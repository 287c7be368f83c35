import { describe, expect, it } from 'vitest'
import type { Checkout } from '../../src/stripe/checkout.ts'
import { creditOf, receiptBought } from '../../src/stripe/fulfil.ts'
import type { StripeOffer } from '../../src/stripe/offers.ts'

const NOW = 1_800_000_000
const DAY = 86_400
const EACH = { units: 1_500_000_000n, currency: 'EUR' }
const TERMS = {
  grant: { kind: 'uses', uses: 10 },
  resource: undefined,
  validSeconds: 30 * DAY,
  worth: undefined,
} as const
const OFFER: StripeOffer = {
  name: 'article',
  title: undefined,
  prices: ['p'],
  quantity: 2,
  gives: { kind: 'receipt', ...TERMS },
}
const CREDIT: StripeOffer = { ...OFFER, gives: { kind: 'credit', money: EACH } }

const CHECKOUT: Checkout = {
  id: 'cs_1',
  status: 'complete',
  url: undefined,
  isPaid: true,
  isRefunded: false,
  hasFailed: false,
  mode: 'payment',
  isLive: true,
  created: NOW - 60,
  customer: 'cus_1',
  email: undefined,
  payment: 'pi_1',
  lines: [{ price: { id: 'p', each: EACH, every: undefined, product: undefined }, quantity: 2 }],
  isByLink: false,
  zone: 'news',
  offer: 'article',
  trip: 'hash',
  resource: '/articles/1',
  goods: undefined,
}

function bought(over: Partial<Checkout> = {}, offer = OFFER, now = NOW) {
  return receiptBought({ ...CHECKOUT, ...over }, offer, now * 1000)
}

describe('a receipt that was bought', () => {
  it('is named by its payment, is for its page alone, and is worth what was paid', () => {
    expect(bought()).toMatchObject({
      jti: 'pi_1',
      payer: 'cus_1',
      amount: { units: 3_000_000_000n, currency: 'EUR' },
      methods: ['GET', 'HEAD'],
      issuedAt: NOW - 60,
      notBefore: NOW - 60,
      expires: NOW - 60 + 30 * DAY,
    })
    expect([bought()?.resource.pattern.source]).toEqual(['/articles/1'])
  })

  it('begins now, if Stripe’s clock is ahead, and is worth what the offer says', () => {
    const worth = { units: 5n, currency: 'USD' }
    const receipt = bought({ created: NOW + 100 }, { ...OFFER, gives: { kind: 'receipt', ...TERMS, worth } })
    expect(receipt).toMatchObject({ notBefore: NOW, issuedAt: NOW, expires: NOW + 100 + 30 * DAY, amount: worth })
  })

  it.each<[string, Partial<Checkout>]>([
    ['was not paid', { isPaid: false }],
    ['was paid back', { isRefunded: true }],
    ['has ended', { created: NOW - 30 * DAY }],
    ['names no page', { resource: undefined }],
    ['names what is no path', { resource: 'https://evil.example/' }],
    ['lists nothing', { lines: [] }],
    ['lists nothing that is told', { lines: undefined }],
  ])('is none if the purchase %s', (_what, over) => {
    expect(bought(over)).toBeUndefined()
  })

  it('is good to the last second', () => {
    expect(bought({ created: NOW - 30 * DAY + 1 })).toBeDefined()
  })

  it('is none of an offer that gives something else', () => {
    expect(bought({}, CREDIT)).toBeUndefined()
    expect([creditOf(CREDIT), creditOf(OFFER)]).toEqual([[{ kind: 'credit-granted', money: EACH }], []])
  })
})
