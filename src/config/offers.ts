import * as v from 'valibot'
import type { OfferPrice, PricedOffer } from '../access/pricedoffer.ts'
import { type Money, parseMoney } from '../core/money.ts'
import { parsePeriod } from '../core/period.ts'
import { localTextSchema } from './pages.ts'
import { names, text } from './rules/values.ts'

const AMOUNT = 'expected a decimal string such as "4.90", and an ISO 4217 code in capitals'
const money = v.pipe(
  v.strictObject({ amount: text, currency: text }),
  v.check(({ amount, currency }) => parseMoney(amount, currency) !== undefined, AMOUNT),
)
const price = v.pipe(
  v.strictObject({
    amount: text,
    currency: text,
    every: v.optional(
      v.pipe(
        text,
        v.check((value) => parsePeriod(value) !== undefined, 'expected a period such as "P1M" or "P1Y"'),
      ),
    ),
    countries: v.optional(
      v.array(v.pipe(text, v.regex(/^[A-Z]{2}$/, 'expected a country such as "DE" (ISO 3166-1 alpha-2)'))),
    ),
  }),
  v.check(({ amount, currency }) => parseMoney(amount, currency) !== undefined, AMOUNT),
)
type CheckedPrice = v.InferOutput<typeof price>

const prices = v.pipe(
  v.tupleWithRest([price], price),
  v.check(
    ([{ countries }]) => countries === undefined,
    'expected no countries of the first price: it is that of all others',
  ),
  v.check(
    ([, ...others]) => others.every(({ countries }) => countries?.length),
    'expected "countries" of each price but the first',
  ),
  v.check((listed) => isUnambiguous(listed), 'expected each country in one price only'),
)

function isUnambiguous(listed: readonly CheckedPrice[]): boolean {
  const named = listed.flatMap(({ countries = [] }) => countries)
  return new Set(named).size === named.length
}

const offer = v.strictObject({
  title: localTextSchema,
  description: v.optional(localTextSchema),
  price: v.union([price, prices], 'expected {amount, currency, every?}, or a list of such'),
  grants: v.optional(names),
  receipt: v.optional(
    v.union([
      v.strictObject({ uses: v.pipe(v.number(), v.integer(), v.minValue(1)) }),
      v.strictObject({ seconds: v.pipe(v.number(), v.integer(), v.minValue(1)) }),
    ]),
  ),
  credit: v.optional(money),
  main: v.optional(v.literal(true)),
  tax: v.optional(localTextSchema),
})

const offerName = v.pipe(text, v.regex(/^[a-z0-9-]{1,64}$/, 'expected a name of a-z, 0-9 and "-"'))

export const offersSchema = v.record(offerName, offer)

type CheckedOffers = v.InferOutput<typeof offersSchema>

/** Compiles what is on sale. */
export function compileOffers(options: CheckedOffers = {}): ReadonlyMap<string, PricedOffer> {
  return new Map(Object.entries(options).map(([name, one]) => [name, compileOffer(name, one)]))
}

function compileOffer(name: string, { price, ...options }: CheckedOffers[string]): PricedOffer {
  const { title, description, grants = [], receipt, credit, main, tax } = options
  const [first, ...others] = Array.isArray(price) ? price : [price]
  return {
    name,
    title,
    ...(description !== undefined && { description }),
    prices: [compileOfferPrice(first), ...others.map(compileOfferPrice)],
    grants,
    ...(receipt && { receipt: 'uses' in receipt ? { uses: receipt.uses } : { passSeconds: receipt.seconds } }),
    ...(credit && { credit: moneyOf(credit) }),
    isMain: main === true,
    ...(tax !== undefined && { tax }),
  }
}

function compileOfferPrice({ amount, currency, every, countries }: CheckedPrice): OfferPrice {
  const period = every === undefined ? undefined : parsePeriod(every)
  return {
    money: moneyOf({ amount, currency }),
    ...(period && { every: period }),
    ...(countries && { countries }),
  }
}

/** Reads an amount that the schema has checked. */
function moneyOf({ amount, currency }: { readonly amount: string; readonly currency: string }): Money {
  return parseMoney(amount, currency) ?? { units: 0n, currency }
}
