/**
 * The sealed text of a session, and the cookie that carries it.
 *
 * Nobody but the gate can read or make one. Its text begins with an authenticated header that names its kind, so a token of
 * another kind, zone or use never passes for a session.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { base64url } from 'jose'
import { GATE_TOKEN_TYPES, type Issuer } from '../../access/issuer.ts'
import { type Check, refusal, type Refusal } from '../../core/problem.ts'
import { err, ok, type Result } from '../../core/result.ts'
import type { Login } from '../../rails/login.ts'
import { COOKIE } from '../../rails/owncookie.ts'
import { gateKey, type GateKeys } from '../../secrets/gatekeys.ts'
import { beginningOf, headerOf, seal, type SealKind, unseal } from '../../secrets/sealed.ts'
import type { Zone } from '../../zone.ts'
import { readSession, type SessionFacts, withWantedAlone, writeSession } from './rules/facts.ts'

const SESSION: SealKind = { use: 'sessions', typ: GATE_TOKEN_TYPES.session }

/** The beginning of every session. */
const BEGINNING = /* @__PURE__ */ beginningOf(SESSION)

/** The longest session, in bytes. */
export const MAX_SESSION_BYTES = 1024

/** Returns true for a text that has the header of a session, whether it is genuine or not. */
export function isSessionToken(text: string): boolean {
  return text.startsWith(BEGINNING)
}

/** A session as its cookie and its ledger say it. */
export interface SealedSession {
  readonly token: string
  readonly facts: SessionFacts
}

/**
 * Seals a session. If it is too long, only the entitlements stay that the site asks for. Error: `too-large`, if it is too long
 * all the same.
 */
export async function sealSession(
  facts: SessionFacts,
  issuer: string,
  keys: GateKeys,
  zone: Zone,
): Promise<Result<SealedSession, 'too-large'>> {
  for (const tried of [facts, withWantedAlone(facts, zone.routes)]) {
    const token = await seal(writeSession(tried, hashOfIssuer(issuer)), SESSION, keys, zone.id)
    if (token.length <= MAX_SESSION_BYTES) return ok({ token, facts: tried })
  }
  return err('too-large')
}

/** A genuine session, with the login that renews it and the issuer of its account. */
export interface OpenedSession {
  readonly facts: SessionFacts
  readonly login: Login
  readonly issuer: Issuer
}

/**
 * Opens a session. Errors, all `credential-invalid`: `key`, if its key is not in use any more, or not yet; `signature`, if it
 * was not sealed here; `claims`, if another version of the gate sealed it; `issuer`, if its login or issuer is gone.
 */
export async function openToken(
  token: string,
  zone: Zone,
  logins: readonly Login[],
): Promise<Result<OpenedSession, Refusal>> {
  const keys = zone.gateKeys
  if (keys === undefined || !hasKey(token, keys, zone)) return err(NO_KEY)
  const value = await unseal(token, SESSION, keys, zone.id)
  if (value === undefined) return err(NOT_OURS)
  const read = readSession(value)
  if (read === undefined) return err(UNREADABLE)
  const { facts, issuer: hash } = read
  const login = logins.find(({ name }) => name === facts.login)
  const issuer = zone.issuers.find((one) => one.issuer === login?.issuer)
  if (login === undefined || issuer === undefined || hashOfIssuer(issuer.issuer) !== hash) return err(NO_LOGIN)
  // Whether it was revoked could not be told.
  if (facts.status !== undefined && issuer.statusLists === undefined) return err(NO_LOGIN)
  return ok({ facts, login, issuer })
}

/** Returns true if the key of a session's generation is in use. */
function hasKey(token: string, keys: GateKeys, zone: Zone): boolean {
  const generation = Number(headerOf(token)?.['kid'])
  return gateKey(keys, SESSION.use, zone.id, generation) !== undefined
}

const ISSUER_BYTES = 6

function hashOfIssuer(issuer: string): string {
  return base64url.encode(sha256(utf8ToBytes(issuer)).subarray(0, ISSUER_BYTES))
}

/** Returns the `Set-Cookie` of a session. `seconds`: the time after which an unused browser forgets it. */
export function sessionCookie(token: string, seconds: number): string {
  return `${COOKIE}=${token}; Path=/; Max-Age=${seconds}; Secure; HttpOnly; SameSite=Lax`
}

function invalid(detail: string, check: Check): Refusal {
  return refusal('credential-invalid', detail, { check })
}

const NO_KEY = /* @__PURE__ */ invalid('The key that sealed this sign-in is not in use here. Sign in again.', 'key')
const NOT_OURS = /* @__PURE__ */ invalid('This sign-in was not sealed here. Sign in again.', 'signature')
const UNREADABLE = /* @__PURE__ */ invalid('This sign-in is of another version. Sign in again.', 'claims')
const NO_LOGIN = /* @__PURE__ */ invalid('This way to sign in is not offered here any more. Sign in again.', 'issuer')
