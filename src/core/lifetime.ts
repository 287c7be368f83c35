import { type Refusal, refusal } from './problem.ts'

/** When a token is good: NumericDates, seconds since 1970. */
export interface Lifetime {
  readonly issuedAt: number
  readonly notBefore: number
  readonly expires: number
  /** Clock difference that is forgiven between the issuer and us. */
  readonly toleranceSeconds: number
}

/** Judged at every use. `now` is in milliseconds. Gives `credential-not-yet-valid`, `credential-expired` or nothing. */
export function judgeLifetime(lifetime: Lifetime, now: number): Refusal | undefined {
  const begins = Math.max(lifetime.notBefore, lifetime.issuedAt) - lifetime.toleranceSeconds
  if (now < begins * 1000) {
    const detail = 'The token is not valid yet: its "nbf" or "iat" is in the future.'
    const retryAfterSeconds = Math.ceil(begins - now / 1000)
    return refusal('credential-not-yet-valid', detail, { check: 'time', retryAfterSeconds })
  }
  if (now >= (lifetime.expires + lifetime.toleranceSeconds) * 1000) {
    return refusal('credential-expired', 'The token has expired: its "exp" has passed.', { check: 'time' })
  }
  return undefined
}
