/**
 * A trip: a reader leaves to sign in or to buy, and is expected back.
 */
import type { Json, JsonMembers } from '../../core/json.ts'

/** Everything that the gate must know when the reader returns. Sealed in a cookie of the reader's browser. */
export interface Trip {
  /** The name of the login. */
  readonly login: string
  /** The `iss` of the login's accounts when the trip began. */
  readonly issuer: string
  /** The origin at which the trip began: a return elsewhere is not of this trip. */
  readonly origin: string
  /** Names the trip; unguessable. */
  readonly state: string
  /** Path and query of the page to come back to. */
  readonly to: string
  /** The offer to buy; undefined for signing in. */
  readonly offer: string | undefined
  /** Seconds since 1970. */
  readonly begunAt: number
  readonly isSilent: boolean
  /** The time at which the outcome was first found to be open, in seconds since 1970. */
  readonly waitingSince: number | undefined
  /** The same for the present return: another code is asked about anew. */
  readonly askingSince: number | undefined
  /** What the login keeps for the return. */
  readonly kept: Json
}

/** The time for which a trip can be ended: a bank transfer takes days. */
export const TRIP_SECONDS = 3 * 86_400
/** The most trips that a browser keeps: all cookies travel with each request. */
export const MOST_TRIPS = 4
/** The longest value that a login may keep, as JSON. */
export const MAX_KEPT_BYTES = 1024
/** The characters of `state` that name the cookie. */
const NAME_CHARACTERS = 8
/** 32 bytes in base64url. */
const STATE = /^[\w-]{43}$/

/** Returns the part of `state` that names the trip's cookie; undefined if it is no state of ours. */
export function tripName(state: string): string | undefined {
  return STATE.test(state) ? state.slice(0, NAME_CHARACTERS) : undefined
}

/** Returns true if the trip is still to be ended. `now` is in milliseconds since 1970. */
export function isTripOpen({ begunAt }: Trip, now: number): boolean {
  return now / 1000 - begunAt < TRIP_SECONDS
}

/** Orders trips by what a browser should keep: those that wait for a payment first, then the latest. */
export function byWorth(one: Trip, other: Trip): number {
  const waits = Number(other.waitingSince !== undefined) - Number(one.waitingSince !== undefined)
  return waits === 0 ? other.begunAt - one.begunAt : waits
}

/** Writes a trip as it is sealed. */
export function writeTrip({ offer, waitingSince, askingSince, isSilent, ...trip }: Trip): JsonMembers {
  return {
    ...trip,
    ...(offer !== undefined && { offer }),
    ...(isSilent && { isSilent }),
    ...(waitingSince !== undefined && { waitingSince }),
    ...(askingSince !== undefined && { askingSince }),
  }
}

/** Reads what `writeTrip` wrote; undefined for anything else. */
export function readTrip(value: unknown): Trip | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { login, issuer, origin, state, to, offer, begunAt, isSilent = false, kept = null } = value as Members
  const { waitingSince, askingSince } = value as Members
  if (!isText(login) || !isText(issuer) || !isText(origin) || !isText(state) || !isText(to)) return undefined
  if (!(offer === undefined || isText(offer)) || !isNumber(begunAt)) return undefined
  if (typeof isSilent !== 'boolean' || !isOptionalNumber(waitingSince) || !isOptionalNumber(askingSince))
    return undefined
  const times = { begunAt, waitingSince, askingSince }
  // The gate sealed it, and had it from JSON.
  return { login, issuer, origin, state, to, offer, ...times, isSilent, kept: kept as Json }
}

type Members = Readonly<Record<string, unknown>>

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isOptionalNumber(value: unknown): value is number | undefined {
  return value === undefined || isNumber(value)
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}
