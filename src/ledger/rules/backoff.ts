const FIRST_MS = 30_000
const LONGEST_MS = 600_000

/** How long billing is left alone after so many failures in a row: longer each time, and never for long. */
export function leaveAloneMs(failures: number): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, failures - 1))
}
