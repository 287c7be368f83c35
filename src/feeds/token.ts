/**
 * Feed tokens: credentials for clients that can send nothing but a URL.
 *
 * The gate signs them itself, as compact JWS with HS256 under a key derived for this use and zone, so an invented one costs no
 * call to a ledger. A token opens nothing by itself: it names an account and a feed, and the account's ledger says what that
 * feed opens, if it still knows this very token. It is short, because URLs are copied by hand and cut by clients.
 */
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { base64url } from 'jose'
import { GATE_TOKEN_TYPES, mediaSubtype } from '../access/issuer.ts'
import { asId } from '../core/bytes.ts'
import { type Check, refusal, type Refusal } from '../core/problem.ts'
import { err, ok, type Result } from '../core/result.ts'
import { type DerivedKey, type GateKeys, gateKey } from '../secrets/gatekeys.ts'
import { type JsonObject, readCompact } from '../tokens/jws.ts'
import type { Zone } from '../zone.ts'

/** The facts in a feed token. */
export interface FeedFacts {
  /** The owner: an account of one of the zone's issuers. */
  readonly issuer: string
  readonly account: string
  /** The feed's id in its owner's ledger. It stays when the token is replaced. */
  readonly id: string
  /** Differs for each token of a feed. */
  readonly nonce: string
  /** The pattern of the one route that the token opens. */
  readonly route: string
}

/** The length of an id in a token: 48 bits as base64url. */
const ID_CHARACTERS = 8
const ID_BYTES = 6
const NONCE_BYTES = 4

/** Returns a new id for a feed. */
export function newFeedId(): string {
  return base64url.encode(asId(crypto.getRandomValues(new Uint8Array(ID_BYTES))))
}

/** Returns what makes a token of a feed another one. */
export function newFeedNonce(): string {
  return base64url.encode(crypto.getRandomValues(new Uint8Array(NONCE_BYTES)))
}

/** Returns the token for a feed. The members are short, and so is what stands for the issuer. */
export function signFeedToken(key: DerivedKey, { issuer, account, id, nonce, route }: FeedFacts): string {
  const header = { alg: 'HS256', typ: GATE_TOKEN_TYPES.feed, kid: String(key.generation) }
  const payload = { jti: `${id}${nonce}`, iss: issuerHash(issuer), sub: account, aud: route }
  const signed = `${encode(header)}.${encode(payload)}`
  return `${signed}.${macOf(key, signed)}`
}

function encode(part: object): string {
  return base64url.encode(JSON.stringify(part))
}

function macOf({ bytes }: DerivedKey, signed: string): string {
  return base64url.encode(hmac(sha256, bytes, utf8ToBytes(signed)))
}

/** Returns true for a text that has the `typ` of a feed token, whether it is genuine or not. */
export function isFeedToken(text: string): boolean {
  return text.startsWith(BEGINNING)
}

/** The beginning of every feed token: its header up to the generation, whole characters of base64url. */
export const BEGINNING = /* @__PURE__ */ base64url.encode('{"alg":"HS256","typ":"feed+jwt","kid":"')
/** Matches feed tokens within a text, and what is left of them. */
export const IN_TEXT = /* @__PURE__ */ new RegExp(`${BEGINNING}[\\w.-]*`, 'g')

/**
 * Reads and verifies a feed token. Errors: `credential-malformed`; `credential-invalid`, if it is of another kind, was not
 * signed here, or its account's issuer is not trusted any more.
 */
export function readFeedToken(token: string, keys: GateKeys | undefined, zone: Zone): Result<FeedFacts, Refusal> {
  const jws = readCompact(token)
  if (!jws.ok) return jws
  const { header, payload } = jws.value
  const { typ, alg, kid } = header
  if (typeof typ !== 'string' || mediaSubtype(typ) !== GATE_TOKEN_TYPES.feed || alg !== 'HS256') return err(OTHER_KIND)
  const key = keys && gateKey(keys, 'feeds', zone.id, Number(kid))
  if (key === undefined) return err(NO_KEY)
  const end = token.lastIndexOf('.')
  if (!isSame(macOf(key, token.slice(0, end)), token.slice(end + 1))) return err(NOT_OURS)
  return readFacts(payload, zone)
}

/** Compares two texts in a time that does not depend on where they differ. */
function isSame(one: string, other: string): boolean {
  let difference = one.length ^ other.length
  for (let at = 0; at < one.length; at += 1) difference |= one.charCodeAt(at) ^ other.charCodeAt(at)
  return difference === 0
}

function readFacts({ jti, iss, sub, aud }: JsonObject, { issuers }: Zone): Result<FeedFacts, Refusal> {
  const issuer = issuers.find((known) => issuerHash(known.issuer) === iss)?.issuer
  if (issuer === undefined) return err(NO_ISSUER)
  if (typeof jti !== 'string' || typeof sub !== 'string' || typeof aud !== 'string') return err(NOT_OURS)
  return ok({ issuer, account: sub, id: jti.slice(0, ID_CHARACTERS), nonce: jti.slice(ID_CHARACTERS), route: aud })
}

const ISSUER_BYTES = 6
const hashes = /* @__PURE__ */ new Map<string, string>()
/** The issuers of a configuration are few. */
const MOST_HASHES = 1000

function issuerHash(issuer: string): string {
  const known = hashes.get(issuer)
  if (known !== undefined) return known
  const hash = base64url.encode(sha256(utf8ToBytes(issuer)).subarray(0, ISSUER_BYTES))
  if (hashes.size < MOST_HASHES) hashes.set(issuer, hash)
  return hash
}

/** Returns the hash by which a ledger knows a token. */
export function secretOf(token: string): string {
  return base64url.encode(sha256(utf8ToBytes(token)))
}

function invalid(detail: string, check: Check): Refusal {
  return refusal('credential-invalid', detail, { check })
}

const NO_KEY = /* @__PURE__ */ invalid('The key that made this feed token is not in use any more.', 'key')
const NOT_OURS = /* @__PURE__ */ invalid('The feed token was not made here.', 'signature')
const NO_ISSUER = /* @__PURE__ */ invalid('The feed token is of an account whose issuer is not trusted here.', 'issuer')
/** The refusal of every other token in a URL: it would be in histories, logs and what readers share. */
export const OTHER_KIND = /* @__PURE__ */ invalid(
  'A URL takes feed tokens alone: this is another kind of token. Make a feed at /__faregate/feeds.',
  'type',
)
