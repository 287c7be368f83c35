import { type Entitlement, type Standing, stricter, HELD } from '../../access/entitlement.ts'
import { refusal, type Refusal } from '../../core/problem.ts'
import { err, ok, type Result } from '../../core/result.ts'
import { bestOf, joinSubscriptions, lastAt, type SubscriptionStanding } from './subscription.ts'

/** Something that was said of an account or of one token after it was signed. `at`: when it was so, seconds since 1970. */
export type Statement = { readonly at: number } & (
  | { readonly kind: 'standing'; readonly standing: Standing }
  /** Of one of the account's subscriptions, by its id. */
  | ({ readonly kind: 'subscription' } & Omit<SubscriptionStanding, 'at'>)
  | { readonly kind: 'entitlements'; readonly names: readonly string[] }
  /** Every token that was issued no later than `at`. */
  | { readonly kind: 'tokens-revoked' }
  | { readonly kind: 'hold'; readonly isLifted: boolean }
)

/**
 * All that was said of one account, or of one token, so far as it still matters: the latest of each kind. Entries are
 * joined, and it does not matter in which order or how often.
 */
export interface Entry {
  readonly standing?: { readonly at: number; readonly standing: Standing }
  /** Kept together: one alone does not say how the account stands. */
  readonly subscriptions?: readonly SubscriptionStanding[]
  readonly entitlements?: { readonly at: number; readonly names: readonly string[] }
  /** Tokens issued no later are revoked. */
  readonly revokedAt?: number
  readonly heldAt?: number
  readonly liftedAt?: number
}

/** What one statement alone comes to. */
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
  }
}

/** Of each kind the latest statement, and of two at the same time the stricter. */
export function join(one: Entry, other: Entry): Entry {
  const joined = {
    standing: laterStanding(one.standing, other.standing),
    subscriptions: joinSubscriptions(one.subscriptions, other.subscriptions),
    entitlements: later(one.entitlements, other.entitlements, ({ names: a, at }, { names: b }) => ({
      at,
      names: a.filter((name) => b.includes(name)),
    })),
    revokedAt: latest(one.revokedAt, other.revokedAt),
    heldAt: latest(one.heldAt, other.heldAt),
    liftedAt: latest(one.liftedAt, other.liftedAt),
  }
  return withoutNothing(joined)
}

type Loose = { readonly [K in keyof Entry]: Entry[K] | undefined }

function withoutNothing(entry: Loose): Entry {
  return Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined))
}

type SaidStanding = Entry['standing']

function laterStanding(one: SaidStanding, other: SaidStanding): SaidStanding {
  return later(one, other, ({ standing: a, at }, { standing: b }) => ({ at, standing: stricter(a, b) }))
}

