/** Returns the value below or at which a share of the values lies, from 0 to 1; 0 if there are none. */
export function quantileOf(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

/** Returns the median and the median distance from it, scaled to be a standard deviation where values are normal. */
export function spreadOf(values: readonly number[]): { readonly median: number; readonly deviation: number } {
  const sorted = Float64Array.from(values).sort()
  const median = sorted[sorted.length >> 1] ?? 0
  for (const [index, value] of sorted.entries()) sorted[index] = Math.abs(value - median)
  return { median, deviation: (sorted.sort()[sorted.length >> 1] ?? 0) * 1.4826 }
}

/** Returns a number with three significant digits. */
export function rounded(value: number): number {
  return Number(value.toPrecision(3))
}
