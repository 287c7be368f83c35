/** Histograms of times: 24 bins whose bounds grow by about a half each, so that a quantile is right within its bin. */

/** The upper bounds of all bins but the last, in milliseconds. A time belongs to the first bin whose bound it is below or at. */
export const BOUNDS_MS = [
  1, 2, 3, 5, 8, 12, 20, 30, 50, 80, 120, 200, 300, 500, 800, 1200, 2000, 3000, 5000, 8000, 12_000, 20_000, 30_000,
] as const

/** The number of times in each bin; trailing bins without any are left out. */
export type Histogram = number[]

/** Adds `count` times of `ms` milliseconds. */
export function observeMs(histogram: Histogram, ms: number, count = 1): void {
  let bin = 0
  while (bin < BOUNDS_MS.length && ms > (BOUNDS_MS[bin] ?? 0)) bin += 1
  while (histogram.length <= bin) histogram.push(0)
  histogram[bin] = (histogram[bin] ?? 0) + count
}

/** Adds the times of another histogram. */
export function addHistogram(histogram: Histogram, other: readonly number[]): void {
  while (histogram.length < other.length) histogram.push(0)
  // By index: this is done for each kind of each hour that is read.
  for (let bin = 0; bin < other.length; bin++) histogram[bin] = (histogram[bin] ?? 0) + (other[bin] ?? 0)
}

/** Returns the number of times. */
export function timesIn(histogram: readonly number[]): number {
  return histogram.reduce((sum, count) => sum + count, 0)
}

/**
 * Returns the bound of the bin that holds a quantile, from 0 to 1, in milliseconds. Infinity for the last bin; undefined if
 * there are no times.
 */
export function quantileMs(histogram: readonly number[], quantile: number): number | undefined {
  const times = timesIn(histogram)
  if (times === 0) return undefined
  const rank = Math.max(1, Math.ceil(times * quantile))
  let below = 0
  for (const [bin, count] of histogram.entries()) {
    below += count
    if (below >= rank) return BOUNDS_MS[bin] ?? Infinity
  }
  return Infinity
}
