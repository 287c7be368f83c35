/**
 * Opens, finds and ends sessions, for the endpoints of logins.
 */
import type { Entitlement } from '../../access/entitlement.ts'
import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { asId, toBase64url } from '../../core/bytes.ts'
import { err, ok, type Result } from '../../core/result.ts'
import type { Exchange } from '../../http/rules/exchange.ts'
import type { IssuedCredential } from '../../ledger/rules/credentials.ts'
import type { DropSessionsCommand } from '../../ledger/rules/sessions.ts'
import type { Call } from '../../ports.ts'
import type { Login, NewSession, RenewedSession } from '../../rails/login.ts'
import { OWN_COOKIE } from '../../rails/owncookie.ts'
import type { GateKeys } from '../../secrets/gatekeys.ts'
import type { Services } from '../../services.ts'
import type { Site } from '../../site.ts'
import type { Zone } from '../../zone.ts'
import { orderSession, sealSecrets, type SessionOwner, unsealSecrets } from './kept.ts'
import { knownSession, type KnownSession } from './memory.ts'
import { sessionRailIn } from './rail.ts'
import type { SessionTimes } from './renew.ts'
import { claimsForLedger, factsOf } from './rules/facts.ts'
import { TRIP_SECONDS } from '../rules/trip.ts'
import { isSessionToken, type SealedSession, sealSession, sessionCookie } from './token.ts'

/** The services that sessions need. */
export type SessionServices = Pick<Services, 'sites' | 'ledgers' | 'bulletins' | 'clock' | 'hashAccount' | 'verdicts'> &
  Pick<Services, 'verify' | 'verifyAs' | 'verifyOnce' | 'rememberedKind'>

/** The request that opens a session. */
export interface SessionPlace {
  readonly zone: Zone
  readonly exchange: Exchange
  readonly services: SessionServices
  readonly call: Call
}

/** The end of a trip that opens a session. */
export interface SignInPlace extends SessionPlace {
  /**
   * Names the sign-in; unguessable. One that comes again opens the same session, or none if that was ended: a copy of a trip's
   * cookie is worth no more than one of the session's.
   */
  readonly signIn?: string
}

/**
 * The reason that a session cannot be opened. `ledger-unavailable`: nothing keeps it now, or the platform has no ledgers.
 * `too-large`: its claims do not fit a cookie, or its refresh token is too long. `no-key`: the zone has no `session()`, or the
 * gate no secret. `ended`: the sign-in has opened a session before, and that was ended.
 */
export type SessionFault = 'ledger-unavailable' | 'too-large' | 'no-key' | 'ended'

/** A session that was just opened. */
export interface NewCookies {
  /** The values of `Set-Cookie` fields. */
  readonly cookies: readonly string[]
  readonly sid: string
}

/** The most sessions of an account: the least lately renewed go. */
const MOST_SESSIONS = 20
/** The longest refresh token, and the longest hint. */
const MAX_SECRET = 16 * 1024
const SID_BYTES = 16

/** Opens a session of the browser, in place of the one that it may have. */
export async function openSession(
  session: NewSession,
  login: Login,
  where: SignInPlace,
): Promise<Result<NewCookies, SessionFault>> {
  const { zone, exchange, services, call } = where
  const { claims, refresh, hint, group } = session
  const site = services.sites.get(exchange.host)
  const times = site && sessionRailIn(site.rails)?.sessionTimes
  if (times === undefined || zone.gateKeys === undefined) return err('no-key')
  if (claims.issuer !== login.issuer) throw new TypeError(`the login ${login.name} speaks of another issuer's account`)
  if ((refresh?.length ?? 0) > MAX_SECRET) return err('too-large')
  const sealed = await sealNew(session, login, times, zone.gateKeys, where)
  if (!sealed.ok) return sealed
  const { facts, token } = sealed.value
  const now = services.clock()
  const secrets = { refresh, hint: (hint?.length ?? 0) > MAX_SECRET ? undefined : hint }
  const credential: IssuedCredential = {
    kind: 'session',
    id: facts.sid,
    name: login.name,
    createdAt: facts.signedInAt * 1000,
    createdBy: 'owner',
    secrets: [],
    limits: [],
    ...claimsForLedger(facts, now),
    expires: now + times.seconds * 1000,
    session: {
      login: login.name,
      ...(group !== undefined && { group }),
      sealed: await sealSecrets(secrets, facts.sid, zone.gateKeys, zone),
    },
  }
  const owner = { issuer: claims.issuer, account: claims.account, zone }
  const kept = await orderSession(owner, services.ledgers, 'keepSession', {
    credential,
    most: MOST_SESSIONS,
    ...(where.signIn !== undefined && { zone: { id: zone.id } }),
  })
  if (kept?.kind === 'refused' && kept.reason === 'ended') return err('ended')
  if (kept?.kind !== 'kept') return err('ledger-unavailable')
  call.waitUntil(endFormer(facts.sid, where, site))
  return ok({ cookies: [sessionCookie(token, times.seconds)], sid: facts.sid })
}

