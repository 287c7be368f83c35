const MAX_LENGTH = 200
/** How much of two ids has to agree, from 0 to 1, for one to be taken for the other. */
const LEAST_LIKENESS = 0.4

/**
 * Returns the ids that a mistyped one is most like, the nearest first. Compares pairs of neighbouring characters, so the time is
 * linear in the length of the id, of which the first 200 characters count, for each of `ids`.
 */
export function nearest(id: string, ids: Iterable<string>, most = 3): readonly string[] {
  const pairs = pairsOf(id.slice(0, MAX_LENGTH))
  return Array.from(ids, (candidate) => ({ candidate, likeness: likeness(pairs, candidate) }))
    .filter(({ likeness }) => likeness >= LEAST_LIKENESS)
    .sort((one, other) => other.likeness - one.likeness)
    .slice(0, most)
    .map(({ candidate }) => candidate)
}

interface Pairs {
  readonly counts: ReadonlyMap<string, number>
  readonly size: number
}

function pairsOf(text: string): Pairs {
  const lower = ` ${text.toLowerCase()} `
  const counts = new Map<string, number>()
  for (let at = 1; at < lower.length; at++) {
    const pair = lower.slice(at - 1, at + 1)
    counts.set(pair, (counts.get(pair) ?? 0) + 1)
  }
  return { counts, size: lower.length - 1 }
}

/** Dice's coefficient of the pairs of two texts. */
function likeness(pairs: Pairs, candidate: string): number {
  const others = pairsOf(candidate)
  let shared = 0
  for (const [pair, count] of others.counts) shared += Math.min(count, pairs.counts.get(pair) ?? 0)
  return (2 * shared) / (pairs.size + others.size)
}
