/**
 * Bounds the time of everything that is paid for and stays open.
 *
 * A stream or a socket may outlive the token it was opened with, or the subscription behind it. So each gets a session:
 * it ends with the credential or at the limit of its route, whichever is first, and a watch decides again in between.
 * Timers bound it, not bytes: a stream that sends nothing ends as well. A session that ends by itself has to be stopped,
 * or its timers go on.
 */

import { type Refusal, refusal } from '../core/problem.ts'
import type { Watch } from './watch.ts'

/** The time that a stream or a socket may stay open. */
export interface Session {
  /** Milliseconds to the end of the credential or to the limit of the route, whichever is first. */
  readonly lastsMs: number
  /** The reason for the end once that time is up. */
  readonly overdue: Refusal
  /** Undefined for an anonymous reader: no standing can change. */
  readonly watch: Watch | undefined
}

export const CREDENTIAL_ENDED = refusal('credential-expired', 'What this was opened with has ended.')
export const SESSION_OVER = refusal('request-timeout', 'This was open for as long as it may be.')
/** The standing of the payer cannot be asked for. */
const STANDING_BROKEN = refusal('standing-unavailable', 'It is not known if what this was opened with still holds.')

/** The longest time of a timer (HTML §8.6: a signed 32-bit number of milliseconds). */
const MAX_TIMER_MS = 2 ** 31 - 1

/** Returns the longest time that a session may last from `now` on, in milliseconds. */
export function sessionMs(endsMs: number, maxSessionMs: number, now: number): number {
  return Math.max(0, Math.min(endsMs - now, maxSessionMs, MAX_TIMER_MS))
}

/**
 * Ends a session when its time is up, or when its watch no longer holds, and tells why. A session too short to be watched
 * costs one timer. Returns a function that cancels it.
 */
export function supervise({ lastsMs, overdue, watch }: Session, end: (why: Refusal) => void): () => void {
  let isOver = false
  let last: ReturnType<typeof setTimeout> | undefined
  let next: ReturnType<typeof setTimeout> | undefined
  if (watch === undefined || watch.afterMs >= lastsMs) last = setTimeout(finish, lastsMs, overdue)
  else next = setTimeout(() => goOn(watch), watch.afterMs)
  return stop

  function stop(): void {
    isOver = true
    if (last !== undefined) clearTimeout(last)
    if (next !== undefined) clearTimeout(next)
  }

  function goOn(at: Watch): void {
    last = setTimeout(finish, lastsMs - at.afterMs, overdue)
    void lookNow(at)
  }

  function finish(why: Refusal): void {
    if (isOver) return
    stop()
    end(why)
  }

  function lookLater(at: Watch, afterMs: number): void {
    next = setTimeout(() => void lookNow(at), afterMs)
  }

  async function lookNow(at: Watch): Promise<void> {
    const seen = await at.look().catch(() => STANDING_BROKEN)
    if (typeof seen !== 'number') finish(seen)
    else if (!isOver) lookLater(at, seen)
  }
}
