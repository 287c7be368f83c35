/**
 * The cookies of trips: one a trip, sealed, so that two tabs do not disturb each other.
 */
import { base64url } from 'jose'
import type { Exchange, Fields } from '../http/rules/exchange.ts'
import { seal, type SealKind, unseal } from '../secrets/sealed.ts'
import type { Zone } from '../zone.ts'
import {
  byWorth,
  isTripOpen,
  MAX_KEPT_BYTES,
  MOST_TRIPS,
  readTrip,
  TRIP_SECONDS,
  type Trip,
  tripName,
  writeTrip,
} from './rules/trip.ts'

const TRIP: SealKind = { use: 'trips', typ: 'trip+jwt' }
/** The beginning of each cookie's name; eight characters of the trip's state follow. */
export const TRIP_COOKIE = '__Host-faregate-trip-'
/** Only as browsers write it: the prefix `__Host-` keeps other hosts from setting exactly that spelling. */
const COOKIES = /(?:^|;)[ \t]*(__Host-faregate-trip-[\w-]{8})=([^;]*)/g
/** The most cookies that are opened: each costs a decryption. */
const MOST_READ = MOST_TRIPS + 2
/** The longest cookie, name and value, in bytes. */
const MAX_COOKIE_CHARACTERS = 3500

/**
 * The room for all trips of a browser, in characters. Servers take 8 kB of cookies, and another site can have a browser begin
 * trips to the longest pages: nothing of this site would open any more.
 */
const MOST_CHARACTERS = 4000

/** A cookie of a trip, as it came. */
export interface SentTrip {
  readonly name: string
  readonly value: string
}

/** Returns true, quickly, if the request has no cookie of a trip. */
export function hasNoTrips(fields: Fields): boolean {
  return fields.get('cookie')?.includes(TRIP_COOKIE) !== true
}

/** Returns the cookies of trips, as they came. */
export function tripsSent(fields: Fields): readonly SentTrip[] {
  if (hasNoTrips(fields)) return []
  const sent = Array.from((fields.get('cookie') ?? '').matchAll(COOKIES), ([, name = '', value = '']) => ({
    name,
    value: value.trim(),
  }))
  return [...new Map(sent.map((one) => [one.name, one])).values()].filter(({ value }) => value !== '')
}

/** The trips of a browser. */
export interface Trips {
  /** Those that can still be ended, what a browser should keep first. */
  readonly open: readonly Trip[]
  /** The length of each one's cookie, name and value. By state. */
  readonly characters: ReadonlyMap<string, number>
  /** The names of cookies that are of no more use. */
  readonly void: readonly string[]
}

/** Opens the cookies of trips that began at this origin. */
export async function openTrips({ fields, origin, now }: Exchange, zone: Zone): Promise<Trips> {
  const sent = tripsSent(fields)
  const opened = await Promise.all(
    sent.slice(0, MOST_READ).map(async (one) => [one.name, await openTrip(one, zone)] as const),
  )
  const isGood = (trip: Trip | undefined): trip is Trip =>
    trip !== undefined && trip.origin === origin && isTripOpen(trip, now)
  const open = opened.map(([, trip]) => trip).filter(isGood)
  const names = new Set(open.map(cookieOf))
  const lengthOf = (trip: Trip): number =>
    sent.find(({ name }) => name === cookieOf(trip))?.value.length ?? MAX_COOKIE_CHARACTERS
  const characters = new Map(open.map((trip) => [trip.state, cookieOf(trip).length + lengthOf(trip)]))
  return {
    characters,
    open: open.toSorted(byWorth),
    void: sent.map(({ name }) => name).filter((name) => !names.has(name)),
  }
}

/** A cookie counts under the name that its state gives it, and under no other. */
async function openTrip({ name, value }: SentTrip, { gateKeys, id }: Zone): Promise<Trip | undefined> {
  const trip = gateKeys && readTrip(await unseal(value, TRIP, gateKeys, id))
  return trip !== undefined && cookieOf(trip) === name ? trip : undefined
}

/** Returns the trip that a return belongs to; undefined if this browser has none of that state. */
export async function tripOf(state: string, exchange: Exchange, zone: Zone): Promise<Trip | undefined> {
  const wanted = tripName(state)
  if (wanted === undefined) return undefined
  const sent = tripsSent(exchange.fields).find(({ name }) => name === `${TRIP_COOKIE}${wanted}`)
  const trip = sent && (await openTrip(sent, zone))
  if (trip === undefined || !isEqual(trip.state, state)) return undefined
  return trip.origin === exchange.origin && isTripOpen(trip, exchange.now) ? trip : undefined
}

/** Compares two texts without telling by its time where they differ. */
function isEqual(one: string, other: string): boolean {
  let difference = one.length ^ other.length
  for (let at = 0; at < one.length; at++) difference |= one.charCodeAt(at) ^ other.charCodeAt(at)
  return difference === 0
}

const STATE_BYTES = 32

/** Returns the name of a new trip. */
export function newState(): string {
  return base64url.encode(crypto.getRandomValues(new Uint8Array(STATE_BYTES)))
}

/**
 * Returns the `Set-Cookie` value that keeps a trip. Throws if the login keeps more than a kilobyte: no configuration or client
 * causes that.
 */
export async function tripCookie(trip: Trip, { gateKeys, id }: Zone, now: number): Promise<string> {
  if (gateKeys === undefined) throw new TypeError('trips need secrets.gate')
  if (new TextEncoder().encode(JSON.stringify(trip.kept)).length > MAX_KEPT_BYTES)
    throw new TypeError('kept is too long')
  const value = await seal(writeTrip(trip), TRIP, gateKeys, id)
  const name = cookieOf(trip)
  if (name.length + value.length > MAX_COOKIE_CHARACTERS) throw new TypeError('the trip is too long for a cookie')
  return ownCookie(name, value, Math.ceil(trip.begunAt + TRIP_SECONDS - now / 1000))
}

/** Returns the `Set-Cookie` value that removes a trip. */
export function endedTrip(trip: Trip): string {
  return removalOf(cookieOf(trip))
}

/** Returns the `Set-Cookie` values that keep a trip, and remove what a browser has too much of. */
export async function withTrip(trip: Trip, trips: Trips, zone: Zone, now: number): Promise<readonly string[]> {
  const others = trips.open.filter(({ state }) => state !== trip.state)
  const [name, cookie] = [cookieOf(trip), await tripCookie(trip, zone, now)]
  let [left, room] = [MOST_TRIPS - 1, MOST_CHARACTERS - cookie.length]
  const leaves = ({ state }: Trip): boolean => {
    room -= trips.characters.get(state) ?? 0
    return room < 0 || --left < 0
  }
  const leaving = [...others.filter(leaves).map(cookieOf), ...trips.void.filter((one) => one !== name)]
  return [cookie, ...leaving.map(removalOf)]
}

function cookieOf({ state }: Trip): string {
  return `${TRIP_COOKIE}${tripName(state) ?? ''}`
}

function removalOf(name: string): string {
  return ownCookie(name, '', 0)
}

/** Writes a cookie of this host alone. */
export function ownCookie(name: string, value: string, seconds: number): string {
  return `${name}=${value}; Path=/; Max-Age=${seconds}; Secure; HttpOnly; SameSite=Lax`
}
