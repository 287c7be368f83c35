import type { Fields } from '../http/rules/exchange.ts'
import { formatAmount, type Money, parseMoney } from '../core/money.ts'

/**
 * A reader's consent to a price that a cookie would pay.
 *
 * The refused page names price and balance, and has a form. The form posts to `/__faregate/confirm`; the answer sets a
 * cookie and sends the reader back to the page. There the price is charged, once for all requests under the confirmation
 * within five minutes: a second click, Back and a reload are free. The cookie holds no secret and is not signed: only pages
 * of the site can have it set, and a person who writes it with a client of their own confirms a price for their own account
 * alone.
 */
export interface Confirmation {
  /** The `instance` of the refusal on whose page the price was confirmed. */
  readonly id: string
  readonly price: Money
  /** The time of the confirmation, in seconds since 1970. */
  readonly at: number
  /** A digest of payer and page. */
  readonly binding: string
}

const CONFIRMATION_COOKIE = '__Host-faregate-confirm'
/** The time for which requests under one confirmation are one charge. */
const CONFIRMED_SECONDS = 300
/** The most confirmations kept in the cookie, latest first: each is for an open page. */
const MOST = 8
const MAX_CHARACTERS = 2048

const COOKIE = /(?:^|;)[ \t]*__Host-faregate-confirm=([^;,]*)(?=;|$)/
const ID = /^[\w-]{1,64}$/
const SECONDS = /^\d{1,12}$/

/** Reads the cookie, and skips every part that is no confirmation. */
export function confirmationsIn(fields: Fields): readonly Confirmation[] {
  const field = fields.get('cookie')
  if (field === null || !field.includes(CONFIRMATION_COOKIE)) return []
  const value = COOKIE.exec(field)?.[1] ?? ''
  if (value.length > MAX_CHARACTERS) return []
  return value.split('|').slice(0, MOST).flatMap(readConfirmation)
}

function readConfirmation(text: string): Confirmation[] {
  const [id = '', at = '', amount, currency, binding = ''] = text.trim().split('~')
  const price = parseMoney(amount, currency)
  if (price === undefined || !ID.test(id) || !SECONDS.test(at) || !ID.test(binding)) return []
  return [{ id, price, at: Number(at), binding }]
}

/** Returns the cookie's value with one more confirmation. Undefined if the page is confirmed at that price already. */
export function withConfirmation(
  known: readonly Confirmation[],
  { id, price, at, binding }: Confirmation,
): string | undefined {
  const good = known.filter((one) => isFresh(one, at * 1000))
  if (good.some((one) => one.binding === binding && isSame(one.price, price))) return undefined
  return serialize([{ id, price, at, binding }, ...good].slice(0, MOST))
}

/** Returns the cookie's value without the confirmation named `name`. */
export function withoutConfirmation(known: readonly Confirmation[], name: string): string {
  return serialize(known.filter((one) => nameOf(one) !== name))
}

function serialize(confirmations: readonly Confirmation[]): string {
  return confirmations
    .map((one) => [one.id, one.at, formatAmount(one.price), one.price.currency, one.binding].join('~'))
    .join('|')
}

/** Returns the `Set-Cookie` field for a value. An empty value removes the cookie. */
export function confirmationCookie(value: string): string {
  const seconds = value === '' ? 0 : CONFIRMED_SECONDS
  return `${CONFIRMATION_COOKIE}=${value}; Path=/; Max-Age=${seconds}; Secure; HttpOnly; SameSite=Strict`
}

/** Names the charge that all requests under a confirmation share. */
export function nameOf({ id, binding }: Confirmation): string {
  return `${id} ${binding}`
}

/** Returns true if `id` and `binding` from a form are well formed. */
export function isConfirmable(id: string, binding: string): boolean {
  return ID.test(id) && ID.test(binding)
}

/** Returns the confirmation that pays this price now, or undefined. `confirmed` holds those for this reader and page. */
export function confirmationOf(
  confirmed: readonly Confirmation[],
  price: Money,
  now: number,
): Confirmation | undefined {
  return confirmed.find((one) => isSame(one.price, price) && isFresh(one, now))
}

function isFresh({ at }: Confirmation, now: number): boolean {
  return Math.abs(now / 1000 - at) < CONFIRMED_SECONDS
}

function isSame(one: Money, other: Money): boolean {
  return one.units === other.units && one.currency === other.currency
}
