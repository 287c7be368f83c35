/**
 * What was sold, as a Checkout Session and its payment keep it in their metadata. The configuration may change between the sale
 * and what follows of it: a bank that pays after days, the same receipt on another device, a refund. What counts is what the
 * buyer paid for.
 */
import { formatAmount, type Money, parseMoney } from '../core/money.ts'
import type { Gives } from './offers.ts'

/** The fields of metadata, by what was sold. */
const FIELDS = { credit: 'faregate_credit', receipt: 'faregate_receipt' } as const

/** Returns the fields of metadata that keep what is sold. A subscription has its own state at Stripe, and needs none. */
export function writeGoods(gives: Gives): Readonly<Record<string, string>> {
  if (gives.kind === 'subscription') return {}
  if (gives.kind === 'credit') return { [FIELDS.credit]: wordsOfMoney(gives.money) }
  const { grant, validSeconds, worth } = gives
  const granted = grant.kind === 'uses' ? `uses ${grant.uses}` : `pass ${grant.passSeconds}`
  const counting = worth === undefined ? '' : ` ${wordsOfMoney(worth)}`
  return { [FIELDS.receipt]: `${granted} ${validSeconds}${counting}` }
}

function wordsOfMoney(money: Money): string {
  return `${formatAmount(money)} ${money.currency}`
}

/** Reads what was sold from metadata; undefined if it does not say. The resource of a receipt has a field of its own. */
export function readGoods(metadata: ReadonlyMap<string, unknown> | undefined): Gives | undefined {
  const credit = metadata?.get(FIELDS.credit)
  const money = typeof credit === 'string' ? readMoneyWords(credit.split(' ')) : undefined
  if (money !== undefined) return { kind: 'credit', money }
  const receipt = metadata?.get(FIELDS.receipt)
  return typeof receipt === 'string' ? readReceiptWords(receipt) : undefined
}

function readMoneyWords([amount, currency, ...others]: readonly string[]): Money | undefined {
  const money = parseMoney(amount, currency)
  return others.length > 0 || money === undefined || money.units === 0n ? undefined : money
}

const GRANT = /^(uses|pass) ([1-9]\d{0,8}) ([1-9]\d{0,8})(?: (\S+ \S+))?$/

function readReceiptWords(text: string): Gives | undefined {
  const [, kind, granted, valid, counting] = GRANT.exec(text) ?? []
  const worth = counting === undefined ? undefined : readMoneyWords(counting.split(' '))
  if (kind === undefined || (counting !== undefined && worth === undefined)) return undefined
  const grant =
    kind === 'uses'
      ? ({ kind: 'uses', uses: Number(granted) } as const)
      : ({ kind: 'pass', passSeconds: Number(granted) } as const)
  return { kind: 'receipt', grant, resource: undefined, validSeconds: Number(valid), worth }
}
