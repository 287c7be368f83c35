import { type CommandAnswer, type LedgerCommand, MAX_BATCH_BYTES, MAX_BATCH_COMMANDS } from './rules/batch.ts'
import { isOnlyRated } from './rules/rates.ts'

/** A command on its way to its ledger. Plain data: any request of the isolate may send it. */
export interface QueuedCommand {
  readonly command: LedgerCommand
  readonly bytes: number
  /** The time after which nobody waits for it: it is not sent then, unless it was before. Milliseconds since 1970. */
  readonly expires: number
  /** False while it waits for company: it goes with the next call, but causes none. */
  isDue: boolean
  /** The number of calls that carried it. */
  sends: number
  /** True if the outcome of a call that carried it is unknown: the call may still have its effect. */
  isLost: boolean
  answer: CommandAnswer | undefined
  /** Wakes its request: the command was answered, or is to lead. */
  wake: () => void
}

/** The right to call a ledger for all. A holder that is silent for longer is taken for dead. */
export interface Lease {
  readonly holder: QueuedCommand
  readonly until: number
}

/** The time for which a leader is believed to live. */
export const LEASE_MS = 1000
/** So many commands of one call show a busy ledger, for so long. */
const BUSY_COMMANDS = 8
const BUSY_MS = 100
/**
 * The time after a command's own by which its request has given it up. One that is still here then was that of a request that
 * died, and nobody else forgets it.
 */
const ABANDONED_MS = 20_000
/** A call that failed may have had its effect. Ids make a second sending harmless; a third would only add load. */
export const MAX_SENDS = 2

const FAILED: CommandAnswer = { verb: 'failed' }

/**
 * The commands of one isolate for one ledger. At most one request calls the ledger at a time: the holder of the lease. All
 * that come meanwhile share the next call, which the oldest of them makes.
 */
export class CommandQueue {
  /** In the order they came. */
  readonly #unanswered = new Set<QueuedCommand>()
  #lease: Lease | undefined
  #busyUntil = 0

  /** Returns true if many commands shared a call just now. */
  isBusy(now: number): boolean {
    return now < this.#busyUntil && this.#busyUntil - now <= BUSY_MS
  }

  add(queued: QueuedCommand): void {
    this.#unanswered.add(queued)
  }

  /** Returns the lease that stands; undefined if nobody leads. */
  leaseAt(now: number): Lease | undefined {
    const lease = this.#lease
    // If the clock ran back, the time left is unknown.
    if (lease !== undefined && (lease.until <= now || lease.until - now > LEASE_MS)) this.expire(lease)
    return this.#lease
  }

  /**
   * Ends the lease of a holder that is taken for dead. Its own command is not sent by others: whoever it was for is gone. A
   * holder that lives still hears its answer.
   */
  expire(lease: Lease): void {
    if (this.#lease !== lease) return
    this.#lease = undefined
    this.#unanswered.delete(lease.holder)
  }

  /** Makes `holder` the leader of one call. */
  begin(holder: QueuedCommand, now: number): Lease {
    return (this.#lease = { holder, until: now + LEASE_MS })
  }

  /**
   * Takes the commands of the next call: the leader's own, and the oldest others that there is room for, amendments first.
   * What an earlier, dead leader may have sent is sent again.
   */
  take(own: QueuedCommand, now: number): readonly QueuedCommand[] {
    const taken = [own]
    let { bytes } = own
    for (const queued of this.#unanswered) {
      if (taken.length === MAX_BATCH_COMMANDS) break
      if (queued === own) continue
      if (isOver(queued, now)) {
        this.settle(queued, FAILED)
        continue
      }
      if (bytes + queued.bytes > MAX_BATCH_BYTES || !mayBeSent(queued)) continue
      taken.push(queued)
      bytes += queued.bytes
    }
    for (const queued of taken) queued.sends += 1
    if (taken.length >= BUSY_COMMANDS) this.#busyUntil = now + BUSY_MS
    return taken.length === 1 ? taken : amendmentsFirst(taken)
  }

  /** Notes an answer, and wakes its request. The first answer counts. */
  settle(queued: QueuedCommand, answer: CommandAnswer): void {
    this.#unanswered.delete(queued)
    if (queued.answer !== undefined) return
    queued.answer = answer
    queued.wake()
  }

  /** Has a command sent again whose call failed, by another leader if there is one. Gives it up if that was tried before. */
  retry(queued: QueuedCommand): void {
    queued.isLost = true
    if (!mayBeSent(queued)) return this.settle(queued, FAILED)
    queued.isDue = true
    this.#unanswered.delete(queued)
    this.#unanswered.add(queued)
  }

  /** Ends a call: the oldest command that is due leads next. Without effect if the lease was taken over. */
  end(lease: Lease, now: number): void {
    if (this.#lease !== lease) return
    this.#lease = undefined
    for (const queued of this.#unanswered) {
      if (!queued.isDue || !mayBeSent(queued)) continue
      this.begin(queued, now)
      return queued.wake()
    }
  }
}

/** Returns true if a command was not sent, or may be sent again: the first call may have had its effect. */
export function mayBeSent({ command, sends }: QueuedCommand): boolean {
  return sends === 0 || (sends < MAX_SENDS && isRepeatable(command))
}

/** Returns true if nobody waits for a command that was never sent, or nobody can. */
function isOver({ sends, expires }: QueuedCommand, now: number): boolean {
  return (sends === 0 ? expires : expires + ABANDONED_MS) <= now
}

/** A place under a rate has no id, so it would be taken twice where no charge is made. */
function isRepeatable({ verb, command }: LedgerCommand): boolean {
  if (verb !== 'charge' || command.rates === undefined) return true
  return !isOnlyRated(command) && command.idempotency === undefined
}

/** What comes back is to be had by the reservations of the same call. */
function amendmentsFirst(taken: readonly QueuedCommand[]): readonly QueuedCommand[] {
  const isCharge = ({ command }: QueuedCommand): boolean => command.verb === 'charge'
  return [...taken.filter((queued) => !isCharge(queued)), ...taken.filter(isCharge)]
}
