import { accountFault } from '../access/accountname.ts'
import type { BillingEvent, StandingChange } from './rules/event.ts'
import type { Issuer } from '../access/issuer.ts'
import { beginMs, endMs, judgeLifetime } from '../access/lifetime.ts'
import { refusal, type Refusal } from '../core/problem.ts'
import { err, ok, type Result } from '../core/result.ts'
import { EVENT_SECONDS } from './rules/standing.ts'
import type { Zone } from '../zone.ts'
import type { Call } from '../ports.ts'
import { type Moments, readChanges } from './changes.ts'
import { invalid, isId, isName, isTime, MAX_ID_CHARACTERS, refuseBound, refuseListed } from '../tokens/claims.ts'
import { claimedIssuer, isObject, type JsonObject } from '../tokens/jws.ts'
import { checkTrusted, type TrustSources } from '../tokens/signature.ts'

/**
 * Verifies a Security Event Token (RFC 8417), times included. Results are not remembered: a repeated token is the same
 * event. Errors: those of a credential; `entitlement-insufficient` if the issuer signs no events; `keys-unavailable` and
 * `standing-unavailable`.
 */
export type VerifyEvent = (token: string, zone: Zone, call: Call) => Promise<Result<SignedEvent, Refusal>>

/** An event with its author: the account may be another issuer's. */
export interface SignedEvent extends BillingEvent {
  readonly signer: string
}

export function createEventVerifier(trust: TrustSources): VerifyEvent {
  return async (token, zone, call) => {
    const checked = await checkTrusted(token, { kind: 'event', issuers: zone.issuers, zone }, trust, call)
    if (!checked.ok) return checked.error.check === 'type' && !signsEvents(token, zone) ? NO_SIGNER : checked
    const { payload, issuer, signedBy, refused } = checked.value
    if (refused !== undefined) return refused
    const event = readEvent(payload, issuer, call.now, zone.issuers)
    return event.ok ? ok({ ...event.value, signedBy }) : event
  }
}

function signsEvents(token: string, { issuers }: Zone): boolean {
  const issuer = claimedIssuer(token)
  return issuers.some((entry) => entry.issuer === issuer && entry.types.event !== undefined)
}

const NO_SIGNER: Result<never, Refusal> = err(
  refusal('entitlement-insufficient', 'The issuer signs no events here: its "types" are mapped.', { check: 'issuer' }),
)

/**
 * Reads a Security Event Token with a good signature. `now` is in milliseconds. `issuers`: those of the zone, one of which
 * must be able to name the account. Errors: `credential-invalid`, `credential-not-yet-valid`, `credential-expired`.
 */
export function readEvent(
  payload: JsonObject,
  issuer: Issuer,
  now: number,
  issuers: readonly Issuer[] = [issuer],
): Result<SignedEvent, Refusal> {
  const moments = readMoments(payload, issuer, now)
  if (!moments.ok) return moments
  const { jti, events } = payload
  if (!isId(jti)) return invalid(`The event's "jti" is not a string of 1 to ${MAX_ID_CHARACTERS} characters.`)
  const unchecked = refuseBound(payload) ?? refuseListed(payload)
  if (unchecked !== undefined) return unchecked
  const subject = readSubject(payload, issuer)
  if (!subject.ok) return invalid(subject.error)
  const changes = readChanges(events, moments.value)
  if (!changes.ok) return invalid(changes.error)
  const { account } = subject.value
  if (account === undefined && !changes.value.every(({ kind }) => OF_NO_ACCOUNT.has(kind)))
    return invalid('The event does not say of whom it is: it has no "sub_id" and no "sub".')
  const nobody = account === undefined ? undefined : accountFault(issuers, subject.value.issuer, account)
  if (nobody !== undefined) return invalid(`The event is of an account that nobody can have. ${nobody}`)
  return ok({ id: jti, issuer: subject.value.issuer, account, changes: changes.value, signer: issuer.issuer })
}

/** What an event may say without saying of whom. */
const OF_NO_ACCOUNT: ReadonlySet<StandingChange['kind']> = new Set([
  'token-revoked',
  'payment-declined',
  'payment-succeeded',
])

