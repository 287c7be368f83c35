/**
 * The rail for account tokens. Clients send tokens in several ways, and some ways are not the client's own choice.
 *
 * A token in `Authorization`, or in a field that only a program sets, was sent on purpose. A cookie or a Basic password is
 * sent by the browser or a proxy, whichever site caused the request. Deliberate places are therefore read first, and an
 * ambient credential has only the authority that the request's origin permits (carried.ts). A refusal removes a cookie that
 * can never be valid, because its owner cannot.
 */
import { after, type Eventually } from '../core/eventually.ts'
import type { Exchange } from '../http/rules/exchange.ts'
import { trimOwsEnd } from '../http/rules/fields.ts'
import { type Check, refusal, type Refusal } from '../core/problem.ts'
import type { EntitlementPresentation } from '../access/proof.ts'
import { err, ok, type Result } from '../core/result.ts'
import { bearerChallenge } from '../tokens/bearer.ts'
import { readCompact } from '../tokens/jws.ts'
import { placeFaults } from './placefaults.ts'
import { placeOf, type PlaceReader, type TokenPlace } from './places.ts'
import { presentedFrom } from './presented.ts'
import type { Carried, Challenge, Contribution, Rail, SentCredential, Unverified } from './rail.ts'

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
  const places = valid.map(placeOf)
  return {
    name: 'bearer',
    role: 'entitlement',
    kinds: ['entitlement'],
    places: [...places, OWN_COOKIE],
    present(carried) {
      const { sent } = carried
      if (sent?.kind !== 'entitlement') return undefined
      const { token } = sent
      if (!token.ok) return presentedBy(token, sent, carried)
      const verified = carried.verifiers.verify(token.value, carried.zone, carried.call)
      return after(verified, (proof) => presentedBy(proof, sent, carried))
    },
    challenge,
    peek: ({ sent }) => peek(sent),
    strip(fields) {
      for (const place of places) place.strip(fields)
      OWN_COOKIE.strip(fields)
    },
    protocolOf: (exchange) => firstResult(places, (place) => place.protocolOf?.(exchange)),
    faults,
  }
}

function firstResult<P, T>(places: readonly P[], look: (place: P) => T | undefined): T | undefined {
  for (const place of places) {
    const found = look(place)
    if (found !== undefined) return found
  }
  return undefined
}

function presentedBy(
  verified: EntitlementPresentation['proof'],
  sent: SentCredential,
  carried: Carried,
): Eventually<EntitlementPresentation> {
  const isHopeless = sent.carrier === 'host-cookie' && !verified.ok
  return presentedFrom('bearer', sent, isHopeless ? err(withRemoval(verified.error)) : verified, carried)
}

/** The gate's own cookie. */
const OWN_COOKIE: PlaceReader = {
  field: 'Cookie',
  carrier: 'host-cookie',
  find: fromCookie,
  strip: stripCookie,
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
const REMOVAL: [string, string] = ['Set-Cookie', `${COOKIE}=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax`]

/**
 * Makes the refusal of a hopeless cookie remove the cookie: the owner cannot, and would be refused until the expiry. A
 * cookie with an unknown key or a bad signature is kept: keys are replaced while readers are signed in.
 */
function withRemoval(why: Refusal): Refusal {
  const isFinal = why.reason === 'credential-malformed' || FINAL_CHECKS.has(why.check)
  return isFinal ? { ...why, fields: [...(why.fields ?? []), REMOVAL] } : why
}

function peek(found: SentCredential | undefined): Unverified | undefined {
  const jws = found?.kind === 'entitlement' && found.token.ok ? readCompact(found.token.value) : undefined
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
