/**
 * Bounds the time of everything that is paid for and stays open.
 *
 * A stream or a socket may outlive the token it was opened with, or the subscription behind it. So each gets a session:
 * it ends with the credential or at the limit of its route, whichever is first, and a watch decides again in between.
 * Timers bound it, not bytes: a stream that sends nothing ends as well. A session that ends by itself has to be stopped,
 * or its timers go on.
 */

import type { Watch } from './watch.ts'

/** The time that a stream or a socket may stay open. */
export interface Session {
  /** Milliseconds to the end of the credential or to the limit of the route, whichever is first. */
  readonly lastsMs: number
  /** Undefined for an anonymous reader: no standing can change. */
  readonly watch: Watch | undefined
}

/** The longest time of a timer (HTML §8.6: a signed 32-bit number of milliseconds). */
const MAX_TIMER_MS = 2 ** 31 - 1

/** Returns the longest time that a session may last from `now` on, in milliseconds. */
export function sessionMs(endsMs: number, maxSessionMs: number, now: number): number {
  return Math.max(0, Math.min(endsMs - now, maxSessionMs, MAX_TIMER_MS))
}

/**
 * Ends a session when its time is up, or when its watch no longer holds. A session too short to be watched costs one
 * timer. Returns a function that cancels it.
 */
export function supervise({ lastsMs, watch }: Session, end: () => void): () => void {
  let isOver = false
  let last: ReturnType<typeof setTimeout> | undefined
  let next: ReturnType<typeof setTimeout> | undefined
  if (watch === undefined || watch.afterMs >= lastsMs) last = setTimeout(finish, lastsMs)
  else next = setTimeout(() => goOn(watch), watch.afterMs)
  return stop

  function stop(): void {
    isOver = true
    if (last !== undefined) clearTimeout(last)
    if (next !== undefined) clearTimeout(next)
  }

  function goOn(at: Watch): void {
    last = setTimeout(finish, lastsMs - at.afterMs)
    void lookNow(at)
  }

  function finish(): void {
    if (isOver) return
    stop()
    end()
  }

  function lookLater(at: Watch, afterMs: number): void {
    next = setTimeout(() => void lookNow(at), afterMs)
  }

  async function lookNow(at: Watch): Promise<void> {
    const againMs = await at.look().catch(() => undefined)
    if (againMs === undefined) finish()
    else if (!isOver) lookLater(at, againMs)
  }
}

/** Returns the same stream, closed in order when its session is over. `onEnd` is called then. */
export function boundStream(body: ReadableStream, session: Session, onEnd?: () => void): ReadableStream {
  let stop = (): void => undefined
  const transformer: Transformer & { cancel: () => void } = {
    start(controller) {
      stop = supervise(session, () => {
        controller.terminate()
        onEnd?.()
      })
    },
    flush: () => stop(),
    cancel: () => stop(),
  }
  return body.pipeThrough(new TransformStream(transformer))
}
