/**
 * What an emergency has made void: keys, whatever their tokens claim, and everything that an issuer signed before some time.
 *
 * Who holds a stolen key writes any time into a token, so nothing in it can tell it from an honest one. A key is therefore
 * named by its thumbprint (RFC 7638), and distrusted for good. Orders are joined in any sequence, any number of times: what
 * one has made void no other makes good.
 */
import { refusal, type Refusal } from '../core/problem.ts'

/** What is void in a zone. Times are in seconds since 1970. */
export interface Distrust {
  /** The distrusted keys by their thumbprints, each with the time of the order. */
  readonly keys: Readonly<Record<string, number>>
  /** By issuer, the time before which it signed nothing that still counts. */
  readonly revokedBefore: Readonly<Record<string, number>>
}

export const NO_DISTRUST: Distrust = { keys: {}, revokedBefore: {} }

/** The most keys, and the most issuers, that the orders of a zone can name: every isolate reads them every few seconds. */
export const MOST_DISTRUSTED = 64

/** The parts of a verified token that decide whether it is void. */
export interface SignedFacts {
  readonly issuer: string
  /** In seconds since 1970. */
  readonly issuedAt: number
  /** The RFC 7638 thumbprint of the key that signed it; undefined if no key of an issuer did. */
  readonly signedBy?: string | undefined
  /** The same of the secret of a credential that the gate has issued. */
  readonly secretSignedBy?: string | undefined
  /** Those of keys that signed for a part of what such a credential opens. */
  readonly alsoSignedBy?: readonly string[] | undefined
}

const DISTRUSTED = refusal(
  'credential-invalid',
  'The key that signed the token is not trusted any more, whenever it signed. Its issuer must sign a new token with another key.',
  { check: 'key' },
)
const REVOKED_BEFORE = refusal(
  'credential-invalid',
  'Tokens that the issuer signed earlier are not taken any more. Its issuer must sign a new one.',
  { check: 'lifetime' },
)

/** Returns the refusal of a token that is void; undefined if it is not. */
export function voidedBy(
  distrust: Distrust,
  { issuer, issuedAt, signedBy, secretSignedBy, alsoSignedBy }: SignedFacts,
): Refusal | undefined {
  const isAny = alsoSignedBy?.some((key) => isDistrusted(distrust, key)) === true
  if (isAny || isDistrusted(distrust, signedBy) || isDistrusted(distrust, secretSignedBy)) return DISTRUSTED
  return issuedAt < (valueAt(distrust.revokedBefore, issuer) ?? 0) ? REVOKED_BEFORE : undefined
}

/** Returns true if the key with this thumbprint is distrusted. */
export function isDistrusted({ keys }: Distrust, thumbprint: string | undefined): boolean {
  return thumbprint !== undefined && Object.hasOwn(keys, thumbprint)
}

/** Returns true if `distrust` makes void all that `other` does. */
export function includesDistrust(distrust: Distrust, other: Distrust): boolean {
  const areKeys = Object.keys(other.keys).every((key) => isDistrusted(distrust, key))
  const isLater = ([issuer, at]: [string, number]): boolean => (valueAt(distrust.revokedBefore, issuer) ?? -1) >= at
  return areKeys && Object.entries(other.revokedBefore).every(isLater)
}

/**
 * Joins two: all keys of both, and the latest time for each issuer. Beyond `most` names those of `one` stay, and further
 * ones of `other` are left out.
 */
export function joinDistrust(one: Distrust, other: Distrust, most = MOST_DISTRUSTED): Distrust {
  return {
    keys: joined(one.keys, other.keys, Math.min, most),
    revokedBefore: joined(one.revokedBefore, other.revokedBefore, Math.max, most),
  }
}

type Times = Readonly<Record<string, number>>

function joined(one: Times, other: Times, choose: (one: number, other: number) => number, most: number): Times {
  const times = new Map(Object.entries(one))
  for (const [name, at] of Object.entries(other)) {
    const known = times.get(name)
    if (known !== undefined) times.set(name, choose(known, at))
    else if (times.size < most) times.set(name, at)
  }
  return Object.fromEntries(times)
}

function valueAt(times: Times, name: string): number | undefined {
  return Object.hasOwn(times, name) ? times[name] : undefined
}

/** Returns true if `value` is what an order has made void, as a store or an isolate sends it. */
export function isDistrust(value: unknown): value is Distrust {
  if (typeof value !== 'object' || value === null || !('keys' in value) || !('revokedBefore' in value)) return false
  return areTimes(value.keys) && areTimes(value.revokedBefore)
}

function areTimes(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.values(value).every((at) => Number.isFinite(at))
}
