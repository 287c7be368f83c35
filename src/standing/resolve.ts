/**
 * Resolves how a credential stands now: a token only says how its account stood at signing.
 *
 * Two sources change that. The issuer's status list names revoked tokens, and the zone's bulletin holds statements by
 * billing. The bulletin has limited room: a note in its head says up to which time statements may have been left out. For
 * tokens issued by then without a decisive entry, the ledgers of account and token are asked instead, and their answer is
 * kept as long as the zone's bound allows. Statements of both sources are joined, since each may know what the other lacks.
 * Unreachable sources refuse: nobody is served on unknown standing.
 */
import { accountKey, tokenKey } from './rules/bulletin.ts'
import { after, type Eventually } from '../core/eventually.ts'
import { judgeLifetime } from '../access/lifetime.ts'
import type { KnownBulletin } from './rules/delta.ts'
import type { Refusal } from '../core/problem.ts'
import { mapTokens, type Presented, type Proof, refusedTo, type TokenProof } from '../access/proof.ts'
import type { Result } from '../core/result.ts'
import { asItStands, type Entry, isHeld, join, secondOf, STANDING_UNKNOWN } from './rules/standing.ts'
import type { Zone } from '../zone.ts'
import type { Call, Clock, Ledgers, Said, StatusLists } from '../ports.ts'
import { LruCache } from '../core/lru.ts'
import type { Bulletins } from './bulletin.ts'
import { withTimeout, LEDGER_MS } from '../http/timeout.ts'
import { withStatus } from '../tokens/statuslists.ts'
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
  readonly readStatements: (proof: TokenProof, zone: Zone) => Eventually<Said | undefined>
}

/** Resolves by the tokens' own status lists. */
export function createListResolver(lists: StatusLists): ResolveStanding {
  return (presented, _zone, call) => withStatus(presented, lists, call)
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
      if (known.ok && isEmpty(known.value)) return presented
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
  return entries.size === 0 && head.leftOutAt === undefined
}

function resolveAll(
  presented: Presented,
  known: Result<KnownBulletin, Refusal>,
  zone: Zone,
  call: Call,
  services: ResolverServices,
): Eventually<Presented> {
  return mapTokens(presented, (proof) => resolveToken(proof, known, zone, call, services))
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
  // An entry that was left out may have lifted the hold.
  const isNamedHeld = (ofAccount !== undefined && isHeld(ofAccount)) || (ofToken !== undefined && isHeld(ofToken))
  if (leftOutAt === undefined || (leftOutAt < secondOf(value.issuedAt) - value.toleranceSeconds && !isNamedHeld))
    return applyStatements(value, ofAccount, ofToken)
  // Joins both: the bulletin has the latest statements, the ledger all earlier ones.
  return after(readStatements(value, zone), (said) =>
    said === undefined
      ? refusedTo(value, STANDING_UNKNOWN)
      : applyStatements(value, joinEntries(ofAccount, said.ofAccount), joinEntries(ofToken, said.ofToken)),
  )
}

function joinEntries(one: Entry | undefined, other: Entry | undefined): Entry | undefined {
  return one === undefined || other === undefined ? (one ?? other) : join(one, other)
}

function accountOf(proof: TokenProof): string | undefined {
  return proof.kind === 'receipt' ? proof.payer : proof.account
}

function applyStatements<P extends TokenProof>(
  proof: P,
  ofAccount: Entry | undefined,
  ofToken: Entry | undefined,
): Result<P, Refusal> {
  const stands = asItStands(proof, ofAccount, ofToken)
  return stands.ok ? stands : refusedTo(proof, stands.error)
}

interface CachedStatements {
  readonly said: Said
  readonly asOf: number
}

/** Asks the ledgers of account and token for their statements, and keeps the answer for the zone's bound. */
function createStatementReader(ledgers: Ledgers, clock: Clock): ResolverServices['readStatements'] {
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
  return (proof, zone) => {
    const { issuer, jti } = proof
    const account = accountOf(proof)
    // Names may contain spaces, so keys are JSON: no two accounts or tokens share one.
    const key = JSON.stringify([zone.id, issuer, account ?? null, jti ?? null])
    const before = known.get(key)
    const ageMs = before === undefined ? Infinity : clock() - before.asOf
    // If the clock ran back, the age is unknown.
    if (before !== undefined && ageMs >= 0 && ageMs < zone.standing.boundMs) return before.said
    return readAnew()

    async function readAnew(): Promise<Said | undefined> {
      const asOf = clock()
      const token = jti === undefined ? undefined : tokenName(zone, jti)
      const [ofAccount, ofToken] = await Promise.all([
        account === undefined ? NOTHING_SAID : readStatements(zone, { from: 'account', issuer, account }, token),
        jti === undefined ? NOTHING_SAID : readStatements(zone, { from: 'receipt', issuer, jti }, token),
      ])
      if (ofAccount === undefined || ofToken === undefined) return undefined
      const said = { ofAccount: ofAccount.ofAccount, ofToken: joinEntries(ofAccount.ofToken, ofToken.ofToken) }
      known.set(key, { said, asOf })
      return said
    }
  }
}

const NOTHING_SAID: Said = { ofAccount: undefined, ofToken: undefined }

function bytesOf({ ofAccount, ofToken }: Said): number {
  const names = [ofAccount, ofToken].flatMap((entry) => [
    ...(entry?.entitlements?.names ?? []),
    ...(entry?.subscriptions?.map(({ id }) => id) ?? []),
  ])
  return names.reduce((sum, name) => sum + name.length * 2, 0)
}
