/**
 * The rail for account tokens. Clients send tokens in several ways, and some ways are not the client's own choice.
 *
 * A token in `Authorization`, or in a field that only a program sets, was sent on purpose. A cookie or a Basic password is
 * sent by the browser or a proxy, whichever site caused the request. The rail therefore reads deliberate places first, and
 * gives an ambient credential only the authority that the request's origin permits. A refusal removes a cookie that can
 * never be valid, because its owner cannot.
 */
import { confirmationsIn } from '../access/confirmation.ts'
import { after, type Eventually } from '../core/eventually.ts'
import { type Authority, authorityOf, type Carrier } from '../access/authority.ts'
import { type Exchange, isUpgrade } from '../http/rules/exchange.ts'
import { trimOwsEnd } from '../http/rules/fields.ts'
import type { UrlParameter } from '../http/rules/parameter.ts'
import { type Check, refusal, type Refusal } from '../core/problem.ts'
import type { EntitlementPresentation } from '../access/proof.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { Zone } from '../zone.ts'
import { payerBinding } from '../tokens/binding.ts'
import { bearerChallenge, EXPOSED, isExposed } from '../tokens/bearer.ts'
import { readCompact } from '../tokens/jws.ts'
import { isReceipt, takesReceipts } from '../tokens/kind.ts'
import { type PlaceReader, placeFaults, placesOf, type TokenPlace } from './places.ts'
import type { Carried, Challenge, Contribution, Unverified, Rail } from './rail.ts'

/** The cookie that carries a token for browsers. `HttpOnly; Secure; SameSite=Lax; Path=/`. */
export const COOKIE = '__Host-faregate'
/** The longest token in a cookie, in bytes: browsers keep 4,096 bytes of name, value and attributes. */
export const MAX_COOKIE_BYTES = 3800

/**
 * Matches the cookie only as browsers write it (RFC 6265 §4.2.1): the prefix `__Host-` keeps other hosts from setting
 * exactly that spelling. A comma or another space before the name may be part of a cookie that a sibling host planted.
 */
const OUR_COOKIE = /(?:^|;)[ \t]*__Host-faregate=([^;]*)/g

/** The places of an entitlement token. */
export interface BearerOptions {
  /**
   * Further places for a token. The order of reading is: `Authorization: Bearer`, then these places in order, then the
   * gate's cookie, and last those of these places that browsers and proxies fill in by themselves.
   */
  from?: TokenPlace[]
}

/**
 * Takes entitlement tokens as bearer tokens (RFC 6750): from `Authorization`, which wins, from a place in `from`, or from
 * the cookie `__Host-faregate`. Faults in `from` are reported with the other faults of the configuration.
 *
 * @example
 * ```ts zone
 * rails: [bearer({ from: [{ field: 'X-Api-Key' }, { webSocketProtocol: 'bearer' }] })]
 * ```
 */
export function bearer({ from = [] }: BearerOptions = {}): Rail {
  const faults = placeFaults(from)
  const valid = faults.length > 0 ? [] : from
  const [places, parameters] = [placesOf(valid), valid.filter(isInUrl)]
  return {
    name: 'bearer',
    role: 'entitlement',
    kinds: ['entitlement'],
    present(carried) {
      const found = findToken(carried, places)
      if (found === undefined) return undefined
      const { token } = found
      if (!token.ok) return presentedBy(token, found)
      const { exchange, zone, verifiers, call } = carried
      const verified = verifiers.verify(token.value, zone, call)
      if (!(verified instanceof Promise) && found.authority === undefined) return presentedBy(verified, found)
      return after(verified, (proof) => withConfirmed(presentedBy(proof, found), exchange, zone))
    },
    challenge,
    peek: (carried) => peek(findToken(carried, places)),
    strip(fields) {
      for (const place of places) place.strip(fields)
      stripCookie(fields)
    },
    protocolOf: (exchange) => firstResult(places, (place) => place.protocolOf?.(exchange)),
    ...(parameters.length === 0 ? {} : { parameters }),
    faults,
  }
}

function isInUrl(place: object): place is UrlParameter {
  return 'parameter' in place
}

function firstResult<P, T>(places: readonly P[], look: (place: P) => T | undefined): T | undefined {
  for (const place of places) {
    const found = look(place)
    if (found !== undefined) return found
  }
  return undefined
}

interface SentToken {
  readonly token: Result<string, Refusal>
  readonly field: string
  /** Undefined if the client sent the token on purpose. */
  readonly authority: Authority | undefined
  readonly isOurCookie?: true
}

function presentedBy(
  verified: EntitlementPresentation['proof'],
  { authority, isOurCookie }: SentToken,
): EntitlementPresentation {
  const proof = isOurCookie && !verified.ok ? err(withRemoval(verified.error)) : verified
  const presented = { role: 'entitlement', rail: 'bearer', proof } as const
  return authority === undefined || !proof.ok ? presented : { ...presented, authority }
}

