/** The options of selling, and their schema. */
import * as v from 'valibot'
import { compileResource } from '../access/resource.ts'
import { parseMoney } from '../core/money.ts'
import { DAY, names, seconds, text, whole } from '../config/rules/values.ts'
import type { Gives, StripeOffer } from './offers.ts'

/** One thing to buy by Stripe. It gives exactly one of `grants`, `receipt` and `credit`. */
export interface SellOptions {
  /** The id of the price at Stripe: a recurring one for `grants`, another one else. */
  price: string
  /** Prices at which this was sold before. What was bought at one of them still counts. */
  formerPrices?: string[]
  /** Shown to buyers. Default: the name of the product at Stripe. */
  title?: string
  /** How many of the price are bought at once. Default 1. */
  quantity?: number
  /**
   * The entitlements of whoever has the subscription. Default, without `receipt` and `credit`: one of the offer's own name.
   */
  grants?: string | string[]
  /** A receipt, kept in the buyer's browser. */
  receipt?: SoldReceiptOptions
  /** Prepaid credit, for routes with a price. `amount` is a decimal string. */
  credit?: { amount: string; currency: string }
}

/** A receipt to buy: for a number of requests, or for a time. Exactly one of `uses` and `pass`. */
export interface SoldReceiptOptions {
  /** The requests that it pays for. */
  uses?: number
  /** The seconds of free passage after the first use. At most 31 days. */
  pass?: number
  /** The page that the buyer came from, or a path pattern such as `/reports/*`. Default `this`. */
  resource?: 'this' | (string & {})
  /** The time after the purchase at which it ends, used or not. In seconds, at most a year. Default 90 days. */
  validSeconds?: number
  /**
   * What the receipt counts as, where it must be more than was paid: a route takes a receipt that is worth its price for each
   * use, so ten uses of a price of 1 EUR that are sold for 8 EUR need `{ amount: '10', currency: 'EUR' }`. Default: the price at
   * Stripe, times `quantity`, before discounts and taxes.
   */
  worth?: { amount: string; currency: string }
}

const MAX_USES = 1_000_000
const MAX_PASS_SECONDS = 31 * DAY
const MAX_VALID_SECONDS = 366 * DAY
const VALID_SECONDS = 90 * DAY
const MAX_QUANTITY = 1000
const MAX_NAMES = 50

const OFFER_NAME = /^[\w-]{1,64}$/
const priceId = v.pipe(text, v.regex(/^[\w-]{1,255}$/, 'expected the id of a price at Stripe, such as "price_1AbC"'))

const money = v.pipe(
  v.strictObject({ amount: v.string('expected a decimal string'), currency: v.string('expected an ISO 4217 code') }),
  v.check(
    ({ amount, currency }) => (parseMoney(amount, currency)?.units ?? 0n) > 0n,
    'expected a decimal string above 0, and a currency such as "EUR"',
  ),
  v.transform(({ amount, currency }) => parseMoney(amount, currency) ?? { units: 0n, currency }),
)

const receipt = v.pipe(
  v.strictObject({
    uses: v.optional(whole(1, MAX_USES)),
    pass: v.optional(whole(1, MAX_PASS_SECONDS)),
    resource: v.optional(
      v.pipe(
        text,
        v.check(
          (given) => given === 'this' || compileResource(given) !== undefined,
          'expected "this", or a path pattern such as "/reports/*"',
        ),
      ),
      'this',
    ),
    validSeconds: v.optional(seconds(60, MAX_VALID_SECONDS), VALID_SECONDS),
    worth: v.optional(money),
  }),
  v.check(({ uses, pass }) => (uses === undefined) !== (pass === undefined), 'expected one of "uses" and "pass"'),
  v.check(({ pass = 0, validSeconds }) => pass <= validSeconds, 'expected "validSeconds" to be no less than "pass"'),
  v.transform(
    ({ uses = 1, pass, resource, ...rest }): Gives => ({
      kind: 'receipt',
      grant: pass === undefined ? { kind: 'uses', uses } : { kind: 'pass', passSeconds: pass },
      resource: resource === 'this' ? undefined : resource,
      validSeconds: rest.validSeconds,
      worth: rest.worth,
    }),
  ),
)

const fullOffer = v.pipe(
  v.strictObject({
    price: priceId,
    formerPrices: v.optional(v.array(priceId), []),
    title: v.optional(text),
    quantity: v.optional(whole(1, MAX_QUANTITY), 1),
    grants: v.optional(v.pipe(names, v.maxLength(MAX_NAMES, `expected at most ${MAX_NAMES}`))),
    receipt: v.optional(receipt),
    credit: v.optional(money),
  }),
  v.check(
    ({ grants, receipt: sold, credit }) => [grants, sold, credit].filter((one) => one !== undefined).length <= 1,
    'expected only one of "grants", "receipt" and "credit"',
  ),
)

type FullOffer = v.InferOutput<typeof fullOffer>

const shortOffer = v.pipe(
  priceId,
  v.transform(
    (price): FullOffer => ({
      price,
      formerPrices: [],
      quantity: 1,
      title: undefined,
      grants: undefined,
      receipt: undefined,
      credit: undefined,
    }),
  ),
)

const anyOffer = v.lazy((given): v.GenericSchema<unknown, FullOffer> => {
  return typeof given === 'string' ? shortOffer : fullOffer
})

/** The schema of `sell`. */
export const sellSchema: v.GenericSchema<unknown, readonly StripeOffer[]> = v.pipe(
  v.record(
    v.pipe(v.string(), v.regex(OFFER_NAME, 'expected letters, digits, "-" and "_" in the name of an offer')),
    anyOffer,
  ),
  v.check((offers) => Object.keys(offers).length > 0, 'expected at least one offer'),
  v.check(
    (offers) => !isRepeated(Object.values(offers).flatMap(({ price, formerPrices }) => [price, ...formerPrices])),
    'expected each price in one offer only: what it sells would be ambiguous',
  ),
  v.transform((offers) => Object.entries(offers).map(([name, offer]) => offerOf(name, offer))),
)

function isRepeated(prices: readonly string[]): boolean {
  return new Set(prices).size < prices.length
}

function offerOf(
  name: string,
  { price, formerPrices, title, quantity, grants, receipt: sold, credit }: FullOffer,
): StripeOffer {
  const gives: Gives =
    sold ??
    (credit === undefined ? { kind: 'subscription', names: grants ?? [name] } : { kind: 'credit', money: credit })
  return { name, title, prices: [price, ...formerPrices], quantity, gives }
}

/** Returns the longest time for which a receipt of these options is good; the options may be anything. */
export function longestReceiptSeconds(sell: unknown): number {
  const parsed = v.safeParse(sellSchema, sell)
  if (!parsed.success) return 0
  return Math.max(0, ...parsed.output.map(({ gives }) => (gives.kind === 'receipt' ? gives.validSeconds : 0)))
}

/** The schema of `checkout`. */
export const checkoutSchema = v.strictObject({
  automaticTax: v.optional(v.boolean('expected true or false'), false),
  promotionCodes: v.optional(v.boolean('expected true or false'), false),
})
