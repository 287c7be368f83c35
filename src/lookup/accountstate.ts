/** What an operator sees of an account: what it sees itself, and what was said and done about it. */
import type { Entitlement } from '../access/entitlement.ts'
import type { Refusal } from '../core/problem.ts'
import { ok, type Result } from '../core/result.ts'
import { describeOwned, type OwnedView } from '../account/accountview.ts'
import { LEDGER_MS, withTimeout } from '../http/timeout.ts'
import {
  type Availability,
  availabilityOf,
  instant,
  type InstantView,
  momentOf,
  readLedger,
} from '../ledger/ledgerview.ts'
import { CREDENTIAL_KINDS, type IssuedCredential } from '../ledger/rules/credentials.ts'
import { DAY_MS } from '../ledger/rules/calendar.ts'
import type { LedgerSnapshot } from '../ledger/rules/commands.ts'
import type { Holder } from '../ledger/rules/name.ts'
import { openLedger } from '../ledger/rules/place.ts'
import type { RecentRefusals, RefusedCharge } from '../ledger/rules/recentrefusals.ts'
import type { Ledger } from '../ports.ts'
import { type Entry, holdIn } from '../standing/rules/standing.ts'
import type { Services } from '../services.ts'
import type { Zone } from '../zone.ts'
import type { Call } from '../ports.ts'
import { type AuditView, readAudit } from './auditview.ts'

type ShownAccount = Omit<NonNullable<OwnedView['account']>, 'token'>

/** An account, as an operator sees it. */
export interface AccountState extends ShownAccount {
  /** What was said of the account since its tokens were signed, and still counts. */
  readonly statements: Availability<StatementsView>
  readonly refusals: Availability<RefusalsView>
  /** API keys, feed tokens and sessions. */
  readonly credentials: Availability<readonly CredentialView[]>
  readonly audit: Availability<AuditView>
}

interface StatementsView {
  /** Null if the account is not held. */
  readonly heldSince: InstantView | null
  /** When the hold ends by itself; absent if it does not. */
  readonly heldUntil?: InstantView
  readonly liftedAt?: InstantView
  /** Holds that disputes and the like placed, those lifted lately with them. */
  readonly holds?: readonly HoldView[]
  readonly standing?: { readonly state: string; readonly since: InstantView }
  readonly subscriptions?: readonly { readonly id: string; readonly state: string; readonly since: InstantView }[]
  readonly entitlements?: { readonly names: readonly string[]; readonly since: InstantView }
  /** Tokens that were signed until then are void. */
  readonly revokedUntil?: InstantView
  /** Whoever signed in until then is asked to do so again. */
  readonly signInAskedAt?: InstantView
}

interface HoldView {
  readonly name: string
  readonly since: InstantView
  readonly until?: InstantView
  readonly liftedAt?: InstantView
}

interface RefusalsView {
  /** The ledger has refusals since then in memory, and stores none. */
  readonly since: InstantView
  readonly last: readonly (Omit<RefusedCharge, 'at'> & { readonly time: InstantView })[]
}

/** A key or feed token, without anything of its secrets. */
interface CredentialView extends Pick<IssuedCredential, 'kind' | 'id' | 'name' | 'createdBy' | 'entitlements'> {
  readonly created: InstantView
  readonly plan: string | null
  readonly route?: string
  readonly isDisabled: boolean
  readonly expires: InstantView | null
  /** The last day of use, in UTC. */
  readonly lastUsed: string | null
  /** The generations of the gate's secret that made its secrets. */
  readonly generations: readonly number[]
}

/** Describes an account. `entitlement`: what its token is taken to state. Facts that cannot be read are `unavailable`. */
export async function describeState(
  entitlement: Entitlement,
  context: { readonly zone: Zone; readonly call: Call; readonly id: string },
  services: Services,
): Promise<Result<AccountState, Refusal>> {
  const { zone, call, id } = context
  const { ledgers } = services
  const holder: Holder = { from: 'account', issuer: entitlement.issuer, account: entitlement.account }
  const ledger = ledgers && openLedger(ledgers, zone, holder)
  const [snapshot, credentials, audit] = await Promise.all([
    readLedger(ledgers, zone, holder, { withRefusals: true }),
    ledger === undefined ? null : inTime(readCredentials(ledger)),
    ledger === undefined ? null : inTime(readAudit((query) => ledger.order('audit', query))),
  ])
  const current = { entitlement: signedAnew(entitlement, snapshot), receipt: undefined }
  const owned = await describeOwned(
    current,
    { zone, call, ref: { id, returnTo: '', origin: `https://${zone.hosts[0] ?? ''}` } },
    services,
  )
  if (!owned.ok) return owned
  if (owned.value.account === undefined) throw new TypeError('an account without a view')
  const { token: _token, ...account } = owned.value.account
  return ok({
    ...account,
    statements: availabilityOf(snapshot, ({ entry }) => describeEntry(entry, call.now / 1000)),
    refusals: refusalsIn(snapshot),
    credentials,
    audit,
  })
}

