import type { Clock } from '../ports.ts'

/** Limits single waits rather than the whole: a slow transfer may go on, a stalled one may not. */
export interface StallTimer {
  /** Begins a wait. */
  readonly wait: () => void
  /** Ends the wait: the awaited bytes have come. */
  readonly go: () => void
  /** Stops the timer for good. */
  readonly end: () => void
}

/** Calls `spent` once a single wait lasts longer than `mostMs` milliseconds. Short waits share one timer. */
export function createStallTimer(mostMs: number, clock: Clock, spent: () => void): StallTimer {
  let since: number | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  const check = (): void => {
    timer = undefined
    if (since === undefined) return
    const leftMs = since + mostMs - clock()
    if (leftMs > 0) timer = setTimeout(check, leftMs)
    else spent()
  }
  return {
    wait() {
      since = clock()
      timer ??= setTimeout(check, mostMs)
    },
    go() {
      since = undefined
    },
    end() {
      since = undefined
      if (timer !== undefined) clearTimeout(timer)
    },
  }
}
