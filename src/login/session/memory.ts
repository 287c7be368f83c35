/**
 * Remembers opened sessions, in the bounded memory of verified tokens.
 *
 * To open a session takes cryptography, and a browser sends the same cookie for an hour. Nothing that changes with time is
 * remembered as settled: the end of the claims, their renewal and their standing are judged at each use.
 */
import type { Entitlement } from '../../access/entitlement.ts'
import type { ClockPartition } from '../../core/clockcache.ts'
import type { Eventually } from '../../core/eventually.ts'
import type { Refusal } from '../../core/problem.ts'
import { err, ok, type Result } from '../../core/result.ts'
import type { Login } from '../../rails/login.ts'
import type { Carried } from '../../rails/rail.ts'
import { BYTES_A_CHARACTER, type HashAccount, VERDICT_BYTES, type Verifiers } from '../../tokens/verify.ts'
import type { Zone } from '../../zone.ts'
import { type OpenedSession, openToken } from './token.ts'

/** A session that was opened in this isolate. */
export interface KnownSession {
  readonly sid: string
  readonly login: Login
  /** What it opens, before later statements. */
  readonly proof: Result<Entitlement, Refusal> & { readonly ok: true }
  /** The end of the claims, in milliseconds since 1970. */
  readonly endsAt: number
  /** The state of its renewal. */
  readonly renewal: RenewalState
}

/** What this isolate knows of the renewal of a session. */
export interface RenewalState {
  /** While the claims are good, nobody is asked before: a renewal is under way, or has just failed. Milliseconds since 1970. */
  restsUntil: number
  /** Nobody is asked before, because nobody has answered. Milliseconds since 1970. */
  failedUntil: number
  /** The cookie that has taken the place of this one. */
  next?: string
}

interface SessionMemory {
  readonly known: ClockPartition<KnownSession>
  readonly refused: ClockPartition<Refusal>
}

/** Of each isolate, by the zone's id. */
const memories = new WeakMap<Verifiers['verdicts'], Map<string, SessionMemory>>()

function memoryOf({ verdicts }: Verifiers, { id }: Zone): SessionMemory {
  const ofIsolate = memories.get(verdicts) ?? new Map<string, SessionMemory>()
  memories.set(verdicts, ofIsolate)
  const known = ofIsolate.get(id)
  if (known !== undefined) return known
  const fresh: SessionMemory = { known: verdicts.genuine(), refused: verdicts.forged() }
  ofIsolate.set(id, fresh)
  return fresh
}

/** What a session is opened with. */
export type SessionSources = Pick<Carried, 'zone' | 'verifiers' | 'logins'> & {
  readonly stores: { readonly hashAccount: HashAccount | undefined }
}

/** Returns the session of a token. One that was seen before costs no cryptography. Errors: those of `openToken`. */
export function knownSession(token: string, sources: SessionSources): Eventually<Result<KnownSession, Refusal>> {
  const memory = memoryOf(sources.verifiers, sources.zone)
  const known = memory.known.get(token)
  if (known !== undefined) return ok(known)
  const refused = memory.refused.get(token)
  return refused === undefined ? openAnew(token, sources, memory) : err(refused)
}

async function openAnew(
  token: string,
  { zone, logins, stores }: SessionSources,
  memory: SessionMemory,
): Promise<Result<KnownSession, Refusal>> {
  const opened = await openToken(token, zone, logins)
  if (!opened.ok) {
    memory.refused.set(token, opened.error, VERDICT_BYTES + BYTES_A_CHARACTER * token.length)
    return opened
  }
  const session = await describe(opened.value, zone, stores.hashAccount)
  memory.known.set(token, session, bytesOf(token, opened.value))
  return ok(session)
}

/** Remembers a session that was just sealed, so that the next request need not open it. */
export async function rememberSession(
  token: string,
  opened: OpenedSession,
  { zone, verifiers, stores }: SessionSources,
): Promise<KnownSession> {
  const session = await describe(opened, zone, stores.hashAccount)
  memoryOf(verifiers, zone).known.set(token, session, bytesOf(token, opened))
  return session
}

async function describe(
  { facts, login, issuer }: OpenedSession,
  zone: Zone,
  hashAccount: HashAccount | undefined,
): Promise<KnownSession> {
  const { sid, account, entitlements, plan, limits, standing, issuedAt, expires, signedInAt, signedBy, status } = facts
  const toleranceSeconds = Math.max(issuer.clockToleranceSeconds, AHEAD_SECONDS)
  const { statusLists: policy } = issuer
  const entitlement: Entitlement = {
    kind: 'entitlement',
    issuer: issuer.issuer,
    account,
    jti: sid,
    entitlements,
    plan,
    limits,
    standing,
    ...(status && policy && { status: { ...status, issuer, policy } }),
    signedBy,
    accountHash: await hashAccount?.(zone.id, issuer.issuer, account),
    issuedAt,
    notBefore: issuedAt,
    // The end is exact: no other clock has set it.
    expires: expires - toleranceSeconds,
    toleranceSeconds,
    signedInAt,
  }
  return { sid, login, proof: ok(entitlement), endsAt: expires * 1000, renewal: { restsUntil: 0, failedUntil: 0 } }
}

/** A session is sealed while its request is under way, perhaps on another machine: it may begin a moment ahead of a request. */
const AHEAD_SECONDS = 60

const NAME_BYTES = 24
const LIMIT_BYTES = 320
const STATE_BYTES = 200

function bytesOf(token: string, { facts: { entitlements, limits } }: OpenedSession): number {
  const listed = entitlements.length * NAME_BYTES + limits.length * LIMIT_BYTES
  return VERDICT_BYTES + STATE_BYTES + BYTES_A_CHARACTER * token.length + listed
}