/** How the account was last said to stand: as a whole, or by its subscriptions. */
export function standingSaid({ standing, subscriptions }: Entry): SaidStanding {
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

/** The later of two times, either of which may be none. */
export function latest(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other
  return Math.max(one, other)
}

/** A hold lasts until it is lifted, whatever tokens are signed in between. */
export function isHeld({ heldAt, liftedAt }: Entry): boolean {
  return heldAt !== undefined && heldAt >= (liftedAt ?? Number.NEGATIVE_INFINITY)
}

/** When the last thing in it was said. */
export function latestOf({ standing, subscriptions, entitlements, revokedAt, heldAt, liftedAt }: Entry): number {
  const none = Number.NEGATIVE_INFINITY
  const times = [standing?.at, lastAt(subscriptions), entitlements?.at, revokedAt, heldAt, liftedAt]
  return Math.max(...times.map((at) => at ?? none))
}

/** Nothing that is said to be so later than this from now holds: it would overrule all that is said until then. */
export const AHEAD_SECONDS = 300

/** An event may come so late, and a hold may be said so late. */
export const EVENT_SECONDS = 7 * 86_400

/** A hold that was lifted must not come back with an event that comes late, whichever clock tells how late. */
const LIFTED_SECONDS = EVENT_SECONDS + 3600

/**
 * What is left of an entry when no token can be as old as the rest of it; undefined where that is nothing. A hold that
 * was not lifted never goes. `longestTokenSeconds`: the longest life of a token and its issuer's clock tolerance.
 */
export function pruned(entry: Entry, longestTokenSeconds: number, nowSeconds: number): Entry | undefined {
  const isAlive = (at: number | undefined): boolean => at !== undefined && at + longestTokenSeconds >= nowSeconds
  const liftedCounts = entry.liftedAt !== undefined && entry.liftedAt + LIFTED_SECONDS >= nowSeconds
  const left: Loose = {
    standing: isAlive(entry.standing?.at) ? entry.standing : undefined,
    subscriptions: isAlive(lastAt(entry.subscriptions)) ? entry.subscriptions : undefined,
    entitlements: isAlive(entry.entitlements?.at) ? entry.entitlements : undefined,
    revokedAt: isAlive(entry.revokedAt) ? entry.revokedAt : undefined,
    heldAt: isHeld(entry) ? entry.heldAt : undefined,
    liftedAt: liftedCounts ? entry.liftedAt : undefined,
  }
  const rest = withoutNothing(left)
  return Object.keys(rest).length === 0 ? undefined : rest
}

/**
 * When nothing of it matters any more to its ledger, in seconds since 1970; undefined for a hold that was not lifted, and for
 * subscriptions: what is said of one next counts beside the others, and whether it has ended is asked long after.
 */
export function endOf(entry: Entry, longestTokenSeconds: number): number | undefined {
  if (isHeld(entry) || entry.subscriptions !== undefined) return undefined
  const { standing, entitlements, revokedAt, liftedAt } = entry
  const none = Number.NEGATIVE_INFINITY
  const said = Math.max(standing?.at ?? none, entitlements?.at ?? none, revokedAt ?? none)
  return Math.max(said + longestTokenSeconds, (liftedAt ?? none) + LIFTED_SECONDS)
}

/** What is looked at of a proof. */
export type Signed =
  | Pick<Entitlement, 'kind' | 'issuedAt' | 'standing' | 'entitlements'>
  | { readonly kind: 'receipt'; readonly issuedAt: number }

/** Nobody is served on what cannot be known. */
export const STANDING_UNKNOWN = refusal(
  'standing-unavailable',
  'It cannot be known now whether this account is in good standing.',
  { check: 'standing' },
)
const REVOKED = refusal('subscription-inactive', 'The token was revoked.', { check: 'standing' })

/**
 * A proof as it stands now, after what was said of its account and of the token itself since it was signed: the latest
 * statement wins, on a tie the stricter. Errors: `security-hold`; `subscription-inactive`, for a revoked token.
 */
export function asItStands<P extends Signed>(
  proof: P,
  ofAccount: Entry | undefined,
  ofToken: Entry | undefined,
): Result<P, Refusal> {
  if ((ofAccount !== undefined && isHeld(ofAccount)) || (ofToken !== undefined && isHeld(ofToken))) return err(HELD)
  // A token is named by its `jti` whenever it was issued; of an account, those that were issued by then.
  if (ofToken?.revokedAt !== undefined) return err(REVOKED)
  if (ofAccount === undefined) return ok(proof)
  if (ofAccount.revokedAt !== undefined && secondOf(proof.issuedAt) <= ofAccount.revokedAt) return err(REVOKED)
  if (proof.kind === 'receipt') return ok(proof)
  const { issuedAt, standing, entitlements } = proof
  return ok({
    ...proof,
    standing: standingAfter({ at: issuedAt, standing }, standingSaid(ofAccount)),
    entitlements: entitlementsAfter({ at: issuedAt, names: entitlements }, ofAccount),
  })
}

/**
 * Most tokens and events say in which second they were signed, and no more: whatever was said in the second of a token is of
 * the same time, also where one of them tells a fraction.
 */
export function secondOf(at: number): number {
  return Math.floor(at)
}

function standingAfter(signed: NonNullable<SaidStanding>, said: SaidStanding): Standing {
  if (said === undefined || secondOf(said.at) < secondOf(signed.at)) return signed.standing
  return secondOf(said.at) > secondOf(signed.at) ? said.standing : stricter(said.standing, signed.standing)
}

function entitlementsAfter(
  signed: NonNullable<Entry['entitlements']>,
  { entitlements: said }: Entry,
): readonly string[] {
  if (said === undefined || secondOf(said.at) < secondOf(signed.at)) return signed.names
  return secondOf(said.at) > secondOf(signed.at) ? said.names : signed.names.filter((name) => said.names.includes(name))
}
