import { STANDINGS } from '../access/entitlement.ts'
import type { StandingChange } from './rules/event.ts'
import { err, ok, type Result } from '../core/result.ts'
import { EVENT_SECONDS, type Statement } from './rules/standing.ts'
import { isId, isTime, MAX_ID_CHARACTERS } from '../tokens/claims.ts'
import { readEntitlements } from '../tokens/entitlement.ts'
import { isObject, type JsonObject } from '../tokens/jws.ts'
import { type Money, parseMoney } from '../core/money.ts'
import { readTripReference, type TripPayment } from './rules/trippayment.ts'

/** The times of an event: `toe`, when its fact held, and `iat`, when it was issued; with the present. Seconds since 1970. */
export interface Moments {
  readonly toe: number
  readonly iat: number
  readonly now: number
  readonly toleranceSeconds: number
}

/** Reads one event statement. The error describes the fault of its payload. */
type ReadPayload = (payload: JsonObject, moments: Moments) => Result<readonly StandingChange[], string>

/** Each id is a call to a ledger, and the smallest plan of Workers has fifty for one request. */
const MOST_IDS = 40

const READERS: ReadonlyMap<string, ReadPayload> = new Map<string, ReadPayload>([
  ['urn:faregate:event:standing-changed', withMembers(['standing'], readStanding)],
  ['urn:faregate:event:entitlements-changed', withMembers(['entitlements'], readNames)],
  ['urn:faregate:event:tokens-revoked', withMembers(['before', 'jti', 'jtis'], readRevoked)],
  ['urn:faregate:event:credit-granted', withMembers(['amount', 'currency'], readGrant)],
  ['urn:faregate:event:credit-taken', withMembers(['amount', 'currency', 'grant'], readTaking)],
  ['urn:faregate:event:hold-placed', withMembers([], (_payload, moments) => readHold(moments, false))],
  ['urn:faregate:event:hold-lifted', withMembers([], (_payload, moments) => readHold(moments, true))],
  ['urn:faregate:event:payment-declined', withMembers(['trip'], (payload) => readPayment('payment-declined', payload))],
  [
    'urn:faregate:event:payment-succeeded',
    withMembers(['trip'], (payload) => readPayment('payment-succeeded', payload)),
  ],
  // Other members of a CAEP payload (`event_timestamp`, `reason_admin`, …) do not change the effect here.
  ['https://schemas.openid.net/secevent/caep/event-type/session-revoked', (_payload, { toe }) => allRevoked(toe)],
])

/**
 * Reads `events` (RFC 8417 §2.2). One unknown type refuses the whole event, so that it never holds by half: if the type were
 * skipped, its sender would believe in an effect, and the statement would be lost unnoticed.
 */
export function readChanges(events: unknown, moments: Moments): Result<readonly StandingChange[], string> {
  if (!isObject(events)) return err('"events" is not an object.')
  const changes: StandingChange[] = []
  for (const [type, payload] of Object.entries(events)) {
    const readPayload = READERS.get(type)
    if (readPayload === undefined) return err(`The event type "${type.slice(0, MAX_ID_CHARACTERS)}" is not known here.`)
    if (!isObject(payload)) return err(`The payload of "${type}" is not an object.`)
    const read = readPayload(payload, moments)
    if (!read.ok) return err(`"${type}": ${read.error}`)
    changes.push(...read.value)
  }
  const kinds = new Set(changes.map(({ kind }) => kind))
  if (kinds.has('credit-granted') && kinds.has('credit-taken')) return err('It grants credit and takes credit.')
  if (kinds.has('payment-declined') && kinds.has('payment-succeeded'))
    return err('A payment was declined and succeeded.')
  return changes.length === 0 ? err('"events" is empty.') : ok(changes)
}

/** Refuses unknown members. A misspelt member would be overlooked, and `{"jits": […]}` would revoke every token. */
function withMembers(names: readonly string[], read: ReadPayload): ReadPayload {
  return (payload, moments) => {
    const unknownMember = Object.keys(payload).find((name) => !names.includes(name))
    if (unknownMember === undefined) return read(payload, moments)
    return err(names.length === 0 ? 'expected no members.' : `expected no members but ${names.join(', ')}.`)
  }
}

function statementChange(statement: Statement): Result<readonly StandingChange[], string> {
  return ok([{ kind: 'statement', statement }])
}

function readStanding(payload: JsonObject, { toe }: Moments): Result<readonly StandingChange[], string> {
  const standing = STANDINGS.find((known) => known === payload['standing'])
  if (standing === undefined) return err(`"standing" is not one of ${STANDINGS.join(', ')}.`)
  return statementChange({ at: toe, kind: 'standing', standing })
}

function readNames({ entitlements }: JsonObject, { toe }: Moments): Result<readonly StandingChange[], string> {
  const names = Array.isArray(entitlements) ? readEntitlements(entitlements) : undefined
  if (names === undefined) return err('"entitlements" is not a list of entitlements.')
  return statementChange({ at: toe, kind: 'entitlements', names })
}

function allRevoked(at: number): Result<readonly StandingChange[], string> {
  return statementChange({ at, kind: 'tokens-revoked' })
}

function readRevoked(
  payload: JsonObject,
  { toe, iat, now, toleranceSeconds }: Moments,
): Result<readonly StandingChange[], string> {
  const { before, jti, jtis } = payload
  if (Object.keys(payload).length > 1) return err('expected only one of before, jti and jtis.')
  if (before !== undefined) {
    if (isTime(before) && before <= now + toleranceSeconds) return allRevoked(before)
    return err('"before" is not a number of seconds, or in the future.')
  }
  const ids: unknown = jti === undefined ? jtis : [jti]
  if (ids === undefined) return allRevoked(toe)
  if (!Array.isArray(ids) || ids.length === 0 || ids.length > MOST_IDS || !ids.every(isId))
    return err(`expected 1 to ${MOST_IDS} strings of 1 to ${MAX_ID_CHARACTERS} characters.`)
  // A time in the past, by any clock, would let the revocation be forgotten before its token has ended.
  const at = Math.max(toe, iat, now)
  return ok([...new Set(ids)].map((id) => ({ kind: 'token-revoked', jti: id, at })))
}

function readGrant(payload: JsonObject): Result<readonly StandingChange[], string> {
  const money = readAmount(payload)
  return money.ok ? ok([{ kind: 'credit-granted', money: money.value }]) : money
}

function readTaking({ grant, ...payload }: JsonObject): Result<readonly StandingChange[], string> {
  const money = readAmount(payload)
  if (!money.ok) return money
  if (grant !== undefined && !isId(grant)) return err('"grant" is not the "jti" of an event.')
  return ok([{ kind: 'credit-taken', money: money.value, ...(grant !== undefined && { grant }) }])
}

function readAmount({ amount, currency }: JsonObject): Result<Money, string> {
  const money = parseMoney(amount, currency)
  if (money === undefined || money.units <= 0n) return err('expected an "amount" such as "5.00" and "currency" "USD".')
  return ok(money)
}

function readPayment(kind: TripPayment['kind'], { trip }: JsonObject): Result<readonly StandingChange[], string> {
  const reference = readTripReference(trip)
  return reference === undefined ? err('"trip" is not the reference of a trip.') : ok([{ kind, ...reference }])
}

/** Reads a hold. A lift is forgotten after some time, and an older hold must not return then. */
function readHold({ toe, now }: Moments, isLifted: boolean): Result<readonly StandingChange[], string> {
  if (toe + EVENT_SECONDS < now) return err('"toe" is more than seven days ago. Send it with a new one.')
  return statementChange({ at: toe, kind: 'hold', isLifted })
}
