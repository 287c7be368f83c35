/**
 * Resolves how a credential stands now: a token only says how its account stood at signing.
 *
 * Two sources change that. The issuer's status list names revoked tokens, and the zone's bulletin holds statements by
 * billing. The bulletin has limited room: a note in its head says up to which time statements may have been left out. For
 * tokens issued by then without a decisive entry, the ledgers of account and token are asked instead. Accounts for which
 * another than their issuer speaks are asked about in any case: a token just issued proves nothing of them. The answer is
 * kept as long as the bulletin has everything that came since. Statements of both sources are joined, since each may know
 * what the other lacks. Unreachable sources refuse: nobody is served on unknown standing.
 */
import { accountKey, type BulletinHead, tokenKey } from './rules/bulletin.ts'
import { type Distrust, voidedBy } from '../access/distrust.ts'
import { after, type Eventually } from '../core/eventually.ts'
import { judgeLifetime } from '../access/lifetime.ts'
import type { KnownBulletin } from './rules/delta.ts'
import type { Refusal } from '../core/problem.ts'
import {
  mapTokens,
  type Presentation,
  type Presented,
  type Proof,
  refusedTo,
  type TokenProof,
} from '../access/proof.ts'
import type { Result } from '../core/result.ts'
import { isSpokenFor } from './rules/speaker.ts'
import { asItStands, joinKnown, secondOf, STANDING_UNKNOWN } from './rules/asitstands.ts'
import { type Entry, isHeld } from './rules/standing.ts'
import type { StandingPolicy, Zone } from '../zone.ts'
import type { Call, Clock, Ledgers, ReadDistrust, Said, StatusLists } from '../ports.ts'
import { LruCache } from '../core/lru.ts'
import type { Bulletins } from './bulletin.ts'
import { withTimeout, LEDGER_MS } from '../http/timeout.ts'
import { isAnyListed, withStatus } from '../tokens/statuslists.ts'
import { type Holder, tokenName } from '../ledger/rules/name.ts'
import { openLedger } from '../ledger/rules/place.ts'

/** Replaces each credential by its present standing, after everything said since it was signed. */
export type ResolveStanding = (
  presented: Presented | undefined,
  zone: Zone,
  call: Call,
) => Eventually<Presented | undefined>

/** Room for some ten thousand accounts. */
const STATEMENTS_BYTES = 16 * 1024 * 1024

interface ResolverServices {
  readonly bulletins: Bulletins
  readonly readStatements: ReadStatements
}

/**
 * Returns what the ledgers of account and token say, or once said if `head` is of a bulletin with all that came since;
 * undefined if they do not answer. A subject without a `jti` is the account alone.
 */
type ReadStatements = (subject: Subject, zone: Zone, head: BulletinHead) => Eventually<Said | undefined>

interface Subject {
  readonly issuer: string
  readonly account: string | undefined
  readonly jti: string | undefined
}

/** Resolves by the tokens' own status lists. A list that a distrusted key has signed is not used. */
export function createListResolver(lists: StatusLists, readDistrust: ReadDistrust): ResolveStanding {
  return (presented, zone, call) => {
    if (!isAnyListed(presented)) return presented
    // If the orders cannot be read, the resolver over the bulletin refuses the proof.
    return after(readDistrust(zone, call), (read) => {
      const distrust = read.ok ? read.value : undefined
      if (distrust === undefined) return withStatus(presented, lists, call, undefined)
      const standing = mapTokens(presented, (proof) => refusedAsVoid(proof, distrust) ?? proof)
      return after(standing, (left) => withStatus(left, lists, call, distrust))
    })
  }
}

/**
 * Resolves by the zone's bulletin. Asks the ledger about an account that the bulletin may have left out. A proof that no
 * longer holds is replaced by a refusal, a changed one by its changed form.
 */
export function createBulletinResolver(bulletins: Bulletins, ledgers: Ledgers, clock: Clock): ResolveStanding {
  const services: ResolverServices = { bulletins, readStatements: createStatementReader(ledgers, clock) }
  return (presented, zone, call) => {
    if (presented === undefined || !presented.some(({ proof }) => isInForce(proof, call))) return presented
    return after(bulletins.of(zone, call), (known) => {
      if (known.ok && isEmpty(known.value) && isPlain(zone.standing) && !presented.some(isSaidOf)) return presented
      return resolveAll(presented, known, zone, call, services)
    })
  }
}

