import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { describePack, type Pack } from '../../access/pack.ts'
import { toBase64url } from '../../core/bytes.ts'
import type { Exchange } from '../../http/rules/exchange.ts'
import { gateKey, newestGateKey } from '../../secrets/gatekeys.ts'
import type { Zone } from '../../zone.ts'
import { encodeJson } from './rules/canonicaljson.ts'
import { decodeMembers } from './rules/decode.ts'

/** How a challenge is bound to the gate that made it, and to the one request that it was made for. */

/** Returns the key of new challenges; undefined in a configuration without `secrets.gate`, which is at fault. */
export function signingKey({ gateKeys, id }: Zone): Uint8Array | undefined {
  return gateKeys && newestGateKey(gateKeys, 'payment-challenges', id).bytes
}

/** Returns the keys of challenges that are still good: one for each generation of the secret. */
export function verifyingKeys({ gateKeys, id }: Zone): readonly Uint8Array[] {
  if (gateKeys === undefined) return []
  return gateKeys.secrets.flatMap(
    ({ generation }) => gateKey(gateKeys, 'payment-challenges', id, generation)?.bytes ?? [],
  )
}

const NONCE_BYTES = 12
const TARGET_BYTES = 16

/** Returns what no two challenges share: without it, two clients would be asked for one payment. */
export function newNonce(): string {
  return toBase64url(crypto.getRandomValues(new Uint8Array(NONCE_BYTES)))
}

/** Hashes the request that a challenge is good for: method, host and target. */
export function requestHash({ method, host, target }: Exchange): string {
  const text = JSON.stringify([method, host, target.path, target.query])
  return toBase64url(sha256(utf8ToBytes(text)).subarray(0, TARGET_BYTES))
}

/** Writes the gate's own part of a challenge. */
export function writeOpaque(nonce: string, hash: string, pack: Pack | undefined): string {
  return encodeJson({ n: nonce, t: hash, ...(pack && { p: packName(pack) }) })
}

/** The gate's own part of a genuine challenge. */
export interface OpaqueFacts {
  readonly hash: unknown
  readonly pack: unknown
}

export function readOpaque(opaque: string | undefined): OpaqueFacts {
  const { t: hash, p: pack } = decodeMembers(opaque ?? '') ?? {}
  return { hash, pack }
}

/** Names a pack by what it gives: `uses:100`. */
export function packName(pack: Pack): string {
  const [[kind, value] = ['credit', true]] = Object.entries(describePack(pack))
  return `${kind}:${String(value)}`
}
