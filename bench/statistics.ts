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

/**
 * Creates a draw by Zipf's law: of `count` places, the n-th comes a n-th as often as the first. Every draw created gives the
 * same numbers.
 */
export function createZipf(count: number): () => number {
  let sum = 0
  const sums = Float64Array.from({ length: count }, (_, at) => (sum += 1 / (at + 1)))
  let state = 1
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    const wanted = ((state >>> 0) / 2 ** 32) * sum
    let [low, high] = [0, count - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((sums[middle] ?? 0) < wanted) low = middle + 1
      else high = middle
    }
    return low
  }
}
