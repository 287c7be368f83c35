import { hkdf } from '@noble/hashes/hkdf.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { base64url } from 'jose'
import type { CredentialFacts, Proof } from '../access/proof.ts'
import { LruCache } from '../core/lru.ts'
import type { Exchange } from '../http/rules/exchange.ts'
import { readCredentials } from '../rails/carried.ts'
import type { Site } from '../site.ts'

const KEY_BYTES = 32
const HASH_BYTES = 12
/** Of hashes that are remembered, in an isolate: some ten thousand. */
const MAX_BYTES = 2 * 1024 * 1024
/** Of a credential as it was sent, from its end, where a token has its signature. More would have the gate hash for long. */
const MAX_TEXT = 256

type Hash = (use: string, text: string) => string

interface Hashes {
  /** Returns a hash under the key of a use: 96 bits in base64url. */
  readonly of: Hash
  /** The same, and remembers it. */
  readonly remembered: Hash
}

/** Returns what hashes. Keys are derived from the secret. */
export function createHash(secret: string): Hashes {
  const keys = new LruCache<Uint8Array>(MAX_BYTES)
  const known = new LruCache<string>(MAX_BYTES)
  const keyOf = (use: string): Uint8Array => {
    const found = keys.get(use)
    if (found !== undefined) return found
    const key = hkdf(sha256, utf8ToBytes(secret), undefined, utf8ToBytes(`faregate ${use}`), KEY_BYTES)
    keys.set(use, key)
    return key
  }
  const of: Hash = (use, text) => base64url.encode(hmac(sha256, keyOf(use), utf8ToBytes(text)).subarray(0, HASH_BYTES))
  const remembered: Hash = (use, text) => {
    const name = `${use} ${text}`
    const found = known.get(name)
    if (found !== undefined) return found
    const hash = of(use, text)
    known.set(name, hash)
    return hash
  }
  return { of, remembered }
}

type TokenHash = (credential: CredentialFacts, exchange: Exchange, site: Site) => string | undefined

/**
 * Returns what tells one token from others: its id if it is genuine and has one, else as it was sent. Of several credentials
 * it is that which counts, or none. A proof that is remembered has its hash remembered with it: proofs are of one zone.
 */
export function createTokenHash({ of, remembered }: Hashes): TokenHash {
  const known = new WeakMap<Proof, string>()
  const hashOf: TokenHash = ({ proof, isVerified, isAlone }, exchange, site) => {
    const use = `tokens ${site.zone.id}`
    const id = proof && idOf(proof)
    if (id !== undefined) return remembered(use, `id ${id}`)
    const text = isVerified && !isAlone ? undefined : textSent(exchange, site)
    return text === undefined ? undefined : of(use, `text ${text.length} ${text.slice(-MAX_TEXT)}`)
  }
  return (credential, exchange, site) => {
    const { proof } = credential
    const found = proof && known.get(proof)
    if (found !== undefined) return found
    const hash = hashOf(credential, exchange, site)
    if (proof !== undefined && hash !== undefined) known.set(proof, hash)
    return hash
  }
}

function idOf(proof: Proof): string | undefined {
  if (proof.kind === 'payment') return JSON.stringify(['payment', proof.rail, proof.name])
  return proof.jti === undefined ? undefined : JSON.stringify([proof.kind, proof.issuer, proof.jti])
}

function textSent(exchange: Exchange, { reading, zone }: Site): string | undefined {
  const { sent, receipt } = readCredentials(exchange, reading)
  const found = sent ?? receipt
  if (found?.token.ok === true) return found.token.value
  for (const name of [...zone.credentialFields, 'authorization']) {
    const value = exchange.fields.get(name)
    if (value !== null && value !== undefined) return value
  }
  return undefined
}
