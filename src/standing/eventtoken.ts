import type { BillingEvent } from './rules/event.ts'
import type { Issuer } from '../access/issuer.ts'
import { beginMs, endMs, judgeLifetime } from '../access/lifetime.ts'
import { refusal, type Refusal } from '../core/problem.ts'
import { err, ok, type Result } from '../core/result.ts'
import { EVENT_SECONDS } from './rules/standing.ts'
import type { Zone } from '../zone.ts'
import type { Call, Keys } from '../ports.ts'
import { type Moments, readChanges } from './changes.ts'
import { invalid, isId, isName, isTime, MAX_ID_CHARACTERS, refuseBound, refuseListed } from '../tokens/claims.ts'
import { claimedIssuer, isObject, type JsonObject } from '../tokens/jws.ts'
import { checkSignature, FORGED } from '../tokens/signature.ts'

/**
 * Verifies a Security Event Token (RFC 8417), times included. Results are not remembered: a repeated token is the same
 * event. Errors: those of a credential; `entitlement-insufficient` if the issuer signs no events; `keys-unavailable`.
 */
export type VerifyEvent = (token: string, zone: Zone, call: Call) => Promise<Result<BillingEvent, Refusal>>

export function createEventVerifier(keys: Keys): VerifyEvent {
  return async (token, zone, call) => {
    const checked = await checkSignature(token, 'event', zone.issuers, keys, call)
    if (!checked.ok) return checked.error.check === 'type' && !signsEvents(token, zone) ? NO_SIGNER : checked
    const { payload, issuer, isGenuine } = checked.value
    return isGenuine ? readEvent(payload, issuer, call.now) : FORGED
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
 * Reads a Security Event Token with a good signature. `now` is in milliseconds. Errors: `credential-invalid`,
 * `credential-not-yet-valid`, `credential-expired`.
 */
export function readEvent(payload: JsonObject, issuer: Issuer, now: number): Result<BillingEvent, Refusal> {
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
  const account = subject.value
  if (account === undefined && changes.value.some(({ kind }) => kind !== 'token-revoked'))
    return invalid('The event does not say of whom it is: it has no "sub_id" and no "sub".')
  return ok({ id: jti, issuer: issuer.issuer, account, changes: changes.value })
}

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

const NO_SUBJECT = '"sub_id" is not of the format "iss_sub" with the "iss" of the token, or "opaque" (RFC 9493).'

/** Returns the subject: the `sub` of the account's tokens. Undefined if the event names none. */
function readSubject({ sub, sub_id: subject }: JsonObject, issuer: Issuer): Result<string | undefined, string> {
  if (sub !== undefined && !isName(sub)) return err('"sub" is not a name.')
  if (subject === undefined) return ok(sub)
  const named = isObject(subject) ? readSubjectId(subject, issuer) : undefined
  if (!isName(named)) return err(NO_SUBJECT)
  // `sub` and `sub_id` must name one subject (RFC 9493).
  if (sub !== undefined && sub !== named) return err('"sub" and "sub_id" name different subjects.')
  return ok(named)
}

/** Reads a subject identifier (RFC 9493 §3). Members outside its format are refused. */
function readSubjectId({ format, ...members }: JsonObject, issuer: Issuer): unknown {
  const { iss, sub, id, ...others } = members
  if (Object.keys(others).length > 0) return undefined
  if (format === 'opaque') return 'iss' in members || 'sub' in members ? undefined : id
  if (format === 'iss_sub') return 'id' in members || iss !== issuer.issuer ? undefined : sub
  return undefined
}