const TOO_OLD = 'The event was issued more than seven days ago.'
const NOT_YET = 'The "toe" of the event is in the future.'

/** Reads the times of an event. `exp` and `nbf` count if present; RFC 8417 §2.2 recommends neither. */
function readMoments(payload: JsonObject, issuer: Issuer, now: number): Result<Moments, Refusal> {
  const { iat, toe, exp, nbf } = payload
  if (!isTime(iat)) return invalid('The event\'s "iat" is missing or not a number of seconds.', 'lifetime')
  if (!isTime(toe)) return invalid('The event\'s "toe" is missing or not a number of seconds.', 'lifetime')
  if ((exp !== undefined && !isTime(exp)) || (nbf !== undefined && !isTime(nbf)))
    return invalid('The event\'s "exp" or "nbf" is not a number of seconds.', 'lifetime')
  const toleranceSeconds = issuer.clockToleranceSeconds
  const lifetime = { issuedAt: iat, notBefore: nbf ?? iat, expires: exp ?? Infinity, toleranceSeconds }
  const untimely = judgeLifetime(lifetime, now)
  if (untimely !== undefined) return err(untimely)
  // No tolerance: the time for which a lift is remembered depends on this limit.
  if (now > endMs(iat + EVENT_SECONDS)) return err(refusal('credential-expired', TOO_OLD, { check: 'time' }))
  const begins = beginMs(toe - toleranceSeconds)
  if (now < begins) {
    const retryAfterSeconds = Math.ceil((begins - now) / 1000)
    return err(refusal('credential-not-yet-valid', NOT_YET, { check: 'time', retryAfterSeconds }))
  }
  return ok({ toe, iat, now: now / 1000, toleranceSeconds })
}

const NO_SUBJECT = '"sub_id" is not of the format "iss_sub", or "opaque" (RFC 9493), with a name that is not empty.'
const STRANGER =
  'The "iss" of "sub_id" is not that of the token, nor one for which its issuer speaks here ("speaksFor").'
const UNCLEAR =
  'Its issuer speaks for the accounts of others too, so the event has to say whose account it is: "sub_id" of the format "iss_sub".'

/** The account that an event names; undefined if it names none. */
interface EventSubject {
  readonly issuer: string
  readonly account: string | undefined
}

/** Reads the subject: the issuer and the `sub` of the account's tokens. */
function readSubject({ sub, sub_id: subject }: JsonObject, signer: Issuer): Result<EventSubject, string> {
  const { issuer, speaksFor = [] } = signer
  if (sub !== undefined && !isName(sub)) return err('"sub" is not a name.')
  if (subject === undefined && sub === undefined) return ok({ issuer, account: undefined })
  const named = subject === undefined ? { sub } : isObject(subject) ? readSubjectId(subject) : undefined
  if (named === undefined || !isName(named.sub)) return err(NO_SUBJECT)
  if (named.iss === undefined && speaksFor.length > 0) return err(UNCLEAR)
  const { iss = issuer, sub: account } = named
  if (iss !== issuer && !speaksFor.some((other) => other === iss)) return err(STRANGER)
  // `sub` and `sub_id` must name one subject (RFC 9493), and `sub` is an account of the event's own issuer.
  if (sub !== undefined && (sub !== account || iss !== issuer))
    return err('"sub" and "sub_id" name different subjects.')
  return ok({ issuer: String(iss), account })
}

/** Reads a subject identifier (RFC 9493 §3). Members outside its format are refused. */
function readSubjectId({
  format,
  ...members
}: JsonObject): { readonly iss?: unknown; readonly sub: unknown } | undefined {
  const { iss, sub, id, ...others } = members
  if (Object.keys(others).length > 0) return undefined
  if (format === 'opaque') return 'iss' in members || 'sub' in members ? undefined : { sub: id }
  if (format === 'iss_sub') return 'id' in members || typeof iss !== 'string' ? undefined : { iss, sub }
  return undefined
}
