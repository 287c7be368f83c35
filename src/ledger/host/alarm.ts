import type { LedgerStore } from './store.ts'

/** An alarm later than this will not ring: platforms ring within seconds, or have given up. */
const LOST_MS = 15 * 60_000
/** An alarm that is at work for longer may be dead: others set the next one. */
const WORKING_MS = 60_000

/** The alarm of one ledger, as far as its host knows it: after a start it may be set without being known. */
export class LedgerAlarm {
  readonly #store: Pick<LedgerStore, 'clock' | 'setAlarm'>
  #setFor: number | undefined
  /** The time until which an alarm that rang is believed to be at work; 0 if none is. */
  #worksUntil = 0

  constructor(store: Pick<LedgerStore, 'clock' | 'setAlarm'>) {
    this.#store = store
  }

  /** Runs the work of an alarm that rang. Meanwhile none is set: in the end one is, once for everything. */
  async ring<T>(work: () => Promise<T>): Promise<T> {
    this.#setFor = undefined
    this.#worksUntil = this.#store.clock() + WORKING_MS
    try {
      return await work()
    } finally {
      this.#worksUntil = 0
    }
  }

  /** Sets the alarm if it has to ring earlier than set. Returns false if that fails. */
  async setBy(time: number): Promise<boolean> {
    const now = this.#store.clock()
    const isAtWork = this.#worksUntil > now && this.#worksUntil - now <= WORKING_MS
    if (isAtWork) return true
    // An alarm long overdue has been lost.
    const isSet = this.#setFor !== undefined && this.#setFor + LOST_MS > now
    return time < (isSet ? (this.#setFor ?? Infinity) : Infinity) ? this.set(time) : true
  }

  /** Sets the alarm. Returns false if that fails: the next commit tries again. */
  async set(time: number): Promise<boolean> {
    this.#setFor = time
    try {
      await this.#store.setAlarm(time)
      return true
    } catch {
      this.#setFor = undefined
      return false
    }
  }

  /** Notes that the alarm is deleted. */
  deleted(): void {
    this.#setFor = undefined
  }
}
