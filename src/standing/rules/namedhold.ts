import type { NamedHold } from '../../access/statements.ts'

/** The most named holds of one account or token. Those lifted are forgotten first, the earliest of them before others. */
export const MOST_HOLDS = 64

/**
 * Joins by name. A hold that was lifted stays so, in whatever order its placing and lifting come. Sorted by name; undefined if
 * there are none.
 */
export function joinHolds(
  one: readonly NamedHold[] = [],
  other: readonly NamedHold[] = [],
): readonly NamedHold[] | undefined {
  const joined = new Map(one.map((hold) => [hold.name, hold]))
  for (const hold of other) {
    const known = joined.get(hold.name)
    joined.set(hold.name, known === undefined ? hold : both(known, hold))
  }
  if (joined.size === 0) return undefined
  const kept = joined.size <= MOST_HOLDS ? [...joined.values()] : mostRelevant([...joined.values()])
  return kept.toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

function both(one: NamedHold, other: NamedHold): NamedHold {
  const lifted = [one, other].flatMap(({ liftedAt }) => liftedAt ?? [])
  const at = Math.max(one.at, other.at)
  return { name: one.name, at, ...(lifted.length > 0 && { liftedAt: Math.max(...lifted) }) }
}

function mostRelevant(all: readonly NamedHold[]): readonly NamedHold[] {
  const isOpen = ({ liftedAt }: NamedHold): number => Number(liftedAt === undefined)
  return all.toSorted((a, b) => isOpen(b) - isOpen(a) || lastOf(b) - lastOf(a)).slice(0, MOST_HOLDS)
}

/** Returns the time at which the earliest hold was placed that is not lifted, neither by its name nor by `liftedAt`. */
export function heldSince(
  holds: readonly NamedHold[] = [],
  liftedAt: number = Number.NEGATIVE_INFINITY,
): number | undefined {
  const open = holds.filter((hold) => hold.liftedAt === undefined && hold.at >= liftedAt)
  return open.length === 0 ? undefined : Math.min(...open.map(({ at }) => at))
}

/** Drops holds that are lifted, and so for `seconds`. Undefined if none is left. */
export function prunedHolds(
  holds: readonly NamedHold[] | undefined,
  liftedAt: number | undefined,
  seconds: number,
  now: number,
): readonly NamedHold[] | undefined {
  const left = holds?.filter((hold) => heldSince([hold], liftedAt) !== undefined || lastOf(hold) + seconds >= now)
  return left === undefined || left.length === 0 ? undefined : left
}

function lastOf({ at, liftedAt = at }: NamedHold): number {
  return Math.max(at, liftedAt)
}

/** Returns the time of the last placing or lifting. */
export function lastHoldAt(holds: readonly NamedHold[] = []): number {
  return holds.reduce((last, hold) => Math.max(last, lastOf(hold)), Number.NEGATIVE_INFINITY)
}
