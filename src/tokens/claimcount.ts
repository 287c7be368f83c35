import type { Issuer } from '../access/issuer.ts'
import { missedClaims } from '../access/missedclaims.ts'
import type { Clock } from '../ports.ts'
import type { JsonObject } from './jws.ts'

/** Takes note of the claims of a genuine entitlement token. */
export type CountClaims = (claims: JsonObject, issuer: Issuer) => void

/** The tokens of one issuer that this isolate has read since it began, for one fact. */
interface Count {
  tokens: number
  missing: number
  warnedAt: number
}

const PAUSE_MS = 60_000

/**
 * Counts the tokens that lack a configured claim, and warns while no token has had it: at most once a minute for each issuer
 * and claim. The line names claims as configured, and holds nothing of a token.
 */
export function createClaimCount(warn: (line: object) => void, clock: Clock): CountClaims {
  const issuers = new WeakMap<Issuer, Map<string, Count>>()
  return (claims, issuer) => {
    const { expected } = issuer.claims
    if (expected.length === 0) return
    const counts = issuers.get(issuer) ?? new Map<string, Count>()
    issuers.set(issuer, counts)
    const missed = missedClaims(claims, issuer.claims)
    const now = clock()
    for (const one of expected) {
      const count = counts.get(one.fact) ?? { tokens: 0, missing: 0, warnedAt: Number.NEGATIVE_INFINITY }
      counts.set(one.fact, count)
      count.tokens += 1
      if (missed.includes(one)) count.missing += 1
      if (count.missing < count.tokens || Math.abs(now - count.warnedAt) < PAUSE_MS) continue
      count.warnedAt = now
      const path = one.paths.map(({ source }) => source).join(' or ')
      warn({
        claims: issuer.issuer,
        audience: issuer.audience,
        fact: one.fact,
        path,
        missing: count.missing,
        tokens: count.tokens,
      })
    }
  }
}
