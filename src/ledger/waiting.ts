/**
 * Waiting for what other requests of an account have reserved.
 *
 * A meter's reservation usually comes back within seconds, and a client that is refused for it would only ask again. So the
 * gate asks the ledger again for some time. A crowd must not: of one account at most a few requests wait in an isolate, and the
 * others are answered at once. Who waits asks less and less often, and stops once its client has left.
 */
import type { Result } from '../core/result.ts'
import type { Declined, ReservedRequest } from './chargeledger.ts'
import { UnchargedTries } from './uncharged.ts'

/** The times between two asks, in milliseconds: two seconds in all. */
const PAUSES_MS: readonly number[] = [50, 100, 200, 350, 500, 800]
/** The most requests of one account that wait at once in an isolate. */
const MOST_OF_ACCOUNT = 16
const MOST = 512

/** The requests of one isolate that wait. */
export class Waiters {
  readonly uncharged = new UnchargedTries()
  readonly #waiting = new Map<string, number>()
  #all = 0

  /** Takes a place among those of an account; false if there is none. */
  enter(account: string): boolean {
    const waiting = this.#waiting.get(account) ?? 0
    if (waiting >= MOST_OF_ACCOUNT || this.#all >= MOST) return false
    this.#waiting.set(account, waiting + 1)
    this.#all += 1
    return true
  }

  leave(account: string): void {
    const waiting = (this.#waiting.get(account) ?? 1) - 1
    if (waiting > 0) this.#waiting.set(account, waiting)
    else this.#waiting.delete(account)
    this.#all -= 1
  }
}

type Asked = Result<ReservedRequest, Declined>

/** Returns true if a charge was refused only because of what other requests have reserved, or for its own try before. */
function isHeld(asked: Asked): boolean {
  const { check, conflict } = (asked.ok ? undefined : asked.error.outcome) ?? {}
  return check === 'reserved' || conflict === 'sent-again'
}

/**
 * Asks again while a charge is refused for what others have reserved, for two seconds at most. `account`: the name of the ledger.
 * Returns the first answer that is another one, or else the last.
 */
export async function askWhileHeld(
  first: Asked,
  ask: () => Promise<Asked>,
  { waiters, account, left }: { waiters: Waiters; account: string; left: AbortSignal },
): Promise<Asked> {
  if (!isHeld(first) || !waiters.enter(account)) return first
  let last = first
  try {
    for (const ms of PAUSES_MS) {
      await pauseUnless(left, ms)
      if (left.aborted) return last
      last = await ask()
      if (!isHeld(last)) return last
    }
    return last
  } finally {
    waiters.leave(account)
  }
}

function pauseUnless(left: AbortSignal, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      left.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    left.addEventListener('abort', done)
  })
}
