/**
 * Merges the statements about an account with the token it presents.
 *
 * Statements arrive in any order, several times, from several sources; the answer must not depend on that. So an entry keeps
 * the latest statement of each kind, and joining entries is commutative, associative and idempotent: at equal times the
 * stricter wins. A token is itself a statement, made when it was signed. Statements after that second overrule it, earlier
 * ones do not, and those of the same second are merged to the stricter. Two kinds ignore the time of signing: a hold lasts
 * until it is lifted, and a token revoked by name stays revoked.
 */
import { type Standing, stricter } from '../../access/entitlement.ts'
import type { Entry, NamedHold, SubscriptionStanding } from '../../access/statements.ts'
import { joinHolds, lastEndAt, lastHoldAt, openHolds, prunedHolds } from './namedhold.ts'
import { bestOf, joinSubscriptions, lastAt } from './subscription.ts'

export type { Entry } from '../../access/statements.ts'

/** A statement about an account or one token, made after signing. `at` is the time it refers to, in seconds since 1970. */
export type Statement = { readonly at: number } & (
  | { readonly kind: 'standing'; readonly standing: Standing }
  /** About one of the account's subscriptions, by its id. */
  | ({ readonly kind: 'subscription' } & Omit<SubscriptionStanding, 'at'>)
  | { readonly kind: 'entitlements'; readonly names: readonly string[] }
  /** Revokes every token issued at or before `at`. */
  | { readonly kind: 'tokens-revoked' }
  | { readonly kind: 'hold'; readonly isLifted: boolean }
  /** Asks whoever signed in at or before `at` to do so again. */
  | { readonly kind: 'sign-in-asked' }
  /** A hold with a name, such as a dispute: lifted by its name, and with all others. */
  | ({ readonly kind: 'named-hold' } & NamedHold)
)

/** Makes the entry of a single statement. */
export function entryOf(statement: Statement): Entry {
  const { at } = statement
  switch (statement.kind) {
    case 'standing':
      return { standing: { at, standing: statement.standing } }
    case 'subscription': {
      const { id, standing, hasEnded } = statement
      return { subscriptions: [{ id, at, standing, hasEnded }] }
    }
    case 'entitlements':
      return { entitlements: { at, names: [...new Set(statement.names)].toSorted() } }
    case 'tokens-revoked':
      return { revokedAt: at }
    case 'hold':
      return statement.isLifted ? { liftedAt: at } : { heldAt: at }
    case 'sign-in-asked':
      return { askedAt: at }
    case 'named-hold': {
      const { name, liftedAt, until } = statement
      return { holds: [{ name, at, ...(liftedAt !== undefined ? { liftedAt } : until !== undefined && { until }) }] }
    }
  }
}

/** Joins two entries: the latest statement of each kind, and the stricter of two at the same time. */
export function join(one: Entry, other: Entry): Entry {
  const joined = {
    standing: laterStanding(one.standing, other.standing),
    subscriptions: joinSubscriptions(one.subscriptions, other.subscriptions),
    entitlements: later(one.entitlements, other.entitlements, ({ names: a, at }, { names: b }) => ({
      at,
      names: a.filter((name) => b.includes(name)),
    })),
    revokedAt: latest(one.revokedAt, other.revokedAt),
    askedAt: latest(one.askedAt, other.askedAt),
    heldAt: latest(one.heldAt, other.heldAt),
    liftedAt: latest(one.liftedAt, other.liftedAt),
    holds: joinHolds(one.holds, other.holds),
    cameAt: latest(one.cameAt, other.cameAt),
  }
  return withoutUndefined(joined)
}

type SparseEntry = { readonly [K in keyof Entry]: Entry[K] | undefined }

function withoutUndefined(entry: SparseEntry): Entry {
  return Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined))
}

type StatedStanding = Entry['standing']

function laterStanding(one: StatedStanding, other: StatedStanding): StatedStanding {
  return later(one, other, ({ standing: a, at }, { standing: b }) => ({ at, standing: stricter(a, b) }))
}

/** Returns the account's standing as last stated: as a whole, or by its subscriptions. */
export function standingSaid({ standing, subscriptions }: Entry): StatedStanding {
  return laterStanding(standing, bestOf(subscriptions))
}

function later<T extends { readonly at: number }>(
  one: T | undefined,
  other: T | undefined,
  tie: (one: T, other: T) => T,
): T | undefined {
  if (one === undefined || other === undefined) return one ?? other
  if (one.at === other.at) return tie(one, other)
  return one.at > other.at ? one : other
}

/** Returns the later of two times; undefined if both are. */
export function latest(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other
  return Math.max(one, other)
}

/** A hold in force. Times are in seconds since 1970. */
interface HoldInForce {
  /** When the earliest of the holds was placed that last. */
  readonly since: number
  /** When the last of them ends by itself; undefined if one does not. */
  readonly until: number | undefined
}

