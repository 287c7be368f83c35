/**
 * What a session says: the claims of its account, as the issuer stated them, with the times of the session.
 *
 * The browser holds it in a cookie of at most a kilobyte, while the token that it was made from may have twelve. So the
 * members are few and short, and if they are too long all the same, only those entitlements stay that the site asks for.
 */
import { type Entitlement, type Standing, STANDINGS } from '../../../access/entitlement.ts'
import { isWindow, type Limit, LIMIT_KINDS } from '../../../access/limit.ts'
import type { RouteTable } from '../../../access/route.ts'
import type { Json, JsonMembers } from '../../../core/json.ts'
import type { IssuedCredential } from '../../../ledger/rules/credentials.ts'

/** The claims of a session, as their issuer stated them. */
type StatedClaims = Pick<
  Entitlement,
  'account' | 'entitlements' | 'plan' | 'limits' | 'standing' | 'issuedAt' | 'signedBy' | 'status'
>

/** A session. Times are in seconds since 1970. */
export interface SessionFacts extends Pick<Entitlement, 'account' | 'entitlements' | 'plan' | 'limits' | 'standing'> {
  readonly sid: string
  /** The name of the login that renews it. */
  readonly login: string
  readonly signedInAt: number
  /** The time at which the issuer stated the claims. */
  readonly issuedAt: number
  /** The end of the claims. They can be renewed for longer. */
  readonly expires: number
  /** The RFC 7638 thumbprint of the key that signed the claims. */
  readonly signedBy?: string
  readonly status?: { readonly uri: string; readonly idx: number }
}

/** Returns the session with these claims. `expires`: their end. */
export function factsOf(
  { account, entitlements, plan, limits, standing, issuedAt, signedBy, status }: StatedClaims,
  session: Pick<SessionFacts, 'sid' | 'login' | 'signedInAt' | 'expires'>,
  now: number,
): SessionFacts {
  return {
    ...session,
    account,
    entitlements,
    plan,
    limits,
    standing,
    // By a clock that is ahead the claims would not be valid yet.
    issuedAt: Math.min(issuedAt, now / 1000),
    ...(signedBy !== undefined && { signedBy }),
    ...(status && { status: { uri: status.uri, idx: status.idx } }),
  }
}

/** Returns the session that a ledger keeps; undefined if the credential is none. */
export function factsIn({ id, session, ...kept }: IssuedCredential, account: string): SessionFacts | undefined {
  const { snapshot, createdAt, entitlements, plan, accountLimits } = kept
  if (session === undefined || snapshot === undefined) return undefined
  const { issuedAt, validUntil, standing, signedBy, status } = snapshot
  return {
    sid: id,
    login: session.login,
    account,
    signedInAt: Math.floor(createdAt / 1000),
    expires: validUntil / 1000,
    entitlements,
    plan,
    limits: accountLimits,
    standing,
    issuedAt,
    ...(signedBy !== undefined && { signedBy }),
    ...(status && { status }),
  }
}

/** Returns the members of a ledger's credential that say what the session says. `now` is in milliseconds. */
export function claimsForLedger(
  facts: SessionFacts,
  now: number,
): Pick<IssuedCredential, 'plan' | 'entitlements' | 'accountLimits' | 'snapshot'> {
  const { plan, entitlements, limits, issuedAt, expires, standing, signedBy, status } = facts
  return {
    ...(plan !== undefined && { plan }),
    entitlements,
    accountLimits: limits,
    snapshot: {
      presentedAt: now,
      issuedAt,
      validUntil: expires * 1000,
      standing,
      ...(signedBy !== undefined && { signedBy }),
      ...(status && { status }),
    },
  }
}

/** Returns the session with those entitlements alone that a route of the site, or its meter, asks for. */
export function withWantedAlone<F extends Pick<SessionFacts, 'entitlements'>>(
  facts: F,
  routes: Pick<RouteTable, 'entries' | 'unmatched'>,
): F {
  const wanted = new Set<string>()
  for (const { terms, meter } of [...routes.entries.map(({ route }) => route), routes.unmatched]) {
    if (terms.kind === 'paid') for (const name of terms.offer.entitlements) wanted.add(name)
    for (const name of meter?.wants ?? []) wanted.add(name)
  }
  return { ...facts, entitlements: facts.entitlements.filter((name) => wanted.has(name)) }
}

