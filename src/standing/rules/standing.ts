/**
 * Merges the statements about an account with the token it presents.
 *
 * Statements arrive in any order, several times, from several sources; the answer must not depend on that. So an entry keeps
 * the latest statement of each kind, and joining entries is commutative, associative and idempotent: at equal times the
 * stricter wins. A token is itself a statement, made when it was signed. Statements after that second overrule it, earlier
 * ones do not, and those of the same second are merged to the stricter. Two kinds ignore the time of signing: a hold lasts
 * until it is lifted, and a token revoked by name stays revoked.
 */
import { type Entitlement, HELD, type KeyRecord, type Standing, stricter } from '../../access/entitlement.ts'
import type { Entry, SubscriptionStanding } from '../../access/statements.ts'
import { refusal, type Refusal } from '../../core/problem.ts'
import { err, ok, type Result } from '../../core/result.ts'
import { heldSince, joinHolds, lastHoldAt, prunedHolds } from './namedhold.ts'
import { isSignedOut, SIGNED_OUT } from './signedout.ts'
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
  /** A hold with a name, such as a dispute: lifted by its name, and with all others. `liftedAt` if it is lifted. */
  | { readonly kind: 'named-hold'; readonly name: string; readonly liftedAt?: number }
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
    case 'named-hold': {
      const { name, liftedAt } = statement
      return { holds: [{ name, at, ...(liftedAt !== undefined && { liftedAt }) }] }
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

/** Returns true if a hold has not been lifted. Tokens signed after the hold do not end it. */
export function isHeld(entry: Entry): boolean {
  return holdBegan(entry) !== undefined
}

/** Returns the time since which a hold lasts; undefined if none does. */
export function holdBegan({ heldAt, liftedAt, holds }: Entry): number | undefined {
  const isOn = heldAt !== undefined && heldAt >= (liftedAt ?? Number.NEGATIVE_INFINITY)
  const named = heldSince(holds, liftedAt)
  return isOn && named !== undefined ? Math.min(heldAt, named) : isOn ? heldAt : named
}

/** Returns the time of the last hold that was placed, lifted or not. */
export function lastHeldAt({ heldAt, holds = [] }: Entry): number | undefined {
  return holds.reduce((last, { at }) => latest(last, at), heldAt)
}

/** Returns the time of the last statement in an entry, or the time at which it came if that is later. */
export function latestOf(entry: Entry): number {
  const { standing, subscriptions, entitlements, revokedAt, heldAt, liftedAt, cameAt } = entry
  const none = Number.NEGATIVE_INFINITY
  const lists = [lastAt(subscriptions), lastHoldAt(entry.holds)]
  const times = [standing?.at, entitlements?.at, revokedAt, heldAt, liftedAt, cameAt, ...lists]
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
    heldAt: isHeld({ ...entry, holds: [] }) ? entry.heldAt : undefined,
    liftedAt: liftedCounts ? entry.liftedAt : undefined,
    holds: prunedHolds(entry.holds, entry.liftedAt, LIFTED_SECONDS, nowSeconds),
  }
  const rest = withoutUndefined(left)
  return Object.keys(rest).length === 0 ? undefined : rest
}

/**
 * Returns the time after which an entry no longer matters to its ledger, in seconds since 1970. Undefined for never: for a
 * hold that was not lifted, and for subscriptions, because later statements count beside them, and may depend on an end
 * stated long before.
 */
export function endOf(entry: Entry, longestTokenSeconds: number): number | undefined {
  if (isHeld(entry) || entry.subscriptions !== undefined) return undefined
  const { standing, entitlements, revokedAt, liftedAt } = entry
  const none = Number.NEGATIVE_INFINITY
  const said = Math.max(standing?.at ?? none, entitlements?.at ?? none, revokedAt ?? none)
  const lifted = Math.max(liftedAt ?? none, lastHoldAt(entry.holds))
  return Math.max(said + longestTokenSeconds, lifted + LIFTED_SECONDS)
}

/** Returns true if an entry says how the account stands, or what it may use. */
export function saysHowItStands({ standing, subscriptions, entitlements }: Entry): boolean {
  return standing !== undefined || subscriptions !== undefined || entitlements !== undefined
}

/** The parts of a proof that standing depends on. */
export type Signed =
  | Pick<Entitlement, 'kind' | 'issuedAt' | 'standing' | 'entitlements' | 'key' | 'signedInAt'>
  | { readonly kind: 'receipt'; readonly issuedAt: number }