/** Returns true if a hold is neither lifted nor over at `now`, in seconds. Tokens signed after the hold do not end it. */
export function isHeld(entry: Entry, now: number): boolean {
  return holdIn(entry, now) !== undefined
}

/** Returns the hold that is in force at `now`, in seconds; undefined if none is. */
export function holdIn(entry: Entry, now: number): HoldInForce | undefined {
  const { heldAt, liftedAt } = entry
  const open: readonly Pick<NamedHold, 'at' | 'until'>[] = [
    ...openHolds(entry, now),
    ...(heldAt !== undefined && heldAt >= (liftedAt ?? Number.NEGATIVE_INFINITY) ? [{ at: heldAt }] : []),
  ]
  if (open.length === 0) return undefined
  const until = Math.max(...open.map((hold) => hold.until ?? Infinity))
  return { since: Math.min(...open.map(({ at }) => at)), until: until === Infinity ? undefined : until }
}

/** Returns the time of the last hold that was placed, lifted or not. */
export function lastHeldAt({ heldAt, holds = [] }: Entry): number | undefined {
  return holds.reduce((last, { at }) => latest(last, at), heldAt)
}

/** Returns the time of the last statement in an entry, or the time at which it came if that is later. */
export function latestOf(entry: Entry): number {
  const { standing, subscriptions, entitlements, revokedAt, askedAt, heldAt, liftedAt, cameAt } = entry
  const none = Number.NEGATIVE_INFINITY
  const lists = [lastAt(subscriptions), lastHoldAt(entry.holds)]
  const times = [standing?.at, entitlements?.at, revokedAt, askedAt, heldAt, liftedAt, cameAt, ...lists]
  return Math.max(...times.map((at) => at ?? none))
}

/**
 * The most seconds a statement may lie in the future. A later one does not hold: it would overrule everything said until
 * then.
 */
export const AHEAD_SECONDS = 300

/** The greatest delay with which an event, and a hold, may arrive. */
export const EVENT_SECONDS = 7 * 86_400

/**
 * The time for which a lift is remembered: the hold must not return with a late event, by whichever clock its delay is
 * judged.
 */
const LIFTED_SECONDS = EVENT_SECONDS + 3600

/**
 * Drops the parts of an entry that are older than any living token. Undefined if nothing remains. A hold stays until it is
 * lifted, and an entry stays whole that came lately. `longestTokenSeconds` is the longest lifetime of a token plus its
 * issuer's clock tolerance.
 */
export function pruned(entry: Entry, longestTokenSeconds: number, nowSeconds: number): Entry | undefined {
  const isAlive = (at: number | undefined): boolean => at !== undefined && at + longestTokenSeconds >= nowSeconds
  if (isAlive(entry.cameAt)) return entry
  const liftedCounts = entry.liftedAt !== undefined && entry.liftedAt + LIFTED_SECONDS >= nowSeconds
  const left: SparseEntry = {
    standing: isAlive(entry.standing?.at) ? entry.standing : undefined,
    subscriptions: isAlive(lastAt(entry.subscriptions)) ? entry.subscriptions : undefined,
    entitlements: isAlive(entry.entitlements?.at) ? entry.entitlements : undefined,
    revokedAt: isAlive(entry.revokedAt) ? entry.revokedAt : undefined,
    askedAt: isAlive(entry.askedAt) ? entry.askedAt : undefined,
    heldAt: isHeld({ ...entry, holds: [] }, nowSeconds) ? entry.heldAt : undefined,
    liftedAt: liftedCounts ? entry.liftedAt : undefined,
    holds: prunedHolds(entry.holds, entry.liftedAt, LIFTED_SECONDS, nowSeconds),
  }
  const rest = withoutUndefined(left)
  return Object.keys(rest).length === 0 ? undefined : rest
}

/**
 * Returns the time after which an entry no longer matters to its ledger, in seconds since 1970. Undefined for never: for a
 * hold that was not lifted and does not end, and for subscriptions, because later statements count beside them, and may depend on an end
 * stated long before.
 */
export function endOf(entry: Entry, longestTokenSeconds: number): number | undefined {
  const none = Number.NEGATIVE_INFINITY
  const hold = holdIn(entry, none)
  if ((hold !== undefined && hold.until === undefined) || entry.subscriptions !== undefined) return undefined
  const { standing, entitlements, revokedAt, askedAt, liftedAt } = entry
  const said = Math.max(standing?.at ?? none, entitlements?.at ?? none, revokedAt ?? none, askedAt ?? none)
  const lifted = Math.max(liftedAt ?? none, lastEndAt(entry.holds))
  return Math.max(said + longestTokenSeconds, lifted + LIFTED_SECONDS)
}

/** Returns true if an entry says how the account stands, or what it may use. */
export function saysHowItStands({ standing, subscriptions, entitlements }: Entry): boolean {
  return standing !== undefined || subscriptions !== undefined || entitlements !== undefined
}
