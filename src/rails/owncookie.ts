/**
 * The gate's own cookie, in which browsers carry an account's credential: a token, or a session of the gate.
 */
import { type Check, refusal, type Refusal } from '../core/problem.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { Exchange } from '../http/rules/exchange.ts'
import { trimOwsEnd } from '../http/rules/fields.ts'
import { stripOwnCookies } from '../http/rules/owncookies.ts'
import type { PlaceReader } from './places.ts'

/** The cookie that carries a token for browsers. `HttpOnly; Secure; SameSite=Lax; Path=/`. */
export const COOKIE = '__Host-faregate'
/** The longest token in a cookie, in bytes: browsers keep 4,096 bytes of name, value and attributes. */
export const MAX_COOKIE_BYTES = 3800

/**
 * Matches the cookie only as browsers write it (RFC 6265 §4.2.1): the prefix `__Host-` keeps other hosts from setting
 * exactly that spelling. A comma or another space before the name may be part of a cookie that a sibling host planted.
 */
const OUR_COOKIE = /(?:^|;)[ \t]*__Host-faregate=([^;]*)/g

/** The gate's own cookie. */
export const OWN_COOKIE: PlaceReader = {
  field: 'Cookie',
  carrier: 'host-cookie',
  find: fromCookie,
  strip: stripOwnCookies,
}

function fromCookie(exchange: Exchange): Result<string, Refusal> | undefined {
  const field = exchange.fields.get('cookie')
  if (field === null || !field.includes(COOKIE)) return undefined
  const values = Array.from(field.matchAll(OUR_COOKIE), (match) => trimOwsEnd(match[1] ?? ''))
  const [value] = values
  if (value === undefined) return undefined
  if (values.length > 1 || value.includes(','))
    return err(
      refusal('credential-ambiguous', `The request has more than one "${COOKIE}" cookie.`, { check: 'spelling' }),
    )
  if (value === '') return undefined
  if (value.length > MAX_COOKIE_BYTES)
    return err(
      refusal('credential-malformed', `The cookie is longer than ${MAX_COOKIE_BYTES} bytes.`, { check: 'spelling' }),
    )
  return ok(value)
}

/** The checks that fail for good: no key that the issuer publishes later makes such a token valid here. */
const FINAL_CHECKS: ReadonlySet<Check | undefined> = /* @__PURE__ */ new Set(['issuer', 'audience', 'type'] as const)
/** Removes the cookie. */
export const REMOVAL: readonly [name: string, value: string] = [
  'Set-Cookie',
  `${COOKIE}=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax`,
]

/**
 * Makes the refusal of a hopeless cookie remove the cookie: the owner cannot, and would be refused until the expiry. A
 * cookie with an unknown key or a bad signature is kept: keys are replaced while readers are signed in.
 */
export function withRemoval(why: Refusal): Refusal {
  const isFinal = why.reason === 'credential-malformed' || FINAL_CHECKS.has(why.check)
  return isFinal ? { ...why, fields: [...(why.fields ?? []), REMOVAL] } : why
}
