/**
 * The rail for account tokens. Clients send tokens in several ways, and some ways are not the client's own choice.
 *
 * A token in `Authorization`, or in a field that only a program sets, was sent on purpose. A cookie or a Basic password is
 * sent by the browser or a proxy, whichever site caused the request. Deliberate places are therefore read first, and an
 * ambient credential has only the authority that the request's origin permits (carried.ts). A refusal removes a cookie that
 * can never be valid, because its owner cannot.
 */
import { after, type Eventually } from '../core/eventually.ts'
import type { EntitlementPresentation } from '../access/proof.ts'
import { err } from '../core/result.ts'
import { bearerChallenge } from '../tokens/bearer.ts'
import { readCompact } from '../tokens/jws.ts'
import { OWN_COOKIE, withRemoval } from './owncookie.ts'
import { placeFaults } from './placefaults.ts'
import { placeOf, type TokenPlace } from './places.ts'
import { presentedFrom } from './presented.ts'
import type { Carried, Challenge, Contribution, Rail, SentCredential, Unverified } from './rail.ts'

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
    faults: () => faults,
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