/** The refusal if standing is unknown: nobody is served then. */
export const STANDING_UNKNOWN = refusal(
  'standing-unavailable',
  'It cannot be known now whether this account is in good standing.',
  { check: 'standing' },
)
const REVOKED = refusal('subscription-inactive', 'The token was revoked.', { check: 'standing' })

/**
 * Returns the proof as it stands now, after everything said of its account and of the token itself since signing: the latest
 * statement wins, the stricter one on a tie. If another than its issuer speaks for the account (`isSpokenFor`), what that
 * one said wins whenever the token was signed. Errors: `security-hold`; `subscription-inactive` for a revoked token;
 * `credential-expired` for a session that was ended.
 */
export function asItStands<P extends Signed>(
  proof: P,
  ofAccount: Entry | undefined,
  ofToken: Entry | undefined,
  isSpokenFor = false,
): Result<P, Refusal> {
  if (proof.kind === 'entitlement' && proof.key !== undefined)
    return keyAsItStands(proof, proof.key, ofAccount, ofToken)
  if ((ofAccount !== undefined && isHeld(ofAccount)) || (ofToken !== undefined && isHeld(ofToken))) return err(HELD)
  if (
    proof.kind === 'entitlement' &&
    proof.signedInAt !== undefined &&
    isSignedOut(proof.signedInAt, ofAccount, ofToken)
  )
    return err(SIGNED_OUT)
  // A revocation by `jti` holds whenever the token was issued; one of the account holds for tokens issued by then.
  if (ofToken?.revokedAt !== undefined) return err(REVOKED)
  if (ofAccount === undefined) return ok(proof)
  if (ofAccount.revokedAt !== undefined && secondOf(proof.issuedAt) <= ofAccount.revokedAt) return err(REVOKED)
  if (proof.kind === 'receipt') return ok(proof)
  const { standing, entitlements } = proof
  // A token that does not speak for its account is a statement from before all others.
  const at = isSpokenFor ? Number.NEGATIVE_INFINITY : proof.issuedAt
  return ok({
    ...proof,
    standing: standingAfter({ at, standing }, standingSaid(ofAccount)),
    entitlements: entitlementsAfter({ at, names: entitlements }, ofAccount),
  })
}

const DISABLED = refusal('subscription-inactive', 'The API key is disabled.', { check: 'standing' })

/**
 * Returns an API key as it stands. A key states nothing about its account: what was said of the account holds whenever it was
 * said, and can only take from what the key opens. A key made by the time of a revocation of all tokens is revoked.
 */
function keyAsItStands<P extends Signed>(
  proof: P,
  { createdAt, said }: KeyRecord,
  laterOfAccount: Entry | undefined,
  laterOfKey: Entry | undefined,
): Result<P, Refusal> {
  const ofAccount = joinKnown(said?.ofAccount, laterOfAccount)
  const ofKey = joinKnown(said?.ofToken, laterOfKey)
  if ((ofAccount !== undefined && isHeld(ofAccount)) || (ofKey !== undefined && isHeld(ofKey))) return err(HELD)
  const isRevoked = ofAccount?.revokedAt !== undefined && secondOf(createdAt) <= ofAccount.revokedAt
  if (ofKey?.revokedAt !== undefined || isRevoked) return err(REVOKED)
  if (ofKey?.standing?.standing === 'inactive') return err(DISABLED)
  if (proof.kind === 'receipt' || ofAccount === undefined) return ok(proof)
  const names = ofAccount.entitlements?.names
  return ok({
    ...proof,
    standing: standingSaid(ofAccount)?.standing ?? 'active',
    entitlements: names === undefined ? proof.entitlements : proof.entitlements.filter((name) => names.includes(name)),
  })
}

/** Joins two entries that may be missing. */
export function joinKnown(one: Entry | undefined, other: Entry | undefined): Entry | undefined {
  return one === undefined || other === undefined ? (one ?? other) : join(one, other)
}

/**
 * Rounds a time down to its second. Most tokens and events state the second of signing and no more, so everything said in
 * one second counts as simultaneous, even if one of the times has a fraction.
 */
export function secondOf(at: number): number {
  return Math.floor(at)
}

function standingAfter(signed: NonNullable<StatedStanding>, said: StatedStanding): Standing {
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