/** Applies two resolvers in turn: a refusal by either stands. */
export function inTurn(one: ResolveStanding, other: ResolveStanding): ResolveStanding {
  return (presented, zone, call) => after(one(presented, zone, call), (left) => other(left, zone, call))
}

/** Returns true for a proof worth a look-up. A proof outside its lifetime is left for `decide` to refuse. */
function isInForce(proof: Result<Proof, Refusal>, { now }: Call): boolean {
  return proof.ok && proof.value.kind !== 'payment' && judgeLifetime(proof.value, now) === undefined
}

function isEmpty({ head, entries }: KnownBulletin): boolean {
  return entries.size === 0 && head.leftOutAt === undefined && head.distrust === undefined
}

/** Returns true for an API key of whose account something was said when its record was read. */
function isSaidOf({ proof }: Presentation): boolean {
  if (!proof.ok || proof.value.kind !== 'entitlement') return false
  const { ofAccount, ofToken } = proof.value.key?.said ?? {}
  return ofAccount !== undefined || ofToken !== undefined
}

/** Returns true if nothing but the bulletin says how accounts stand. */
function isPlain({ spokenFor, distrust }: StandingPolicy): boolean {
  return spokenFor === undefined && distrust === undefined
}

function resolveAll(
  presented: Presented,
  known: Result<KnownBulletin, Refusal>,
  zone: Zone,
  call: Call,
  services: ResolverServices,
): Eventually<Presented> {
  // What is void stays so, however old the known bulletin is.
  const { distrust } = (known.ok ? known.value : services.bulletins.glance(zone, call, Infinity).known).head
  return mapTokens(
    presented,
    (proof) =>
      refusedAsVoid(proof, distrust) ??
      // Tokens were judged by it when they were verified. Keys and feeds were made by tokens, and are judged here.
      refusedAsVoid(proof, zone.standing.distrust) ??
      resolveToken(proof, known, zone, call, services),
  )
}

function refusedAsVoid<P extends TokenProof>(
  proof: Result<P, Refusal>,
  distrust: Distrust | undefined,
): Result<P, Refusal> | undefined {
  const voided = distrust !== undefined && proof.ok ? voidedBy(distrust, proof.value) : undefined
  return voided && proof.ok ? refusedTo(proof.value, voided) : undefined
}

function resolveToken<P extends TokenProof>(
  proof: Result<P, Refusal>,
  known: Result<KnownBulletin, Refusal>,
  zone: Zone,
  call: Call,
  { readStatements }: ResolverServices,
): Eventually<Result<P, Refusal>> {
  if (!proof.ok || !isInForce(proof, call)) return proof
  if (!known.ok) return refusedTo(proof.value, known.error)
  const { head, entries } = known.value
  const { value } = proof
  const account = accountOf(value)
  const ofAccount = account === undefined ? undefined : entries.get(accountKey(value.issuer, account))
  const ofToken = value.jti === undefined ? undefined : entries.get(tokenKey(value.issuer, value.jti))
  const { leftOutAt } = head
  const isOwn = !isSpokenFor(value.issuer, zone.standing)
  // An entry that was left out may have lifted the hold.
  const now = call.now / 1000
  const isNamedHeld = [ofAccount, ofToken].some((entry) => entry !== undefined && isHeld(entry, now))
  // Statements about a key came with its record, or later, and count whenever they were made.
  const isEarlier =
    !isKey(value) && leftOutAt !== undefined && leftOutAt < secondOf(value.issuedAt) - value.toleranceSeconds
  const isCovered = leftOutAt === undefined || (isEarlier && !isNamedHeld)
  if (isCovered && (isOwn || isKey(value))) return applyStatements(value, ofAccount, ofToken, zone, now)
  // Joins both: the bulletin has the latest statements, the ledger all earlier ones.
  const subject = { issuer: value.issuer, account, jti: isCovered ? undefined : value.jti }
  return after(readStatements(subject, zone, head), (said) =>
    said === undefined
      ? refusedTo(value, STANDING_UNKNOWN)
      : applyStatements(value, joinKnown(ofAccount, said.ofAccount), joinKnown(ofToken, said.ofToken), zone, now),
  )
}

