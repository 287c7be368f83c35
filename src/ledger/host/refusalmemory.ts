import type { ChargeCommand, ChargeOutcome } from '../rules/commands.ts'
import type { RecentRefusals, RefusedCharge } from '../rules/recentrefusals.ts'

/** The number of refusals kept. */
const MOST = 20

/**
 * The last refusals of a ledger, in memory alone: a refusal writes nothing. They are gone once the platform lets go of the
 * ledger, which it does some time after the last request.
 */
export class RefusalMemory {
  readonly #since: number
  #last: readonly RefusedCharge[] = []

  /** `since`: the present time, in milliseconds since 1970. */
  constructor(since: number) {
    this.#since = since
  }

  get recent(): RecentRefusals {
    return { since: this.#since, last: this.#last }
  }

  /** Notes the outcome of a charge, if it is a refusal. */
  note({ id, facts: { route, method } }: ChargeCommand, outcome: ChargeOutcome, at: number): void {
    if (outcome.kind !== 'refused') return
    const { reason, check, conflict, retryAfterSeconds } = outcome
    const refused = { request: id, at, route, method, reason, check, conflict, retryAfterSeconds }
    this.#last = [refused, ...this.#last.slice(0, MOST - 1)]
  }

  forget(): void {
    this.#last = []
  }
}
