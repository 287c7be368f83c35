import type { Entry, NamedHold } from '../../access/statements.ts'

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

/** Of two ends the later counts, and one that does not end by itself is the latest. What is lifted needs no other end. */
function both(one: NamedHold, other: NamedHold): NamedHold {
  const lifted = [one, other].flatMap(({ liftedAt }) => liftedAt ?? [])
  const held = { name: one.name, at: Math.max(one.at, other.at) }
  if (lifted.length > 0) return { ...held, liftedAt: Math.max(...lifted) }
  const until = Math.max(one.until ?? Infinity, other.until ?? Infinity)
  return until === Infinity ? held : { ...held, until }
}

function mostRelevant(all: readonly NamedHold[]): readonly NamedHold[] {
  const isOpen = ({ liftedAt }: NamedHold): number => Number(liftedAt === undefined)
  return all.toSorted((a, b) => isOpen(b) - isOpen(a) || lastOf(b) - lastOf(a)).slice(0, MOST_HOLDS)
}

/** Returns the holds in force: those that are not over, and not lifted, neither by their names nor by `liftedAt`. */
export function openHolds(
  { holds = [], liftedAt = Number.NEGATIVE_INFINITY }: Pick<Entry, 'holds' | 'liftedAt'>,
  now: number,
): readonly NamedHold[] {
  return holds.filter(
    ({ at, liftedAt: lifted, until = Infinity }) => lifted === undefined && at >= liftedAt && until > now,
  )
}

/** Drops holds that are lifted, and so for `seconds`. Undefined if none is left. */
export function prunedHolds(
  holds: readonly NamedHold[] | undefined,
  liftedAt: number | undefined,
  seconds: number,
  now: number,
): readonly NamedHold[] | undefined {
  const left = holds?.filter(
    (hold) =>
      openHolds({ holds: [hold], ...(liftedAt !== undefined && { liftedAt }) }, now).length > 0 ||
      endOfHold(hold) + seconds >= now,
  )
  return left === undefined || left.length === 0 ? undefined : left
}

function lastOf({ at, liftedAt = at }: NamedHold): number {
  return Math.max(at, liftedAt)
}

function endOfHold(hold: NamedHold): number {
  return Math.max(lastOf(hold), hold.until ?? hold.at)
}

/** Returns the end of the last hold that is lifted or ends by itself. */
export function lastEndAt(holds: readonly NamedHold[] = []): number {
  return holds.reduce((last, hold) => Math.max(last, endOfHold(hold)), Number.NEGATIVE_INFINITY)
}

/** Returns the time of the last placing or lifting. */
export function lastHoldAt(holds: readonly NamedHold[] = []): number {
  return holds.reduce((last, hold) => Math.max(last, lastOf(hold)), Number.NEGATIVE_INFINITY)
}