/** Writes a session as it is sealed. `issuer` stands for the issuer's name, which may be long. */
export function writeSession(facts: SessionFacts, issuer: string): JsonMembers {
  const { sid, login, account, signedInAt, issuedAt, expires, entitlements, plan, limits, standing } = facts
  const { signedBy, status } = facts
  return {
    sid,
    iss: issuer,
    login,
    sub: account,
    auth: signedInAt,
    iat: issuedAt,
    exp: expires,
    ...(entitlements.length > 0 && { names: [...entitlements] }),
    ...(plan !== undefined && { plan }),
    ...(limits.length > 0 && { limits: limits.map(writeLimit) }),
    ...(standing !== 'active' && { standing }),
    ...(status && { status: [status.uri, status.idx] }),
    ...(signedBy !== undefined && { key: signedBy }),
  }
}

function writeLimit({ name, quota, unit, window, kind, anchor }: Limit): Json {
  return [name, String(quota), unit, window, kind, ...(anchor === undefined ? [] : [anchor])]
}

/** A session as it was sealed. */
export interface ReadSession {
  readonly facts: SessionFacts
  readonly issuer: string
}

/** Reads what `writeSession` wrote; undefined for what this version does not understand. */
export function readSession(value: unknown): ReadSession | undefined {
  if (!isMembers(value)) return undefined
  const {
    sid,
    iss,
    login,
    sub,
    auth,
    iat,
    exp,
    names = [],
    plan,
    limits = [],
    standing = 'active',
    status,
    key,
  } = value
  if (!isText(sid) || !isText(iss) || !isText(login) || !isText(sub)) return undefined
  if (!isTime(auth) || !isTime(iat) || !isTime(exp)) return undefined
  const [read, place] = [readLimits(limits), readStatus(status)]
  if (!Array.isArray(names) || !names.every(isText) || read === undefined || place === null) return undefined
  if (!isStanding(standing) || !isOptionalText(plan) || !isOptionalText(key)) return undefined
  const facts = {
    sid,
    login,
    account: sub,
    signedInAt: auth,
    issuedAt: iat,
    expires: exp,
    entitlements: names,
    plan,
    limits: read,
    standing,
    ...(key !== undefined && { signedBy: key }),
    ...(place && { status: place }),
  }
  return { facts, issuer: iss }
}

type Members = Readonly<Record<string, unknown>>

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isOptionalText(value: unknown): value is string | undefined {
  return value === undefined || isText(value)
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}

function isStanding(value: unknown): value is Standing {
  return STANDINGS.some((one) => one === value)
}

function readLimits(value: unknown): readonly Limit[] | undefined {
  if (!Array.isArray(value)) return undefined
  const limits = value.flatMap((one: unknown) => readLimit(one) ?? [])
  return limits.length === value.length ? limits : undefined
}

const QUOTA = /^\d{1,30}$/

function readLimit(value: unknown): Limit | undefined {
  if (!Array.isArray(value)) return undefined
  const [name, quota, unit, window, named, anchor]: unknown[] = value
  const kind = LIMIT_KINDS.find((one) => one === named)
  if (!isText(name) || !isText(quota) || !QUOTA.test(quota) || !isText(unit) || !isWindow(window)) return undefined
  if (kind === undefined || !(anchor === undefined || isTime(anchor))) return undefined
  return { name, quota: BigInt(quota), unit, window, kind, anchor }
}

/** Returns null for what cannot be read: a place in a status list must not be passed over. */
function readStatus(value: unknown): SessionFacts['status'] | null {
  if (value === undefined) return undefined
  if (!Array.isArray(value)) return null
  const [uri, idx]: unknown[] = value
  return isText(uri) && isTime(idx) ? { uri, idx } : null
}
