/**
 * Sessions of browsers, as the ledger of their account keeps them.
 *
 * A session's cookie is good for a short time without asking anybody. What renews it is here alone, so that whoever has copied
 * the cookie has nothing left once the session is ended. Only one caller at a time renews a session, because a refresh token
 * is often good for one use: the others wait for what that one brings. A session is over if nobody renewed it for long, if it
 * was ended, and if the account was held or told to sign in again after the session's sign-in.
 */
import { isSignedOut } from '../../standing/rules/signedout.ts'
import { holdIn, isHeld, join } from '../../standing/rules/standing.ts'
import type { Applied, Book, LedgerChange } from './book.ts'
import type { IssuedCredential, KeptSession } from './credentials.ts'
import { tokenName, type ZoneId } from './name.ts'

export interface KeepSessionCommand {
  /** A credential of the kind `session`. Its snapshot's `validUntil` is the end of the claims, its `expires` that of the session. */
  readonly credential: IssuedCredential
  /** The most sessions of the account: the least lately renewed go. */
  readonly most: number
  /** Present if the id may come again, as from one trip: a session that was ended is not kept anew. */
  readonly zone?: ZoneId
}

export type KeepSessionOutcome =
  | { readonly kind: 'kept' }
  | { readonly kind: 'refused'; readonly reason: 'id-taken' | 'ended' }

/** Names a session of the account. */
interface SessionName {
  readonly id: string
  readonly zone: ZoneId
}

export interface LeaseSessionCommand extends SessionName {
  /** Unguessable, and another one for each attempt. */
  readonly lease: string
  readonly leaseMs: number
  /** The end of the claims that the caller has, in milliseconds since 1970. */
  readonly knownUntil: number
  /** Claims that are good for longer need no renewal, in milliseconds. */
  readonly leastMs: number
}

export type LeaseSessionOutcome =
  /** The caller renews the session, until the lease ends. */
  | { readonly kind: 'leased'; readonly credential: IssuedCredential }
  /** Another caller has renewed it, or is at it while newer claims are good. */
  | { readonly kind: 'renewed'; readonly credential: IssuedCredential }
  /** Another caller is at it, or has just failed. */
  | { readonly kind: 'busy'; readonly until: number }
  | SessionOver

/** There is no such session any more. */
export interface SessionOver {
  readonly kind: 'over'
  /** True if the account is held. */
  readonly isHeld: boolean
  /** When the hold ends by itself, in seconds since 1970. */
  readonly heldUntil?: number
}

export interface PutSessionCommand extends SessionName {
  /** That of the attempt. The same command again changes nothing. */
  readonly lease: string
  readonly expires: number
  readonly sealed: string
  /** What the claims say. */
  readonly claims: Pick<IssuedCredential, 'plan' | 'entitlements' | 'accountLimits' | 'snapshot'>
}

export type PutSessionOutcome =
  | { readonly kind: 'put' }
  /** The lease has ended, and another caller has one. */
  | { readonly kind: 'superseded' }
  | SessionOver

export interface DropSessionsCommand extends Pick<SessionName, 'zone'> {
  /** A session, or a token that was used like one. */
  readonly id?: string
  /** `one`: that alone. `group`: with those that share its group. `all`: with all of the account. */
  readonly which: 'one' | 'group' | 'all'
  /** The longest lifetime of a token plus its issuer's clock tolerance. */
  readonly longestTokenSeconds: number
}

/** Keeps a new session, and drops those that are over, and the least lately renewed ones beyond the most. */
export function keepSession(
  book: Book,
  { credential, most, zone }: KeepSessionCommand,
  now: number,
): Applied<KeepSessionOutcome> {
  if (zone !== undefined && book.entries.get(tokenName(zone, credential.id))?.entry.revokedAt !== undefined)
    return keepRefused('ended')
  const same = book.credential(credential.id)
  if (same !== undefined) return keepAgain(book, same, { credential, most, ...(zone && { zone }) }, now)
  const all = sessionsIn(book)
  const living = all.filter((one) => !isPast(one, now))
  const left = living.toSorted((one, other) => renewedAt(other) - renewedAt(one)).slice(0, Math.max(0, most - 1))
  const dropped = all.filter((one) => !left.includes(one))
  const added: LedgerChange = { table: 'credentials', key: credential.id, row: credential }
  return { outcome: { kind: 'kept' }, changes: [...dropping(book, dropped, 1), added] }
}

/** Keeps a session whose sign-in came again, as the answer to a browser was lost: it stays one session, of its first sign-in. */
function keepAgain(
  book: Book,
  same: IssuedCredential,
  { credential, zone }: KeepSessionCommand,
  now: number,
): Applied<KeepSessionOutcome> {
  if (zone === undefined || !isSession(same) || same.session.login !== credential.session?.login)
    return keepRefused('id-taken')
  if (isPast(same, now) || isVoid(book, same, zone, now)) return keepRefused('ended')
  return {
    outcome: { kind: 'kept' },
    changes: [{ table: 'credentials', key: same.id, row: { ...credential, createdAt: same.createdAt } }],
  }
}

function keepRefused(reason: 'id-taken' | 'ended'): Applied<KeepSessionOutcome> {
  return { outcome: { kind: 'refused', reason }, changes: [] }
}