/**
 * Returns the entitlement as of a token that is signed after all earlier ones were revoked: the holder of a revoked token is
 * shown nothing, since it may not be the account.
 */
function signedAnew(entitlement: Entitlement, snapshot: Availability<LedgerSnapshot>): Entitlement {
  const { entry } = snapshot === null || snapshot === 'unavailable' ? { entry: undefined } : snapshot
  const issuedAt = Math.max(entitlement.issuedAt, Math.floor(entry?.revokedAt ?? 0) + 1)
  return { ...entitlement, issuedAt, notBefore: issuedAt, expires: Math.max(entitlement.expires, issuedAt + 1) }
}

async function inTime<T>(read: Promise<Availability<T>>): Promise<Availability<T>> {
  return (await withTimeout(read, LEDGER_MS).catch(() => undefined)) ?? 'unavailable'
}

function describeEntry(entry: Entry = {}, now: number): StatementsView {
  const { liftedAt, standing, subscriptions, entitlements, revokedAt, askedAt, holds } = entry
  const hold = holdIn(entry, now)
  return {
    heldSince: hold === undefined ? null : instant(hold.since),
    ...(hold?.until !== undefined && { heldUntil: instant(hold.until) }),
    ...(holds && {
      holds: holds.map(({ name, at, until, liftedAt: lifted }) => ({
        name,
        since: instant(at),
        ...(until !== undefined && { until: instant(until) }),
        ...(lifted !== undefined && { liftedAt: instant(lifted) }),
      })),
    }),
    ...(liftedAt !== undefined && { liftedAt: instant(liftedAt) }),
    ...(standing && { standing: { state: standing.standing, since: instant(standing.at) } }),
    ...(subscriptions && {
      subscriptions: subscriptions.map(({ id, standing: state, at }) => ({ id, state, since: instant(at) })),
    }),
    ...(entitlements && { entitlements: { names: entitlements.names, since: instant(entitlements.at) } }),
    ...(revokedAt !== undefined && { revokedUntil: instant(revokedAt) }),
    ...(askedAt !== undefined && { signInAskedAt: instant(askedAt) }),
  }
}

function refusalsIn(snapshot: Availability<LedgerSnapshot>): Availability<RefusalsView> {
  if (snapshot === null || snapshot === 'unavailable') return snapshot
  return snapshot.refusals === undefined ? 'unavailable' : describeRefusals(snapshot.refusals)
}

function describeRefusals({ since, last }: RecentRefusals): RefusalsView {
  return { since: momentOf(since), last: last.map(({ at, ...refused }) => ({ ...refused, time: momentOf(at) })) }
}

/** Returns the issued credentials of an account, of all kinds. */
async function readCredentials(ledger: Ledger): Promise<Availability<readonly CredentialView[]>> {
  const lists = await Promise.all(CREDENTIAL_KINDS.map((kind) => ledger.order('listCredentials', kind)))
  const all: CredentialView[] = []
  for (const list of lists) {
    if (!list.ok) return 'unavailable'
    all.push(...list.value.map(describeCredential))
  }
  return all
}

function describeCredential(credential: IssuedCredential): CredentialView {
  const { kind, id, name, createdAt, createdBy, plan, entitlements, route, isDisabled, expires, lastUsedDay } =
    credential
  const lastUsed = lastUsedDay === undefined ? null : new Date(lastUsedDay * DAY_MS).toISOString().slice(0, 10)
  return {
    kind,
    id,
    name,
    createdBy,
    created: momentOf(createdAt),
    plan: plan ?? null,
    entitlements,
    ...(route !== undefined && { route }),
    isDisabled: isDisabled === true,
    expires: expires === undefined ? null : momentOf(expires),
    lastUsed,
    generations: credential.secrets.map(({ generation }) => generation),
  }
}