function isKey(proof: TokenProof): boolean {
  return proof.kind === 'entitlement' && proof.key !== undefined
}

function accountOf(proof: TokenProof): string | undefined {
  return proof.kind === 'receipt' ? proof.payer : proof.account
}

function applyStatements<P extends TokenProof>(
  proof: P,
  ofAccount: Entry | undefined,
  ofToken: Entry | undefined,
  { standing }: Zone,
  now: number,
): Result<P, Refusal> {
  const stands = asItStands(proof, ofAccount, ofToken, now, isSpokenFor(proof.issuer, standing))
  return stands.ok ? stands : refusedTo(proof, stands.error)
}

interface CachedStatements {
  readonly said: Said
  /** The start of the reading, in milliseconds. */
  readonly asOf: number
  readonly epoch: string
}

/** The most by which the clocks of two isolates differ, with the time that an event takes from its ledger to the bulletin. */
const APART_MS = 10_000

/**
 * Returns true if nothing that came since the reading is missing, neither here nor in the bulletin: it keeps what comes for
 * as long as a token may be good, unless it has to leave something out.
 */
function isCurrent({ asOf, epoch }: CachedStatements, head: BulletinHead, { standing }: Zone, now: number): boolean {
  const ageMs = now - asOf
  // If the clock ran back, the age is unknown.
  if (ageMs < 0) return false
  if (ageMs < standing.boundMs) return true
  const { leftOutAt = Number.NEGATIVE_INFINITY } = head
  const isYoung = ageMs < standing.longestTokenSeconds * 1000 - APART_MS
  return isYoung && epoch === head.epoch && leftOutAt * 1000 < asOf - APART_MS
}

/** Asks the ledgers of account and token for their statements, and keeps the answer while it is current. */
function createStatementReader(ledgers: Ledgers, clock: Clock): ReadStatements {
  const known = new LruCache<CachedStatements>(STATEMENTS_BYTES, ({ said }) => bytesOf(said))
  const readStatements = async (zone: Zone, holder: Holder, token: string | undefined): Promise<Said | undefined> => {
    const answer = await withTimeout(
      openLedger(ledgers, zone, holder)
        .statements(token)
        .catch(() => undefined),
      LEDGER_MS,
    )
    return answer?.ok === true ? answer.value : undefined
  }
  return ({ issuer, account, jti }, zone, head) => {
    // Names may contain spaces, so keys are JSON: no two accounts or tokens share one.
    const key = JSON.stringify([zone.id, issuer, account ?? null, jti ?? null])
    const before = known.get(key)
    if (before !== undefined && isCurrent(before, head, zone, clock())) return before.said
    return readAnew(head.epoch)

    async function readAnew(epoch: string): Promise<Said | undefined> {
      const asOf = clock()
      const token = jti === undefined ? undefined : tokenName(zone, jti)
      const [ofAccount, ofToken] = await Promise.all([
        account === undefined ? NOTHING_SAID : readStatements(zone, { from: 'account', issuer, account }, token),
        jti === undefined ? NOTHING_SAID : readStatements(zone, { from: 'receipt', issuer, jti }, token),
      ])
      if (ofAccount === undefined || ofToken === undefined) return undefined
      const said = { ofAccount: ofAccount.ofAccount, ofToken: joinKnown(ofAccount.ofToken, ofToken.ofToken) }
      known.set(key, { said, asOf, epoch })
      return said
    }
  }
}

const NOTHING_SAID: Said = { ofAccount: undefined, ofToken: undefined }

function bytesOf({ ofAccount, ofToken }: Said): number {
  const names = [ofAccount, ofToken].flatMap((entry) => [
    ...(entry?.entitlements?.names ?? []),
    ...(entry?.subscriptions?.map(({ id }) => id) ?? []),
    ...(entry?.holds?.map(({ name }) => name) ?? []),
  ])
  return names.reduce((sum, name) => sum + name.length * 2, 0)
}
