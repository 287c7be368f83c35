/**
 * When a key signs, and how long it is published.
 *
 * The gate keeps a key set for some minutes, so a key must be published before it first signs. A token must not outlive the
 * publication of its key, so a key stays published until the last token that it signed has ended. Between the two the keys
 * take turns: at any time the one signs that began last.
 */

/** The times of a key, in seconds since 1970. */
export interface KeyTimes {
  readonly kid: string
  /** The key signs from then on, until a later key begins. */
  readonly notBefore: number
  /** The key is no longer published from then on. Undefined: derived from its successor. */
  readonly retireAt: number | undefined
}

/** An event is accepted for seven days after it was issued: `readEvent`. */
const EVENT_SECONDS = 7 * 86_400
/** Longer than clocks differ, and than a key set is kept. */
const MARGIN_SECONDS = 3600

/** Returns how long a key is published after its successor begins: all that it signed has ended by then. */
function overlapSeconds(maxLifetimeSeconds: number): number {
  return Math.max(maxLifetimeSeconds, EVENT_SECONDS) + MARGIN_SECONDS
}

/** Returns the key that signs at `now`: the one that began last; of two that began together, the later in the list. */
export function signingKeyAt<K extends KeyTimes>(keys: readonly K[], now: number): K | undefined {
  let found: K | undefined
  for (const key of keys) {
    if (key.notBefore <= now && (found === undefined || key.notBefore >= found.notBefore)) found = key
  }
  return found
}

/** Returns the time at which a key is no longer published; Infinity for a key without a successor. */
export function retirementOf(key: KeyTimes, keys: readonly KeyTimes[], maxLifetimeSeconds: number): number {
  if (key.retireAt !== undefined) return key.retireAt
  const endsSigning = successionOf(key, keys)
  return endsSigning + overlapSeconds(maxLifetimeSeconds)
}

/** Returns the time from which another key signs in its place; Infinity if none does. */
function successionOf(key: KeyTimes, keys: readonly KeyTimes[]): number {
  const index = keys.indexOf(key)
  const later = keys.filter(
    (other, at) => other.notBefore > key.notBefore || (other.notBefore === key.notBefore && at > index),
  )
  return Math.min(Infinity, ...later.map(({ notBefore }) => notBefore))
}

/** Returns the keys to publish at `now`: those that sign now, later, or have signed what has not ended yet. */
export function publishedAt<K extends KeyTimes>(
  keys: readonly K[],
  now: number,
  maxLifetimeSeconds: number,
): readonly K[] {
  return keys.filter((key) => now < retirementOf(key, keys, maxLifetimeSeconds))
}

/** Returns the first fault of a schedule, or undefined. */
export function scheduleFault(keys: readonly KeyTimes[], maxLifetimeSeconds: number): string | undefined {
  for (const [index, key] of keys.entries()) {
    if (keys.findIndex(({ kid }) => kid === key.kid) !== index)
      return `keys[${index}].jwk.kid: another key has this name. Two keys of one name cannot be told apart.`
    const ends = successionOf(key, keys)
    if (
      key.retireAt !== undefined &&
      key.retireAt < Math.min(ends, Number.MAX_VALUE) + maxLifetimeSeconds &&
      ends !== Infinity
    )
      return `keys[${index}].retireAt: tokens that it signed may last until ${ends + maxLifetimeSeconds}. Keep it until then, or leave "retireAt" out.`
    if (key.retireAt !== undefined && key.retireAt <= key.notBefore)
      return `keys[${index}].retireAt: the key would retire before it signs.`
  }
  return undefined
}
