/** The middle value, or the mean of the middle two. */
export function median(values: readonly number[]): number {
  const ascending = sorted(values)
  const middle = (ascending.length - 1) / 2
  return (at(ascending, Math.floor(middle)) + at(ascending, Math.ceil(middle))) / 2
}

/** The value that so many percent do not exceed (nearest rank). */
export function percentile(values: readonly number[], percent: number): number {
  return at(sorted(values), Math.ceil((percent / 100) * values.length) - 1)
}

/** The least and the greatest value. */
export function spread(values: readonly number[]): readonly [number, number] {
  return [Math.min(...values), Math.max(...values)]
}

function sorted(values: readonly number[]): readonly number[] {
  return values.toSorted((one, other) => one - other)
}

function at(ascending: readonly number[], index: number): number {
  return ascending[index] ?? Number.NaN
}
