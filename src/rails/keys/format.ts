/**
 * The text of an API key.
 *
 * A key has no end and is checked at every request, so an invented one must cost nothing: a MAC under the gate's own key shows
 * that the gate made it, before anyone is asked. The key also names its owner, so that one call to one ledger finds its
 * record. What a key opens is in that record alone, which knows the key by its hash: who learns the gate's secret still has
 * no key.
 *
 * `fg_` and base64url of: version (1 byte, 1), generation of the gate's secret (1), id (12), random (16), issuer (6: the first
 * of its SHA-256), account (UTF-8), and HMAC-SHA-256 over everything before, cut to 16 bytes.
 */
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { base64url } from 'jose'
import { asId, joinBytes } from '../../core/bytes.ts'
import { refusal, type Refusal } from '../../core/problem.ts'
import { err, ok, type Result } from '../../core/result.ts'
import { type DerivedKey, gateKey, newestGateKey } from '../../secrets/gatekeys.ts'
import { isBase64url } from '../../core/base64url.ts'
import type { Zone } from '../../zone.ts'

/** Every key begins so. */
export const KEY_PREFIX = 'fg_'
/** Matches keys within a text: a URL loses them, for none is taken there. The shortest key has 74 characters. */
export const KEY_IN_TEXT = /fg_[\w-]{60,}/g
const VERSION = 1
const ID_BYTES = 12
const RANDOM_BYTES = 16
const ISSUER_BYTES = 6
const MAC_BYTES = 16
const ID_AT = 2
const ISSUER_AT = ID_AT + ID_BYTES + RANDOM_BYTES
const ACCOUNT_AT = ISSUER_AT + ISSUER_BYTES
/** The longest account is 255 characters of at most four bytes. */
const MAX_ACCOUNT_BYTES = 1020
const MIN_BYTES = ACCOUNT_AT + 1 + MAC_BYTES
const MAX_BYTES = ACCOUNT_AT + MAX_ACCOUNT_BYTES + MAC_BYTES
const MAX_LENGTH = KEY_PREFIX.length + Math.ceil((MAX_BYTES * 4) / 3)

type KeyZone = Pick<Zone, 'id' | 'gateKeys' | 'issuers'>

/** The owner of a key. */
export interface KeyOwner {
  readonly issuer: string
  readonly account: string
}

/** The facts in the text of a key. */
export interface KeyFacts extends KeyOwner {
  readonly id: string
  readonly generation: number
}

/** A key that was just made. Its text is shown once. */
export interface MadeKey extends Pick<KeyFacts, 'id' | 'generation'> {
  readonly text: string
  readonly hash: string
}

/** Makes a key of an account. `id` is given if the secret of a known key is replaced. Throws without `secrets.gate`. */
export function makeKey({ id: zoneId, gateKeys }: KeyZone, { issuer, account }: KeyOwner, id?: string): MadeKey {
  if (gateKeys === undefined) throw new Error('keys need secrets.gate')
  const key = newestGateKey(gateKeys, 'api-keys', zoneId)
  const idBytes = id === undefined ? asId(crypto.getRandomValues(new Uint8Array(ID_BYTES))) : base64url.decode(id)
  const random = crypto.getRandomValues(new Uint8Array(RANDOM_BYTES))
  const head = Uint8Array.of(VERSION, key.generation)
  const facts = joinBytes([head, idBytes, random, issuerMark(issuer), utf8ToBytes(account)])
  const text = `${KEY_PREFIX}${base64url.encode(joinBytes([facts, macOf(key, facts)]))}`
  return { text, hash: hashOf(text), id: base64url.encode(idBytes), generation: key.generation }
}

/** Returns the hash by which the ledger knows a key. */
export function hashOf(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)))
}

/**
 * Reads a key and checks that the gate made it for this zone. Asks nobody. Errors: `credential-malformed`;
 * `credential-invalid`.
 */
