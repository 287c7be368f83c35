import { describe, expect, it } from 'vitest'
import { type Checkout, readCheckout, strangeness } from '../../src/stripe/checkout.ts'
import type { StripeOffer } from '../../src/stripe/offers.ts'

const OFFER: StripeOffer = {
  name: 'topUp',
  title: undefined,
  prices: ['price_now', 'price_before'],
  quantity: 1,
  gives: { kind: 'credit', money: { units: 10_000_000_000n, currency: 'EUR' } },
}
const PLACE = { zone: 'news', isLive: true }
const PRICE = { id: 'price_now', object: 'price', currency: 'eur', unit_amount: 999, type: 'one_time', recurring: null }
const LINE = { object: 'item', quantity: 1, price: PRICE }

type Members = Readonly<Record<string, unknown>>

/** A Checkout Session as the API has it, whose lines are `lines`. */
function sessionOf(over: Members = {}, metadata: Members = {}, lines: readonly Members[] = [LINE]): Checkout {
  const read = readCheckout({
    object: 'checkout.session',
    id: 'cs_1',
    status: 'complete',
    payment_status: 'paid',
    created: 1_800_000_000,
    mode: 'payment',
    livemode: true,
    customer: 'cus_1',
    payment_intent: { id: 'pi_1', latest_charge: { refunded: false } },
    line_items: { object: 'list', data: lines, has_more: false },
    metadata: { faregate_zone: 'news', faregate_offer: 'topUp', faregate_trip: 'hash', ...metadata },
    ...over,
  })
  if (read === undefined) throw new Error('no session')
  return read
}

describe('a Checkout Session is what the gate began', () => {
  it.each<[string, Checkout, string | undefined]>([
    ['as it should be', sessionOf(), undefined],
    [
      'sold for a price that the offer had',
      sessionOf({}, {}, [{ ...LINE, price: { ...PRICE, id: 'price_before' } }]),
      undefined,
    ],
    ['made by a payment link', sessionOf({ payment_link: 'plink_1' }), 'made by a payment link'],
    ['of another zone', sessionOf({}, { faregate_zone: 'shop' }), 'of another zone'],
    ['of no zone', sessionOf({}, { faregate_zone: undefined }), 'of another zone'],
    ['of another offer', sessionOf({}, { faregate_offer: 'article' }), 'of another offer'],
    ['of no offer', sessionOf({}, { faregate_offer: '' }), 'of another offer'],
    ['of another mode', sessionOf({ mode: 'subscription' }), 'of another mode'],
    ['that sets up a card alone', sessionOf({ mode: 'setup' }), 'of another mode'],
    ['of test mode', sessionOf({ livemode: false }), 'of another mode of Stripe, live or test'],
    ['of no line', sessionOf({}, {}, []), 'not of one line'],
    ['of two lines', sessionOf({}, {}, [LINE, LINE]), 'not of one line'],
    [
      'of a line and more that are not told',
      sessionOf({ line_items: { object: 'list', data: [LINE], has_more: true } }),
      'not of one line',
    ],
    ['whose lines are not told', sessionOf({ line_items: undefined }), 'not of one line'],
    [
      'of a cheaper price',
      sessionOf({}, {}, [{ ...LINE, price: { ...PRICE, id: 'price_other' } }]),
      'of a price that the offer does not have',
    ],
    ['of less of it', sessionOf({}, {}, [{ ...LINE, quantity: 0 }]), 'of another quantity'],
    ['of more of it', sessionOf({}, {}, [{ ...LINE, quantity: 2 }]), 'of another quantity'],
  ])('%s', (_which, checkout, why) => {
    expect(strangeness(checkout, OFFER, PLACE)).toBe(why)
  })

  it('of either mode of Stripe, if the key does not say which it is of', () => {
    for (const livemode of [true, false])
      expect(strangeness(sessionOf({ livemode }), OFFER, { ...PLACE, isLive: undefined })).toBeUndefined()
  })
})

describe('a Checkout Session is paid', () => {
  it.each([
    ['complete', 'paid', true],
    ['complete', 'no_payment_required', true],
    ['complete', 'unpaid', false],
    ['complete', undefined, false],
    ['complete', 'something new', false],
    ['open', 'paid', false],
    ['open', 'no_payment_required', false],
    ['expired', 'paid', false],
  ])('with the status %s and the payment %s: %s', (status, paid, isPaid) => {
    expect(sessionOf({ status, payment_status: paid }).isPaid).toBe(isPaid)
  })

  it('and paid back once its charge is, as a whole', () => {
    const refunded = (latest_charge: unknown): boolean =>
      sessionOf({ payment_intent: { id: 'pi_1', latest_charge } }).isRefunded
    expect([{ refunded: true }, { refunded: false, amount_refunded: 5 }, 'ch_1', null].map(refunded)).toEqual([
      true,
      false,
      false,
      false,
    ])
  })

  it('by the payment intent, or by itself where nothing was to be paid', () => {
    expect([sessionOf().payment, sessionOf({ payment_intent: null }).payment]).toEqual(['pi_1', 'cs_1'])
  })
})

describe('what is no Checkout Session', () => {
  it.each([
    [undefined],
    [null],
    ['cs_1'],
    [[]],
    [{}],
    [{ object: 'payment_intent', id: 'pi_1' }],
    [{ object: 'checkout.session', id: 'cs_1', status: 'new', created: 1, mode: 'payment' }],
    [{ object: 'checkout.session', id: 'cs_1', status: 'complete', created: '1', mode: 'payment' }],
    [{ object: 'checkout.session', status: 'complete', created: 1, mode: 'payment' }],
  ])('is not read as one: %j', (value) => {
    expect(readCheckout(value)).toBeUndefined()
  })
})
