/**
 * The cookies of receipts as a request brings them and as a response sets them.
 */
import type { Fields } from '../../http/rules/exchange.ts'
import { trimOwsEnd } from '../../http/rules/fields.ts'

/** The beginning of each cookie's name; eight characters of base64url follow, which stand for the receipt. */
export const RECEIPT_COOKIE = '__Host-faregate-receipt-'
/** The most receipts kept in a browser, and the most characters of their cookies: these travel with each request. */
export const MOST_RECEIPTS = 12
export const MOST_CHARACTERS = 4000
/** Browsers keep 4,096 bytes of name, value and attributes. */
export const MAX_SEALED_CHARACTERS = 3900

/** The most cookies that are read: two tabs may have added one each. */
const MOST_READ = 2 * MOST_RECEIPTS
/** Only as browsers write it: the prefix `__Host-` keeps other hosts from setting exactly that spelling. */
const COOKIES = /(?:^|;)[ \t]*(__Host-faregate-receipt-[\w-]{8})=([^;]*)/g

/** A cookie as it came. Nothing of it is verified. */
export interface SentReceipt {
  /** The whole name. */
  readonly name: string
  readonly value: string
}

const NONE: readonly SentReceipt[] = []

/** Returns the receipts' cookies of a request. Of a name that comes twice, none: no browser sends that. */
export function receiptsSent(fields: Fields): readonly SentReceipt[] {
  const field = fields.get('cookie')
  if (field === null || !field.includes(RECEIPT_COOKIE)) return NONE
  const found = Array.from(field.matchAll(COOKIES), ([, name = '', value = '']) => ({ name, value: trimOwsEnd(value) }))
  const once = found.filter(({ name }) => found.filter((other) => other.name === name).length === 1)
  return once.filter(({ value }) => value !== '').slice(0, MOST_READ)
}

/** Returns the `Set-Cookie` value that keeps a receipt. `seconds`: until its end. */
export function keptCookie({ name, value }: SentReceipt, seconds: number): string {
  return `${name}=${value}; Path=/; Max-Age=${Math.max(0, seconds)}; Secure; HttpOnly; SameSite=Lax`
}

/** Returns the `Set-Cookie` value that removes a cookie. */
export function removedCookie(name: string): string {
  return keptCookie({ name, value: '' }, 0)
}
