/** So many acts a second, and as many at once after a pause. */
export class Allowance {
  readonly #perSecond: number
  #left: number
  #at = Number.NEGATIVE_INFINITY

  constructor(perSecond: number) {
    this.#perSecond = perSecond
    this.#left = perSecond
  }

  /** Returns true if one more act is allowed at `now`, in milliseconds, and counts it. */
  take(now: number): boolean {
    const gained = ((now - this.#at) / 1000) * this.#perSecond
    this.#left = Math.min(this.#perSecond, this.#left + Math.max(0, gained))
    this.#at = Math.max(this.#at, now)
    if (this.#left < 1) return false
    this.#left -= 1
    return true
  }
}