function sealNew(
  { claims }: NewSession,
  login: Login,
  { renewSeconds }: SessionTimes,
  keys: GateKeys,
  { zone, services, signIn }: SignInPlace,
): Promise<Result<SealedSession, 'too-large'>> {
  const now = services.clock()
  const seconds = Math.floor(now / 1000)
  const named = signIn === undefined ? crypto.getRandomValues(new Uint8Array(SID_BYTES)) : idOf(signIn)
  const sid = toBase64url(asId(named))
  const times = { signedInAt: seconds, expires: seconds + 2 * renewSeconds }
  return sealSession(factsOf(claims, { sid, login: login.name, ...times }, now), claims.issuer, keys, zone)
}

/** Returns the id of the session that a sign-in opens. */
function idOf(signIn: string): Uint8Array {
  return sha256(utf8ToBytes(`session ${signIn}`)).slice(0, SID_BYTES)
}

/** Ends the session that a new one takes the place of: its cookie is gone from the browser. */
async function endFormer(
  sid: string,
  { exchange, services, call }: SessionPlace,
  site: Site | undefined,
): Promise<void> {
  if (site === undefined) return
  const former = await currentSession(exchange, site, services, call)
  if (former !== undefined && former.sid !== sid) await endSessions(former, 'one', { zone: site.zone, services, call })
}

/** The session of a request. */
export interface CurrentSession {
  readonly sid: string
  readonly login: Login
  /** What it said last. Nothing of it is judged: neither its end, nor what was said of the account since. */
  readonly claims: Entitlement
}

/** Returns the session in the request's cookie, without renewing it; undefined if there is none that this gate has sealed. */
export async function currentSession(
  exchange: Exchange,
  { zone, logins = [] }: Pick<Site, 'zone' | 'logins'>,
  services: SessionServices,
  _call: Call,
): Promise<CurrentSession | undefined> {
  const found = OWN_COOKIE.find(exchange)
  if (found?.ok !== true || !isSessionToken(found.value)) return undefined
  const known = await knownSession(found.value, { zone, logins, verifiers: services, stores: services })
  return known.ok ? describeCurrent(known.value) : undefined
}

function describeCurrent({ sid, login, proof }: KnownSession): CurrentSession {
  return { sid, login, claims: proof.value }
}

/** A session that was ended, as far as its login needs it to end it on the other side. */
export interface EndedSession extends RenewedSession {
  readonly sid: string
  /** The name of its login. */
  readonly login: string
}

/** Whose sessions are ended. */
export interface SessionsOwner {
  /** A session, or the `jti` of a token in the cookie; undefined if it has none. */
  readonly sid: string | undefined
  readonly claims: Pick<Entitlement, 'issuer' | 'account'>
}

/**
 * Ends a session: its cookie opens nothing once the bulletin is known everywhere, and renews nothing at once. `group`: with
 * those that share the other side's sign-in. `all`: with all of the account. Error: not known whether all of that was done; it
 * can be done again.
 */
export async function endSessions(
  { sid, claims: { issuer, account } }: SessionsOwner,
  which: DropSessionsCommand['which'],
  { zone, services }: Pick<SessionPlace, 'zone' | 'services' | 'call'>,
): Promise<Result<readonly EndedSession[], 'ledger-unavailable'>> {
  const owner: SessionOwner = { issuer, account, zone }
  // A trip that has opened the session may come again for as long as its cookie lives.
  const longestTokenSeconds = Math.max(zone.standing.longestTokenSeconds, TRIP_SECONDS)
  const command = { ...(sid !== undefined && { id: sid }), zone: { id: zone.id }, which, longestTokenSeconds }
  const dropped = await orderSession(owner, services.ledgers, 'dropSessions', command)
  if (dropped === undefined) return err('ledger-unavailable')
  const revokedAt = services.clock() / 1000
  const ids = [...new Set([sid ?? [], ...dropped.map(({ id }) => id)].flat())]
  const posted = ids.map((jti) => ({ issuer, jti, entry: { revokedAt } }))
  if ((await services.bulletins?.post(zone, posted)) !== true) return err('ledger-unavailable')
  return ok(await Promise.all(dropped.map((one) => describeEnded(one, owner))))
}

async function describeEnded(
  { id, session }: IssuedCredential,
  { account, zone }: SessionOwner,
): Promise<EndedSession> {
  const secrets = await unsealSecrets(session?.sealed ?? '', id, zone)
  return { sid: id, login: session?.login ?? '', account, refresh: secrets?.refresh, hint: secrets?.hint }
}
