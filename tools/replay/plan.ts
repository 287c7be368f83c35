/** When the requests of a replay are made, and when its numbers are looked at. */

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
const WEEK_MS = 7 * DAY_MS

/** The moments at which all numbers are compared. */
export const VIEWS = [
  // In Berlin the hour after two o'clock is there for the second time.
  '2026-10-25T01:20:00.000Z',
  // As in St. John's the one after one o'clock, a week later, at the half hour.
  '2026-11-01T04:50:00.000Z',
  // In Berlin half an hour before midnight, in winter; 89 days before was summer.
  '2026-11-29T22:25:00.000Z',
  // In Berlin twenty minutes after midnight of the day after the clocks went on.
  '2027-03-28T22:20:00.000Z',
].map((text) => Date.parse(text))

/** A time at which some requests are made, and whether all numbers are compared after them. */
export interface Block {
  readonly at: number
  readonly isView: boolean
}

/** Returns when requests are made, in order: densely before each view and a week before, else every few days. `coarseness` is 1 or more. */
export function blocksOf(coarseness: number): readonly Block[] {
  const times = new Set<number>()
  const every = (from: number, to: number, stepMs: number): void => {
    for (let at = from; at < to; at += stepMs) times.add(at)
  }
  const [first, last] = [Math.min(...VIEWS), Math.max(...VIEWS)]
  every(first - 185 * DAY_MS, last, 79 * HOUR_MS * coarseness)
  for (const view of VIEWS) {
    every(view - 15 * DAY_MS, view, 2 * HOUR_MS * coarseness)
    for (const to of [view - WEEK_MS, view]) {
      every(to - 26 * HOUR_MS, to, 30 * MINUTE_MS * coarseness)
      every(to - 65 * MINUTE_MS, to, 5 * MINUTE_MS * coarseness)
    }
    times.add(view)
  }
  return [...times].sort((one, other) => one - other).map((at) => ({ at, isView: VIEWS.includes(at) }))
}
