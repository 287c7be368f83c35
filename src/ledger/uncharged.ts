/**
 * The tries of one isolate that were refused without a charge, and that their clients will repeat.
 *
 * A client that sends a request again by itself does not say which of several equal requests it repeats. One that was refused has
 * left nothing in the ledger: its next try is a request of its own, and neither waits for an equal one in flight nor continues
 * that of somebody else. Each such try is remembered until it comes again, for two minutes.
 */
const KEPT_MS = 120_000
const MOST = 1000

interface RefusedTries {
  readonly count: number
  /** Milliseconds since 1970. */
  readonly until: number
}

export class UnchargedTries {
  /** By ledger and digest; the oldest first. */
  readonly #tries = new Map<string, RefusedTries>()

  note(request: string, now: number): void {
    const count = this.#countOf(request, now) + 1
    this.#tries.delete(request)
    this.#tries.set(request, { count, until: now + KEPT_MS })
    const [oldest] = this.#tries.keys()
    if (this.#tries.size > MOST && oldest !== undefined) this.#tries.delete(oldest)
  }

  /** Returns true for one try of the request for each that was noted. */
  take(request: string, now: number): boolean {
    const count = this.#countOf(request, now)
    const known = this.#tries.get(request)
    if (known === undefined) return false
    if (count <= 1) this.#tries.delete(request)
    else this.#tries.set(request, { ...known, count: count - 1 })
    return count > 0
  }

  #countOf(request: string, now: number): number {
    const { count = 0, until = 0 } = this.#tries.get(request) ?? {}
    return until > now ? count : 0
  }
}
