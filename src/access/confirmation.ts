import type { Fields } from '../http/rules/exchange.ts'
import { formatAmount, type Money, parseMoney } from '../core/money.ts'

/**
 * A price that a cookie would pay is confirmed first. The page that is refused names price and balance, and has a form; what
 * the form posts to `/__faregate/confirm` comes back as a cookie, and the reader is sent on to the page. There the price is
 * charged, once for all requests under the confirmation, within five minutes: a second click, Back and a reload are free.
 * Nothing of it is secret, and nothing is signed: only pages of the site can have the cookie set, and who writes it with a
 * client of their own confirms what their own account pays.
 */
export interface Confirmation {
  /** The `instance` of the page on which it was confirmed. */
  readonly id: string
  readonly price: Money
  /** When, in seconds since 1970. */
  readonly at: number
  /** A digest of who pays, and for what. */
  readonly binding: string
}

const CONFIRMATION_COOKIE = '__Host-faregate-confirm'
/** As long as requests under one confirmation are one charge. */
const CONFIRMED_SECONDS = 300
/** Of several that are kept the latest: each is for a page that is open. */
const MOST = 8
const MAX_CHARACTERS = 2048

const COOKIE = /(?:^|;)[ \t]*__Host-faregate-confirm=([^;,]*)(?=;|$)/
const ID = /^[\w-]{1,64}$/
const SECONDS = /^\d{1,12}$/

/** Reads the cookie; what is no confirmation in it is passed over. */
export function confirmationsIn(fields: Fields): readonly Confirmation[] {
  const field = fields.get('cookie')
  if (field === null || !field.includes(CONFIRMATION_COOKIE)) return []
  const value = COOKIE.exec(field)?.[1] ?? ''
  if (value.length > MAX_CHARACTERS) return []
  return value.split('|').slice(0, MOST).flatMap(readOne)
}

function readOne(text: string): Confirmation[] {
  const [id = '', at = '', amount, currency, binding = ''] = text.trim().split('~')
  const price = parseMoney(amount, currency)
  if (price === undefined || !ID.test(id) || !SECONDS.test(at) || !ID.test(binding)) return []
  return [{ id, price, at: Number(at), binding }]
}

/** The value of the cookie, with one more. Undefined where the same page was confirmed already. */
export function withConfirmation(
  known: readonly Confirmation[],
  { id, price, at, binding }: Confirmation,
): string | undefined {
  const good = known.filter((one) => isFresh(one, at * 1000))
  if (good.some((one) => one.binding === binding && isSame(one.price, price))) return undefined
  return written([{ id, price, at, binding }, ...good].slice(0, MOST))
}

/** The value of the cookie without what is under this name of a charge. */
export function withoutConfirmation(known: readonly Confirmation[], name: string): string {
  return written(known.filter((one) => nameOf(one) !== name))
}

function written(confirmations: readonly Confirmation[]): string {
  return confirmations
    .map((one) => [one.id, one.at, formatAmount(one.price), one.price.currency, one.binding].join('~'))
    .join('|')
}

/** The `Set-Cookie` field of a value; without one, that which removes it. */
export function confirmationCookie(value: string): string {
  const seconds = value === '' ? 0 : CONFIRMED_SECONDS
  return `${CONFIRMATION_COOKIE}=${value}; Path=/; Max-Age=${seconds}; Secure; HttpOnly; SameSite=Strict`
}

/** What all requests under a confirmation are charged by. */
export function nameOf({ id, binding }: Confirmation): string {
  return `${id} ${binding}`
}

/** True where a form's fields could be one. */
export function isConfirmable(id: string, binding: string): boolean {
  return ID.test(id) && ID.test(binding)
}

/** The one that pays this price now, of those that are for this reader and page. */
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