/** Lets the caller renew a session, unless another one does or has done so. */
export function leaseSession(
  book: Book,
  { id, zone, lease, leaseMs, knownUntil, leastMs }: LeaseSessionCommand,
  now: number,
): Applied<LeaseSessionOutcome> {
  const found = sessionIn(book, id)
  if (found === undefined || isPast(found, now) || isVoid(book, found, zone, now)) return over(book, found, now)
  const { session, snapshot } = found
  const { until = 0 } = session.lease ?? {}
  const leftMs = (snapshot?.validUntil ?? 0) - now
  const isNewer = leftMs > knownUntil - now && leftMs > 0
  // A browser may have left before its new cookie came, and be back much later with the old one.
  if (isNewer && (leftMs > leastMs || until > now))
    return { outcome: { kind: 'renewed', credential: found }, changes: [] }
  if (until > now) return { outcome: { kind: 'busy', until }, changes: [] }
  const leased = { ...found, session: { ...session, lease: { id: lease, until: now + leaseMs } } }
  return { outcome: { kind: 'leased', credential: leased }, changes: [rowOf(leased)] }
}

/** Keeps renewed claims. What comes after the session was ended, or after another's lease began, revives nothing. */
export function putSession(
  book: Book,
  { id, zone, lease, expires, sealed, claims }: PutSessionCommand,
  now: number,
): Applied<PutSessionOutcome> {
  const found = sessionIn(book, id)
  if (found === undefined || isVoid(book, found, zone, now)) return over(book, found, now)
  if (found.session.lease?.id !== lease) return { outcome: { kind: 'superseded' }, changes: [] }
  const { plan: _plan, ...rest } = found
  const session: KeptSession = { ...found.session, sealed, lease: { id: lease, until: now } }
  return { outcome: { kind: 'put' }, changes: [rowOf({ ...rest, ...claims, expires, session })] }
}

/**
 * Ends sessions: their cookies are void from now on. Returns those that were kept. The named one is void in any case: it may be
 * gone from here already, and its claims be good.
 */
export function dropSessions(
  book: Book,
  { id, zone, which, longestTokenSeconds }: DropSessionsCommand,
  now: number,
): Applied<readonly IssuedCredential[]> {
  const named = id === undefined ? undefined : sessionIn(book, id)
  const dropped = sessionsIn(book).filter(
    (one) => one.id === id || which === 'all' || (which === 'group' && isOfGroup(one, named)),
  )
  const ended = [...new Set([id ?? [], ...dropped.map((one) => one.id)].flat())].map((each): LedgerChange => {
    const key = tokenName(zone, each)
    const entry = join(book.entries.get(key)?.entry ?? {}, { revokedAt: now / 1000 })
    return { table: 'entries', key, row: { entry, longestTokenSeconds, isOfSession: true } }
  })
  return { outcome: dropped, changes: [...dropping(book, dropped, 0), ...ended] }
}

type SessionCredential = IssuedCredential & { readonly session: KeptSession }

function isSession(one: IssuedCredential | undefined): one is SessionCredential {
  return one?.kind === 'session' && one.session !== undefined
}

function sessionIn(book: Book, id: string): SessionCredential | undefined {
  const found = book.credential(id)
  return isSession(found) ? found : undefined
}

function sessionsIn(book: Book): readonly SessionCredential[] {
  return book.credentials().filter(isSession)
}

function isPast({ expires = Infinity }: IssuedCredential, now: number): boolean {
  return now >= expires
}

function renewedAt({ createdAt, snapshot }: IssuedCredential): number {
  return snapshot?.presentedAt ?? createdAt
}

function isOfGroup({ session }: SessionCredential, other: SessionCredential | undefined): boolean {
  const group = other?.session.group
  return group !== undefined && session.group === group && session.login === other?.session.login
}

/** Returns true if the account was held, or its tokens were revoked, after the session's sign-in; or the session itself was. */
function isVoid(book: Book, { id, createdAt }: SessionCredential, zone: ZoneId, now: number): boolean {
  const ofToken = book.entries.get(tokenName(zone, id))?.entry
  const ofAccount = book.entries.get('')?.entry
  const isAnyHeld = [ofAccount, ofToken].some((entry) => entry !== undefined && isHeld(entry, now / 1000))
  return isAnyHeld || isSignedOut(Math.floor(createdAt / 1000), ofAccount, ofToken)
}

function over(book: Book, found: SessionCredential | undefined, now: number): Applied<SessionOver> {
  const ofAccount = book.entries.get('')?.entry
  const hold = ofAccount && holdIn(ofAccount, now / 1000)
  const ends = hold?.until === undefined ? {} : { heldUntil: hold.until }
  const outcome = { kind: 'over' as const, isHeld: hold !== undefined, ...ends }
  return { outcome, changes: found === undefined ? [] : dropping(book, [found], 0) }
}

/** Drops sessions, and counts the credentials that are left with so many new ones. */
function dropping({ head }: Book, dropped: readonly IssuedCredential[], added: number): readonly LedgerChange[] {
  const credentials = (head.credentials ?? 0) + added - dropped.length
  return [
    ...(added === dropped.length ? [] : [{ table: 'head' as const, row: { ...head, credentials } }]),
    ...dropped.map(({ id }): LedgerChange => ({ table: 'credentials', key: id, row: undefined })),
  ]
}

function rowOf(session: SessionCredential): LedgerChange {
  return { table: 'credentials', key: session.id, row: session }
}
