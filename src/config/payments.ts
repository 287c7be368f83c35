import * as v from 'valibot'
import type { Offer } from '../access/offer.ts'
import type { Pack, PackGrant } from '../access/pack.ts'
import { parseMoney } from '../core/money.ts'
import { parseDuration } from '../core/duration.ts'
import { DAY, text } from './rules/values.ts'

const MAX_PACKS = 3
const MAX_USES = 1_000_000
const MAX_PASS_SECONDS = 30 * DAY
const USES = `expected a whole number from 2 to ${MAX_USES}`
const PASS = 'expected a time such as "PT1H", from a minute to 30 days'
const AMOUNT = 'expected a decimal string above zero, such as "0.90", with at most 9 decimals'

const pack = v.pipe(
  v.strictObject({
    amount: v.pipe(
      text,
      v.check((amount) => (parseMoney(amount, 'USD')?.units ?? 0n) > 0n, AMOUNT),
    ),
    credit: v.optional(v.literal(true, 'expected true')),
    uses: v.optional(v.pipe(v.number(USES), v.integer(USES), v.minValue(2, USES), v.maxValue(MAX_USES, USES))),
    pass: v.optional(
      v.pipe(
        text,
        v.check((given) => isPass(parseDuration(given)), PASS),
      ),
    ),
  }),
  v.check(
    ({ uses, pass, credit }) => [uses, pass, credit].filter((given) => given !== undefined).length === 1,
    'expected exactly one of "uses", "pass" and "credit"',
  ),
)

function isPass(seconds: number | undefined): boolean {
  return seconds !== undefined && seconds >= 60 && seconds <= MAX_PASS_SECONDS
}

/** The members of a route that say how payments are made. */
export const paymentEntries = {
  packs: v.optional(
    v.pipe(
      v.array(pack),
      v.minLength(1, 'expected at least one'),
      v.maxLength(MAX_PACKS, `expected at most ${MAX_PACKS}`),
    ),
  ),
  pay: v.optional(
    v.pipe(v.array(text, "expected a list of rails such as ['x402']"), v.minLength(1, 'expected at least one')),
  ),
  settle: v.optional(v.picklist(['head', 'before'], 'expected "head" or "before"')),
}

interface CheckedPayments {
  readonly packs?: readonly v.InferOutput<typeof pack>[] | undefined
  readonly pay?: readonly string[] | undefined
  readonly settle?: 'head' | 'before' | undefined
}

export const PRICED_ONLY = 'expected "packs", "pay" and "settle" only beside "price"'

export function hasPaymentsOnlyIfPriced({ packs, pay, settle, price }: CheckedPayments & { readonly price?: unknown }) {
  return price !== undefined || (packs === undefined && pay === undefined && settle === undefined)
}

export const ONE_CURRENCY = 'expected the currency of "price" to be that of the meter'

export function hasOneCurrency({
  price: ofRequest,
  meter: metered,
}: {
  price?: { currency: string } | undefined
  meter?: { readonly currency?: string } | undefined
}) {
  const currency = metered?.currency
  return ofRequest === undefined || currency === undefined || currency === ofRequest.currency
}

/** Compiles how a route is paid for. `currency`: that of its price. */
export function compilePayments(
  { packs, pay, settle }: CheckedPayments,
  currency: string | undefined,
): Pick<Offer, 'packs' | 'paidBy' | 'settlesFirst'> {
  const sold = (packs ?? []).flatMap(({ amount, ...given }): Pack[] => {
    const money = parseMoney(amount, currency)
    return money === undefined ? [] : [{ amount: money, gives: compileGrant(given) }]
  })
  return {
    ...(sold.length > 0 && { packs: sold }),
    ...(pay && { paidBy: pay }),
    ...(settle === 'before' && { settlesFirst: true as const }),
  }
}

function compileGrant({
  uses,
  pass,
}: {
  readonly uses?: number | undefined
  readonly pass?: string | undefined
}): PackGrant {
  if (uses !== undefined) return { kind: 'uses', uses }
  const passSeconds = pass === undefined ? undefined : parseDuration(pass)
  return passSeconds === undefined ? { kind: 'credit' } : { kind: 'pass', passSeconds }
}
