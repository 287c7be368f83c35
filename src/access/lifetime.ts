import { type Refusal, refusal } from '../core/problem.ts'

/** The validity of a token as NumericDates (RFC 7519 §2): seconds since 1970, with a fraction if the token has one. */
export interface Lifetime {
  readonly issuedAt: number
  readonly notBefore: number
  readonly expires: number
  /** The clock difference forgiven between issuer and gate. */
  readonly toleranceSeconds: number
}

/**
 * Judges a lifetime at `now`, in milliseconds. Returns `credential-not-yet-valid`, `credential-expired`, or undefined if it
 * is valid.
 */
export function judgeLifetime(lifetime: Lifetime, now: number): Refusal | undefined {
  const early = judgeBeginning(lifetime, now)
  if (early !== undefined) return early
  if (now >= endMs(lifetime.expires + lifetime.toleranceSeconds)) {
    const facts = { until: Math.floor(lifetime.expires) }
    return refusal('credential-expired', 'The token has expired: its "exp" has passed.', { check: 'time', facts })
  }
  return undefined
}

/** Judges the beginning of a lifetime alone. `now` is in milliseconds. */
export function judgeBeginning({ notBefore, issuedAt, toleranceSeconds }: Lifetime, now: number): Refusal | undefined {
  const begins = beginMs(Math.max(notBefore, issuedAt) - toleranceSeconds)
  if (now >= begins) return undefined
  const detail = 'The token is not valid yet: its "nbf" or "iat" is in the future.'
  const retryAfterSeconds = Math.ceil((begins - now) / 1000)
  const facts = { from: Math.ceil(begins / 1000) }
  return refusal('credential-not-yet-valid', detail, { check: 'time', retryAfterSeconds, facts })
}

/**
 * The rounding error of doubles for present-day times, with a margin, in milliseconds: a fraction given in whole
 * milliseconds must come out exactly.
 */
const LOST_MS = 0.001

/** Returns the first whole millisecond at or after a time in seconds: nothing begins early. */
export function beginMs(seconds: number): number {
  return Math.ceil(seconds * 1000 - LOST_MS)
}

/** Returns the last whole millisecond at or before a time in seconds: nothing ends late. */
export function endMs(seconds: number): number {
  return Math.floor(seconds * 1000 + LOST_MS)
}

/** Returns true if more than `seconds` whole seconds lie between two times. */
export function isLonger(from: number, to: number, seconds: number): boolean {
  return (to - from - seconds) * 1000 > LOST_MS
}