export function readKey(text: string, zone: KeyZone): Result<KeyFacts, Refusal> {
  const bytes = bytesIn(text)
  if (bytes === undefined) return err(MALFORMED)
  const key = zone.gateKeys && gateKey(zone.gateKeys, 'api-keys', zone.id, bytes[1] ?? 0)
  if (key === undefined) return err(UNKNOWN_GENERATION)
  const macAt = bytes.length - MAC_BYTES
  if (!isSame(macOf(key, bytes.subarray(0, macAt)), bytes.subarray(macAt))) return err(FORGED_KEY)
  const facts = factsIn(bytes, zone)
  return facts.issuer === undefined ? err(UNKNOWN_ISSUER) : ok({ ...facts, issuer: facts.issuer })
}

/** Reads a key without checking anything; undefined if it is none. */
export function peekKey(text: string, zone: KeyZone): UncheckedFacts | undefined {
  const bytes = bytesIn(text)
  return bytes && factsIn(bytes, zone)
}

type UncheckedFacts = Omit<KeyFacts, 'issuer'> & { readonly issuer: string | undefined }

function bytesIn(text: string): Uint8Array | undefined {
  if (text.length > MAX_LENGTH || !text.startsWith(KEY_PREFIX)) return undefined
  const encoded = text.slice(KEY_PREFIX.length)
  if (!isBase64url(encoded)) return undefined
  const bytes = base64url.decode(encoded)
  return bytes.length < MIN_BYTES || bytes[0] !== VERSION ? undefined : bytes
}

const utf8 = new TextDecoder()

function factsIn(bytes: Uint8Array, zone: KeyZone): UncheckedFacts {
  const mark = base64url.encode(bytes.subarray(ISSUER_AT, ACCOUNT_AT))
  return {
    id: base64url.encode(bytes.subarray(ID_AT, ID_AT + ID_BYTES)),
    generation: bytes[1] ?? 0,
    issuer: marksOf(zone).get(mark),
    account: utf8.decode(bytes.subarray(ACCOUNT_AT, bytes.length - MAC_BYTES)),
  }
}

/** The issuers of a zone by their marks. */
const marks = new WeakMap<Zone['issuers'], ReadonlyMap<string, string>>()

function marksOf({ issuers }: KeyZone): ReadonlyMap<string, string> {
  const known = marks.get(issuers)
  if (known !== undefined) return known
  const fresh = new Map(issuers.map(({ issuer }) => [base64url.encode(issuerMark(issuer)), issuer]))
  marks.set(issuers, fresh)
  return fresh
}

function issuerMark(issuer: string): Uint8Array {
  return sha256(utf8ToBytes(issuer)).subarray(0, ISSUER_BYTES)
}

type Mac = ReturnType<typeof hmac.create>

/** The state of each MAC after its key: it is the same for every message. */
const macs = new WeakMap<DerivedKey, Mac>()

function macOf(key: DerivedKey, message: Uint8Array): Uint8Array {
  const begun = macs.get(key) ?? hmac.create(sha256, key.bytes)
  macs.set(key, begun)
  return begun.clone().update(message).digest().subarray(0, MAC_BYTES)
}

/** Compares without telling by time where two texts differ. */
function isSame(one: Uint8Array, other: Uint8Array): boolean {
  let difference = one.length ^ other.length
  for (const [at, byte] of one.entries()) difference |= byte ^ (other[at] ?? 0)
  return difference === 0
}

const MALFORMED = refusal('credential-malformed', 'This is not an API key: it is too short, too long or misspelt.', {
  check: 'spelling',
})
const FORGED_KEY = refusal('credential-invalid', 'The API key is not one of this site.', { check: 'signature' })
const UNKNOWN_GENERATION = refusal('credential-invalid', 'The API key was made under a secret that is not in use.', {
  check: 'key',
})
const UNKNOWN_ISSUER = refusal(
  'credential-invalid',
  "The API key's account is of an issuer that this site does not trust.",
  {
    check: 'issuer',
  },
)
