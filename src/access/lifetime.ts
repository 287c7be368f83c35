import { type Refusal, refusal } from '../core/problem.ts'

/** When a token is good: NumericDates, seconds since 1970, with a fraction where the token has one (RFC 7519 §2). */
export interface Lifetime {
  readonly issuedAt: number
  readonly notBefore: number
  readonly expires: number
  /** Clock difference that is forgiven between the issuer and us. */
  readonly toleranceSeconds: number
}

/** Judged at every use. `now` is in milliseconds. Gives `credential-not-yet-valid`, `credential-expired` or nothing. */
export function judgeLifetime(lifetime: Lifetime, now: number): Refusal | undefined {
  const early = judgeBeginning(lifetime, now)
  if (early !== undefined) return early
  if (now >= endMs(lifetime.expires + lifetime.toleranceSeconds)) {
    return refusal('credential-expired', 'The token has expired: its "exp" has passed.', { check: 'time' })
  }
  return undefined
}

/** Judges when a lifetime begins, and not when it ends. `now` is in milliseconds. */
export function judgeBeginning({ notBefore, issuedAt, toleranceSeconds }: Lifetime, now: number): Refusal | undefined {
  const begins = beginMs(Math.max(notBefore, issuedAt) - toleranceSeconds)
  if (now >= begins) return undefined
  const detail = 'The token is not valid yet: its "nbf" or "iat" is in the future.'
  const retryAfterSeconds = Math.ceil((begins - now) / 1000)
  return refusal('credential-not-yet-valid', detail, { check: 'time', retryAfterSeconds })
}

/**
 * What the doubles of times near ours may lose of a decimal fraction, and a little more. In milliseconds, of which a fraction
 * in whole ones has to come out exactly.
 */
const LOST_MS = 0.001

/** The first whole millisecond at or after a time in seconds: what begins then has not begun before. */
export function beginMs(seconds: number): number {
  return Math.ceil(seconds * 1000 - LOST_MS)
}

/** The last whole millisecond at or before a time in seconds: what ends then has ended with it. */
export function endMs(seconds: number): number {
  return Math.floor(seconds * 1000 + LOST_MS)
}

/** True where more than so many whole seconds lie between two times. */
export function isLonger(from: number, to: number, seconds: number): boolean {
  return (to - from - seconds) * 1000 > LOST_MS
}
