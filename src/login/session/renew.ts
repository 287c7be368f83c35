/**
 * Renews sessions: asks the login for the account's claims anew, and has every isolate and tab get the same answer.
 *
 * A refresh token is often good for one use, so only the holder of a lease in the account's ledger asks. What the login answers
 * is kept in the ledger before anybody gets it: a renewal that comes after the session was ended, or that nobody kept, opens
 * nothing. The work outlives its request, since the token that was used is void once the other side has answered.
 */
import { isDistrusted } from '../../access/distrust.ts'
import { HELD, heldUntil } from '../../access/entitlement.ts'
import { failureName } from '../../core/error.ts'
import type { Refusal } from '../../core/problem.ts'
import { withTimeout } from '../../http/timeout.ts'
import type { IssuedCredential, KeptSession } from '../../ledger/rules/credentials.ts'
import { logError, logWarning } from '../../log.ts'
import type { SessionOver } from '../../ledger/rules/sessions.ts'
import type { Renewal } from '../../rails/login.ts'
import type { Carried } from '../../rails/rail.ts'
import { SIGNED_OUT } from '../../standing/rules/signedout.ts'
import { orderSession, type RenewalSecrets, sealSecrets, type SessionOwner, unsealSecrets } from './kept.ts'
import { type KnownSession, rememberSession } from './memory.ts'
import { claimsForLedger, factsIn, factsOf, type SessionFacts } from './rules/facts.ts'
import { sealSession, type SealedSession } from './token.ts'

/** The times of sessions in a zone. */
export interface SessionTimes {
  /** The time without a renewal after which a session is over. */
  readonly seconds: number
  /** The age of claims from which they are renewed. They are good for twice as long. */
  readonly renewSeconds: number
}

export type RenewedSessionState =
  /** `token`: the cookie that takes the place of the old one. */
  | { readonly kind: 'renewed'; readonly token: string; readonly session: KnownSession }
  /** Nobody has answered, or not in time. */
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'over'; readonly why: Refusal }

type Sources = Pick<Carried, 'zone' | 'verifiers' | 'logins' | 'stores' | 'call'>

/** The time for which a request waits for a renewal. */
const RENEW_MS = 3000
/** The time that a renewal may take until another caller tries. */
const LEASE_MS = 15_000
/** The time for which this isolate leaves a session alone that it could not renew. */
const REST_MS = 5000

const UNCHANGED: RenewedSessionState = { kind: 'unchanged' }

/** Renews a session, or finds what another has renewed. Waits for three seconds at most; the work goes on behind the request. */
export async function renewSession(
  known: KnownSession,
  sources: Sources,
  times: SessionTimes,
): Promise<RenewedSessionState> {
  known.renewal.restsUntil = sources.stores.clock() + REST_MS
  const work = attempt(known, sources, times).catch((error: unknown) => {
    logError({ session: failureName(error) })
    return failed(known, sources)
  })
  sources.call.waitUntil(work)
  return (await withTimeout(work, RENEW_MS)) ?? UNCHANGED
}

function failed({ renewal }: KnownSession, { stores }: Sources): RenewedSessionState {
  renewal.failedUntil = stores.clock() + REST_MS
  return UNCHANGED
}

/** The pauses between two looks at a renewal that another isolate is at. */
const PAUSES_MS = [50, 100, 200, 400, 800, 1200]

