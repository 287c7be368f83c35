/**
 * Conditions: what one isolate or one ledger sees, and no sum over traffic says. Each is a name of a list of ours with a name of
 * the configuration, and is noted again and again while it is so; nobody says that it is over.
 */

const MINUTE_MS = 60_000

/** How long a condition is taken to last after it was noted. A failing sink is tried again within ten minutes. */
export const LASTS_MS = {
  'keys-stale': 3 * MINUTE_MS,
  'status-list-stale': 3 * MINUTE_MS,
  'server-ejected': 3 * MINUTE_MS,
  'sink-failing': 12 * MINUTE_MS,
  'holds-spent': 3 * MINUTE_MS,
} as const

export type ConditionName = keyof typeof LASTS_MS

export interface Condition {
  readonly name: ConditionName
  /** What it is of, as the configuration names it. */
  readonly of: string
  /** Of a sink: the age of the oldest record that it has not taken, in seconds. */
  readonly seconds?: number
}

/** A condition, and when it was noted. Times are in milliseconds since 1970. */
export interface KnownCondition extends Condition {
  readonly first: number
  readonly last: number
}

/** The most conditions of a zone. Those that were noted longest ago are forgotten first. */
const MAX_CONDITIONS = 100
const MAX_NAME = 200

/** Returns true while a condition lasts. */
export function isLasting({ name, last }: KnownCondition, now: number): boolean {
  return now - last < (LASTS_MS[name] ?? 0)
}

/** Returns what is known once more was noted. What lasts no more is forgotten. */
export function noteConditions(
  known: readonly KnownCondition[],
  noted: readonly Condition[],
  now: number,
): readonly KnownCondition[] {
  const all = new Map(known.filter((one) => isLasting(one, now)).map((one) => [keyOf(one), one]))
  for (const { name, of, seconds } of noted) {
    if (!Object.hasOwn(LASTS_MS, name)) continue
    const condition: Condition = { name, of: of.slice(0, MAX_NAME), ...(seconds !== undefined && { seconds }) }
    const first = all.get(keyOf(condition))?.first ?? now
    all.set(keyOf(condition), { ...condition, first, last: now })
  }
  return [...all.values()].sort((one, other) => other.last - one.last).slice(0, MAX_CONDITIONS)
}

function keyOf({ name, of }: Condition): string {
  return `${name}\n${of}`
}
