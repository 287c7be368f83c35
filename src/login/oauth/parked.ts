import type { Clock } from '../../ports.ts'
import type { TokenSet } from './server.ts'

interface ParkedSet {
  readonly tokens: TokenSet
  /** In milliseconds since 1970. */
  readonly until: number
}

const PARKED_MS = 600_000
const MOST_PARKED = 50

/**
 * Tokens that cannot be judged yet, by what they were redeemed for, which is used up. Kept in the isolate for ten minutes; in
 * another isolate the trip has to begin anew.
 */
export class ParkedTokens {
  readonly #sets = new Map<string, ParkedSet>()
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  take(key: string): TokenSet | undefined {
    const found = this.#sets.get(key)
    this.#sets.delete(key)
    return found !== undefined && this.#clock() < found.until ? found.tokens : undefined
  }

  put(key: string, tokens: TokenSet): void {
    const now = this.#clock()
    for (const [known, { until }] of this.#sets)
      if (until <= now || this.#sets.size >= MOST_PARKED) this.#sets.delete(known)
    this.#sets.set(key, { tokens, until: now + PARKED_MS })
  }
}