async function attempt(known: KnownSession, sources: Sources, times: SessionTimes): Promise<RenewedSessionState> {
  const { zone, stores, call } = sources
  const lease = crypto.randomUUID()
  const command = {
    id: known.sid,
    zone: { id: zone.id },
    lease,
    leaseMs: LEASE_MS,
    knownUntil: known.endsAt,
    leastMs: times.renewSeconds * 1000,
  }
  for (const pauseMs of [...PAUSES_MS, undefined]) {
    const leased = await orderSession(ownerOf(known, sources), stores.ledgers, 'leaseSession', command)
    if (leased === undefined) return failed(known, sources)
    if (leased.kind === 'over') return over(leased)
    if (leased.kind === 'renewed') return foundIn(leased.credential, known, sources)
    if (leased.kind === 'leased') return askLogin(known, leased.credential, lease, { ...sources, times })
    // Good claims need not wait for better ones.
    if (call.now < known.endsAt) return UNCHANGED
    if (pauseMs === undefined) break
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
  return failed(known, sources)
}

function ownerOf({ proof }: KnownSession, { zone }: Sources): SessionOwner {
  const { issuer, account } = proof.value
  return { issuer, account, zone }
}

function over({ isHeld, heldUntil: until }: SessionOver): RenewedSessionState {
  if (!isHeld) return { kind: 'over', why: SIGNED_OUT }
  return { kind: 'over', why: until === undefined ? HELD : heldUntil(until) }
}

/** Takes over what another caller has renewed. */
async function foundIn(
  credential: IssuedCredential,
  known: KnownSession,
  sources: Sources,
): Promise<RenewedSessionState> {
  const facts = factsIn(credential, known.proof.value.account)
  const sealed = facts && (await sealedFor(facts, known, sources))
  return sealed === undefined ? failed(known, sources) : handOver(sealed, known, sources)
}

async function sealedFor(
  facts: SessionFacts,
  known: KnownSession,
  { zone }: Sources,
): Promise<SealedSession | undefined> {
  if (zone.gateKeys === undefined) return undefined
  const sealed = await sealSession(facts, known.proof.value.issuer, zone.gateKeys, zone)
  if (sealed.ok) return sealed.value
  logWarning({ session: 'the claims of an account are too long for a cookie', login: known.login.name })
  return undefined
}

/** Remembers the session that takes the place of another one. */
async function handOver(
  { token, facts }: SealedSession,
  { login, proof, renewal }: KnownSession,
  sources: Sources,
): Promise<RenewedSessionState> {
  const issuer = sources.zone.issuers.find((one) => one.issuer === proof.value.issuer)
  if (issuer === undefined) return UNCHANGED
  const session = await rememberSession(token, { facts, login, issuer }, sources)
  renewal.next = token
  return { kind: 'renewed', token, session }
}

type Asked = Sources & { readonly times: SessionTimes }

async function askLogin(
  known: KnownSession,
  credential: IssuedCredential,
  lease: string,
  asked: Asked,
): Promise<RenewedSessionState> {
  const { zone, verifiers, call } = asked
  const { account, issuer } = known.proof.value
  const secrets = await unsealSecrets(credential.session?.sealed ?? '', known.sid, zone)
  if (secrets === undefined || (await isVoid(credential, asked))) return end(known, asked)
  const answer = await known.login.renew({ account, ...secrets }, { zone, verifiers, call })
  if (answer.kind === 'unavailable') return failed(known, asked)
  const isSame = answer.kind === 'renewed' && answer.claims.issuer === issuer && answer.claims.account === account
  if (!isSame) return end(known, asked)
  const signedInAt = Math.floor(credential.createdAt / 1000)
  const now = asked.stores.clock()
  const expires = Math.floor(now / 1000) + 2 * asked.times.renewSeconds
  const session = { sid: known.sid, login: known.login.name, signedInAt, expires }
  const sealed = await sealedFor(factsOf(answer.claims, session, now), known, asked)
  return sealed === undefined ? end(known, asked) : keep(sealed, nextSecrets(secrets, answer), known, lease, asked)
}

function nextSecrets({ refresh, hint }: RenewalSecrets, answer: Extract<Renewal, { kind: 'renewed' }>): RenewalSecrets {
  return { refresh: answer.refresh ?? refresh, hint: answer.hint ?? hint }
}

/** Returns true if an emergency has made void the key that signed the claims. What it made is not renewed. */
async function isVoid({ snapshot }: IssuedCredential, { zone, stores, call }: Sources): Promise<boolean> {
  const bulletin = await stores.bulletins?.of(zone, call)
  const orders = [zone.standing.distrust, bulletin?.ok === true ? bulletin.value.head.distrust : undefined]
  return orders.some((distrust) => distrust !== undefined && isDistrusted(distrust, snapshot?.signedBy))
}

/** Ends a session that the other side renews no more. */
async function end(known: KnownSession, sources: Sources): Promise<RenewedSessionState> {
  const { zone, stores } = sources
  const { longestTokenSeconds } = zone.standing
  const command = { id: known.sid, zone: { id: zone.id }, which: 'one' as const, longestTokenSeconds }
  await orderSession(ownerOf(known, sources), stores.ledgers, 'dropSessions', command)
  return over({ kind: 'over', isHeld: false })
}

/** The pauses before each attempt to keep what the other side has answered: its last answer is void without the next. */
const TRIES_MS = [0, 100, 400]

async function keep(
  sealed: SealedSession,
  secrets: RenewalSecrets,
  known: KnownSession,
  lease: string,
  asked: Asked,
): Promise<RenewedSessionState> {
  const { zone, stores, verifiers, call, times } = asked
  if (zone.gateKeys === undefined) return UNCHANGED
  const kept: KeptSession['sealed'] = await sealSecrets(secrets, known.sid, zone.gateKeys, zone)
  const now = stores.clock()
  const command = {
    id: known.sid,
    zone: { id: zone.id },
    lease,
    expires: now + times.seconds * 1000,
    sealed: kept,
    claims: claimsForLedger(sealed.facts, now),
  }
  for (const pauseMs of TRIES_MS) {
    if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs))
    const put = await orderSession(ownerOf(known, asked), stores.ledgers, 'putSession', command)
    if (put?.kind === 'put') return handOver(sealed, known, asked)
    if (put?.kind === 'superseded') return UNCHANGED
    if (put?.kind === 'over') {
      // The session was ended meanwhile: what the other side has just given must not stay good.
      await known.login.revoke?.({ account: known.proof.value.account, ...secrets }, { zone, verifiers, call })
      return over(put)
    }
  }
  return failed(known, asked)
}
