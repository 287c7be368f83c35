const FIRST_MS = 30_000
const LONGEST_MS = 600_000

/** Returns the milliseconds to leave billing alone after `failures` failures in a row: growing, up to ten minutes. */
export function leaveAloneMs(failures: number): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, failures - 1))
}
