/**
 * The rail for the gate's own sessions: a browser stays signed in for as long as its login renews it.
 *
 * Tokens of identity providers live for minutes, and may be longer than a cookie. So a browser holds a session of the gate:
 * the account's claims, sealed, good for a short time without asking anybody. Once they are old, the next page that the
 * reader opens has them renewed. A copy of the cookie renews nothing once the session was ended.
 */
import { after, type Eventually } from '../../core/eventually.ts'
import { refusal, type Refusal } from '../../core/problem.ts'
import type { EntitlementPresentation } from '../../access/proof.ts'
import { err, type Result } from '../../core/result.ts'
import type { Fault } from '../../config/rules/fault.ts'
import { isPrefetch } from '../../http/rules/prefetch.ts'
import { OWN_COOKIE, REMOVAL, withRemoval } from '../../rails/owncookie.ts'
import { presentedFrom } from '../../rails/presented.ts'
import type { Carried, Rail, SentCredential, Unverified } from '../../rails/rail.ts'
import { headerOf } from '../../secrets/sealed.ts'
import { SIGNED_OUT } from '../../standing/rules/signedout.ts'
import { STANDING_UNKNOWN } from '../../standing/rules/asitstands.ts'
import { knownSession, type KnownSession } from './memory.ts'
import { type RenewedSessionState, renewSession, type SessionTimes } from './renew.ts'
import { isSessionToken, sessionCookie } from './token.ts'

/** The times of sessions. */
export interface SessionOptions {
  /** The seconds without a visit after which a reader has to sign in again: 120 to 34,560,000 (400 days). Default: 30 days. */
  seconds?: number
  /**
   * The seconds after which the claims of a session are renewed: 60 to 86,400, and at most half of `seconds`. They are used for
   * twice as long if nobody answers. Default: an hour.
   */
  renewSeconds?: number
}

/** The rail of sessions, with the times of its zone. */
export interface SessionRail extends Rail {
  readonly sessionTimes: SessionTimes
}

/** Returns the rail of sessions among the rails of a zone. */
export function sessionRailIn(rails: readonly Rail[]): SessionRail | undefined {
  return rails.find((rail): rail is SessionRail => 'sessionTimes' in rail)
}

const NAME = 'session'
const MONTH_SECONDS = 30 * 86_400
const HOUR_SECONDS = 3600

/**
 * Takes sessions that the gate itself has made when somebody signed in by one of the zone's `logins`: see docs/sessions.md. They
 * come in the cookie `__Host-faregate` and in no other place. Needs `secrets.gate` and ledgers.
 *
 * @example
 * ```ts zone
 * rails: [bearer(), session({ seconds: 2_592_000, renewSeconds: 3600 })]
 * ```
 */
export function session({ seconds = MONTH_SECONDS, renewSeconds = HOUR_SECONDS }: SessionOptions = {}): SessionRail {
  const times = { seconds, renewSeconds }
  return {
    name: NAME,
    role: 'entitlement',
    kinds: [],
    needsGateKey: true,
    sessionTimes: times,
    places: [OWN_COOKIE],
    recognise: (token) => (isSessionToken(token) ? 'session' : undefined),
    longestUseSeconds: 2 * renewSeconds,
    present(carried) {
      const { sent } = carried
      return sent?.kind === 'session' ? presentSession(sent, carried, times) : undefined
    },
    challenge: () => ({ fields: [], isStatic: true }),
    peek: ({ sent }) => peek(sent),
    strip: (fields) => OWN_COOKIE.strip(fields),
    faults: () => faultsOf(seconds, renewSeconds),
  }
}

const MOST_SECONDS = 400 * 86_400

function faultsOf(seconds: unknown, renewSeconds: unknown): readonly Fault[] {
  const isSeconds = isWithin(seconds, 120, MOST_SECONDS)
  const isRenewal = isWithin(renewSeconds, 60, 86_400)
  const isHalf = isSeconds && isRenewal && 2 * renewSeconds > seconds
  return [
    ...(isSeconds ? [] : [{ path: 'seconds', message: `expected whole seconds from 120 to ${MOST_SECONDS}` }]),
    ...(isRenewal ? [] : [{ path: 'renewSeconds', message: 'expected whole seconds from 60 to 86400' }]),
    ...(isHalf ? [{ path: 'renewSeconds', message: 'expected at most half of "seconds"' }] : []),
  ]
}

function isWithin(value: unknown, least: number, most: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
}

const MISPLACED = /* @__PURE__ */ refusal(
  'credential-invalid',
  'A session is sent in its own cookie, and in no other place.',
  { check: 'type' },
)

