import type { Clock } from '../ports.ts'

/** Who is waited for, and for how long at a time. */
export interface StallTimer {
  /** It is waited for from now on; */
  readonly wait: () => void
  /** what was waited for has come. */
  readonly go: () => void
  /** Nothing is waited for any more. */
  readonly end: () => void
}

/** Calls `spent` once, where one wait takes longer than so many milliseconds. A wait that is short costs no timer of its own. */
export function createStallTimer(mostMs: number, clock: Clock, spent: () => void): StallTimer {
  let since: number | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  const look = (): void => {
    timer = undefined
    if (since === undefined) return
    const leftMs = since + mostMs - clock()
    if (leftMs > 0) timer = setTimeout(look, leftMs)
    else spent()
  }
  return {
    wait() {
      since = clock()
      timer ??= setTimeout(look, mostMs)
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
