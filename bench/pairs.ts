import type { Measured } from './report.ts'
import type { Row } from './rows.ts'
import { median } from './statistics.ts'

/** What a row costs as a multiple of another: the median of the ratios that each round had, and those ratios. */
export interface Pair {
  readonly row: string
  readonly against: string
  readonly ratio: number
  readonly rounds: readonly number[]
}

/** Returns the pairs of rows of which both were measured. */
export function pairsOf(chosen: readonly Row[], measured: ReadonlyMap<string, readonly Measured[]>): readonly Pair[] {
  return chosen.flatMap(({ name, against }) => {
    if (against === undefined) return []
    const others = measured.get(against) ?? []
    const rounds = (measured.get(name) ?? []).flatMap(({ cpuMicros }, round) => {
      const other = others[round]?.cpuMicros
      return cpuMicros === undefined || other === undefined ? [] : [cpuMicros / other]
    })
    return rounds.length === 0 ? [] : [{ row: name, against, ratio: median(rounds), rounds }]
  })
}