/** Adds the prices that the reader confirmed for this page. Most requests carry no confirmation, and wait for nothing. */
function withConfirmed(
  presented: EntitlementPresentation,
  exchange: Exchange,
  zone: Zone,
): Eventually<EntitlementPresentation> {
  const { proof, authority } = presented
  if (!proof.ok || authority === undefined || isUpgrade(exchange.fields)) return presented
  const all = confirmationsIn(exchange.fields)
  if (all.length === 0) return presented
  return payerBinding(zone, proof.value, exchange.target).then((binding) => ({
    ...presented,
    confirmed: all.filter((one) => one.binding === binding),
  }))
}

/**
 * Finds the token: deliberate places first, then the gate's cookie, then ambient places. Refuses every token sent over plain
 * http.
 */
function findToken(sent: Sent, places: readonly PlaceReader[]): SentToken | undefined {
  const found = findSent(sent, places)
  return found !== undefined && isExposed(sent.exchange) ? { ...found, token: err(EXPOSED) } : found
}

type Sent = Pick<Carried, 'exchange' | 'zone' | 'bearer'>

/** Skips a receipt in `Authorization`: another rail takes receipts. */
function findSent({ exchange, zone, bearer }: Sent, places: readonly PlaceReader[]): SentToken | undefined {
  if (bearer?.kind === 'entitlement') return { token: bearer.token, field: 'Authorization', authority: undefined }
  const named = places.length === 0 ? undefined : firstResult(places, (place) => fromPlace(place, exchange, zone))
  if (named !== undefined && !named.isAmbient) return named
  const inCookie = fromCookie(exchange)
  if (inCookie === undefined) return named
  return { ...withAuthority(inCookie, 'host-cookie', exchange, zone), field: 'Cookie', isOurCookie: true }
}

/**
 * Reads one place. Skips a receipt, which another rail takes. An ambient token is bound by the rules of the gate's cookie,
 * and by stricter ones.
 */
function fromPlace(
  place: PlaceReader,
  exchange: Exchange,
  zone: Zone,
): (SentToken & { readonly isAmbient: boolean }) | undefined {
  const token = place.find(exchange)
  if (token === undefined || (token.ok && takesReceipts(zone) && isReceipt(token.value))) return undefined
  const { field, isAmbient } = place
  if (!isAmbient) return { token, field, isAmbient, authority: undefined }
  return { ...withAuthority(token, 'other', exchange, zone), field, isAmbient }
}

/** Limits an ambient token to the request's authority. Refuses the token if there is none. */
function withAuthority(
  token: Result<string, Refusal>,
  carrier: Carrier,
  exchange: Exchange,
  zone: Zone,
): Pick<SentToken, 'token' | 'authority'> {
  const authority = authorityOf(exchange, carrier, zone.origins)
  return { token: token.ok && authority === undefined ? err(FROM_ELSEWHERE) : token, authority }
}

// Marked as pure, so that a build without this rail drops it.
const FROM_ELSEWHERE = /* @__PURE__ */ refusal(
  'payment-required',
  'The credential was sent from another site, where it authorises neither this method nor an upgrade.',
  { check: 'presented' },
)

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
const REMOVAL: [string, string] = ['Set-Cookie', `${COOKIE}=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax`]

/**
 * Makes the refusal of a hopeless cookie remove the cookie: the owner cannot, and would be refused until the expiry. A
 * cookie with an unknown key or a bad signature is kept: keys are replaced while readers are signed in.
 */
function withRemoval(why: Refusal): Refusal {
  const isFinal = why.reason === 'credential-malformed' || FINAL_CHECKS.has(why.check)
  return isFinal ? { ...why, fields: [...(why.fields ?? []), REMOVAL] } : why
}

function peek(found: SentToken | undefined): Unverified | undefined {
  const jws = found?.token.ok ? readCompact(found.token.value) : undefined
  if (found === undefined || !jws?.ok) return undefined
  return { kind: 'entitlement', field: found.field, header: jws.value.header, claims: jws.value.payload }
}

const SCOPE = /^[!#-[\]-~]+$/
const MAX_SCOPE_BYTES = 512

function challenge({ zone, refusal, offer }: Challenge): Contribution {
  if (refusal.reason === 'security-hold') return { fields: [], isStatic: true }
  const scope = (offer?.entitlements ?? []).filter((name) => SCOPE.test(name)).join(' ')
  const shown = scope.length > MAX_SCOPE_BYTES ? '' : scope
  return { fields: [['WWW-Authenticate', bearerChallenge(zone.name, shown, refusal)]], isStatic: true }
}

/** Removes the gate's cookie. */
function stripCookie(fields: Headers): void {
  const cookie = fields.get('cookie')
  if (cookie !== null) {
    const rest = cookie.split(';').filter((pair) => !pair.toLowerCase().includes(COOKIE.toLowerCase()))
    if (rest.length === 0) fields.delete('cookie')
    else fields.set('cookie', rest.join(';').trim())
  }
}