function presentSession(
  sent: SentCredential,
  carried: Carried,
  times: SessionTimes,
): Eventually<EntitlementPresentation> {
  const { token, carrier } = sent
  if (!token.ok) return presentedFrom(NAME, sent, token, carried)
  if (carrier !== 'host-cookie') return presentedFrom(NAME, sent, err(MISPLACED), carried)
  return after(knownSession(token.value, carried), (known) =>
    known.ok
      ? presentKnown(known.value, sent, carried, times)
      : presentedFrom(NAME, sent, err(withRemoval(known.error)), carried),
  )
}

const NOT_AHEAD = /* @__PURE__ */ refusal(
  'prefetch-declined',
  'The sign-in is renewed once the page is opened, so it is not fetched ahead. Nothing was charged.',
)

function presentKnown(
  known: KnownSession,
  sent: SentCredential,
  carried: Carried,
  times: SessionTimes,
): Eventually<EntitlementPresentation> {
  const { call, exchange } = carried
  if (!isDue(known, call.now, times)) return presentedFrom(NAME, sent, known.proof, carried)
  // No browser keeps its cookie for so long: this is a copy, though the session itself may be in use.
  if (call.now >= known.endsAt + times.seconds * 1000)
    return presentedFrom(NAME, sent, err({ ...SIGNED_OUT, fields: [REMOVAL] }), carried)
  const isOver = call.now >= known.endsAt
  if (isPrefetch(exchange.fields)) return presentedFrom(NAME, sent, isOver ? err(NOT_AHEAD) : known.proof, carried)
  // What another site has the browser fetch is no visit of the reader's.
  if (sent.authority === 'read') return presentedFrom(NAME, sent, known.proof, carried)
  const { next, restsUntil, failedUntil } = known.renewal
  if (next !== undefined) return presentNext(next, known, sent, carried, times)
  if (!isOver && call.now < restsUntil) return presentedFrom(NAME, sent, known.proof, carried)
  if (isOver && call.now < failedUntil) return presentedFrom(NAME, sent, err(STANDING_UNKNOWN), carried)
  return presentRenewed(known, sent, carried, times)
}

/** The most by which the clocks of two isolates differ. */
const APART_MS = 60_000

/**
 * Returns true if claims are to be renewed. Those that would last for longer than any that are made now were sealed when
 * `renewSeconds` was more: what ended such a session need not be known for so long.
 */
function isDue({ endsAt }: KnownSession, now: number, { renewSeconds }: SessionTimes): boolean {
  const leftMs = endsAt - now
  return leftMs <= renewSeconds * 1000 || leftMs > 2 * renewSeconds * 1000 + APART_MS
}

/** Presents what has taken the place of an old cookie: other tabs may still send that one. */
function presentNext(
  token: string,
  known: KnownSession,
  sent: SentCredential,
  carried: Carried,
  times: SessionTimes,
): Eventually<EntitlementPresentation> {
  return after(knownSession(token, carried), (next) =>
    next.ok && !isDue(next.value, carried.call.now, times)
      ? withCookie(token, next.value.proof, sent, carried, times)
      : presentRenewed(known, sent, carried, times),
  )
}

async function presentRenewed(
  known: KnownSession,
  sent: SentCredential,
  carried: Carried,
  times: SessionTimes,
): Promise<EntitlementPresentation> {
  const renewed = await renewSession(known, carried, times)
  if (renewed.kind === 'renewed') return withCookie(renewed.token, renewed.session.proof, sent, carried, times)
  return presentedFrom(NAME, sent, proofAfter(renewed, known, carried), carried)
}

/** Returns what an old session proves if it was not renewed. */
function proofAfter(
  renewed: Exclude<RenewedSessionState, { kind: 'renewed' }>,
  { proof, endsAt }: KnownSession,
  { call }: Carried,
): Result<KnownSession['proof']['value'], Refusal> {
  if (renewed.kind === 'over') return err({ ...renewed.why, fields: [REMOVAL] })
  return call.now < endsAt ? proof : err(STANDING_UNKNOWN)
}

function withCookie(
  token: string,
  proof: KnownSession['proof'],
  sent: SentCredential,
  carried: Carried,
  { seconds }: SessionTimes,
): Eventually<EntitlementPresentation> {
  return after(presentedFrom(NAME, sent, proof, carried), (presented) => ({
    ...presented,
    fields: [['Set-Cookie', sessionCookie(token, seconds)]],
  }))
}

/** Shows that there is a session. What it says is sealed. */
function peek(sent: SentCredential | undefined): Unverified | undefined {
  if (sent?.kind !== 'session' || !sent.token.ok) return undefined
  return { kind: 'session', field: sent.field, header: headerOf(sent.token.value) ?? {}, claims: {} }
}
