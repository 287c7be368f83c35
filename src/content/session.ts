import type { Watch } from './watch.ts'

/** How long a stream or a socket may stay open. */
export interface Session {
  /** Until what opened it ends, or the limit of its route, whichever is first. */
  readonly lastsMs: number
  /** Undefined where nothing can be said of who opened it. */
  readonly watch: Watch | undefined
}

/** Calls `end` once, when a session is over. What is given back stops that: it has ended by itself. */
export type Supervise = (end: () => void) => () => void

/** Timers hold no longer than this (HTML §8.6: a signed 32-bit number of milliseconds). */
const MAX_TIMER_MS = 2 ** 31 - 1

/** How long a session lasts at most, from now on. */
export function sessionMs(endsMs: number, maxSessionMs: number, now: number): number {
  return Math.max(0, Math.min(endsMs - now, maxSessionMs, MAX_TIMER_MS))
}

/** Ends a session when its time is up, or when what opened it no longer would. A short one costs one timer. */
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

/** The same stream, ended in order when its session is over. */
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
