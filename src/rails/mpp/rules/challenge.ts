/**
 * Challenges of the HTTP scheme `Payment` (draft-httpauth-payment-02).
 *
 * The gate keeps no challenge. Each names itself by a MAC over what it asks for, so a credential that echoes it proves by
 * itself what was asked, of which request, and until when. `|` separates the parts of the MAC and is escaped nowhere, so no
 * part may contain it.
 */
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { toBase64url } from '../../../core/bytes.ts'

/** The field of a credential whose request has `Authorization` in use. */
export const OWN_FIELD = 'Payment-Authorization'

/** A challenge without its name. */
export interface UnnamedChallenge {
  /** The zone's name. */
  readonly realm: string
  readonly method: string
  readonly intent: string
  /** What is asked for: canonical JSON in base64url. */
  readonly request: string
  /** RFC 3339. */
  readonly expires?: string
  /** The digest of the request's content. The gate reads no content of who has not paid, and writes none. */
  readonly digest?: string
  /** For people. The MAC does not cover it. */
  readonly description?: string
  /** The gate's own facts about the challenge: canonical JSON in base64url. */
  readonly opaque?: string
  /** The field that the credential has to come in, if that is not `Authorization`. */
  readonly header?: string
}

export interface PaymentChallenge extends UnnamedChallenge {
  readonly id: string
}

/** Returns the text that the name of a challenge is the MAC of. */
export function challengeText(challenge: UnnamedChallenge): string {
  const { realm, method, intent, request, expires = '', digest = '', opaque = '', header } = challenge
  const slots = [realm, method, intent, request, expires, digest, opaque]
  return (header === undefined ? slots : [...slots, header]).join('|')
}

/** Returns the name of a challenge under a key. */
export function challengeId(challenge: UnnamedChallenge, key: Uint8Array): string {
  return toBase64url(hmac(sha256, key, utf8ToBytes(challengeText(challenge))))
}

/** Returns true if the challenge has its own name under one of the keys, in a time that does not depend on where it differs. */
export function isGenuine(challenge: PaymentChallenge, keys: readonly Uint8Array[]): boolean {
  const slots = [challenge.realm, challenge.method, challenge.intent]
  if (slots.some((slot) => slot.includes('|'))) return false
  return keys.some((key) => isEqual(challengeId(challenge, key), challenge.id))
}

function isEqual(one: string, other: string): boolean {
  if (one.length !== other.length) return false
  let difference = 0
  for (let at = 0; at < one.length; at++) difference |= one.charCodeAt(at) ^ other.charCodeAt(at)
  return difference === 0
}

/** What challenges for one thing share, written and hashed as far as it goes: most of a challenge's cost is paid once. */
export interface PreparedChallenge {
  /** The MAC of the slots before `expires`. */
  readonly mac: ReturnType<typeof hmac.create>
  /** The parameters from `realm` to `request`, and `description`, each with a comma before it. */
  readonly terms: string
  readonly description: string
}

type SharedParameters = Pick<UnnamedChallenge, 'realm' | 'method' | 'intent' | 'request' | 'description'>

export function prepareChallenge(shared: SharedParameters, key: Uint8Array): PreparedChallenge {
  const { realm, method, intent, request, description } = shared
  const mac = hmac.create(sha256, key).update(utf8ToBytes(`${[realm, method, intent, request].join('|')}|`))
  const terms = parameter('realm', realm) + parameter('method', method) + parameter('intent', intent)
  return { mac, terms: terms + parameter('request', request), description: parameter('description', description) }
}

/** Writes a challenge: the value of `WWW-Authenticate` (RFC 9110 §11.6.1). */
export function challengeOf(
  { mac, terms, description }: PreparedChallenge,
  { expires, opaque, header }: Pick<UnnamedChallenge, 'header'> & { readonly expires: string; readonly opaque: string },
): string {
  const rest = `${expires}||${opaque}${header === undefined ? '' : `|${header}`}`
  const id = toBase64url(mac.clone().update(utf8ToBytes(rest)).digest())
  const own = `, expires="${expires}"${description}, opaque="${opaque}"`
  return `Payment id="${id}"${terms}${own}${parameter('header', header)}`
}

/** Writes a parameter, with a comma before it. What is absent is left out, never empty. */
function parameter(name: string, value: string | undefined): string {
  return value === undefined ? '' : `, ${name}="${value.replace(/["\\]/g, '\\$&')}"`
}
