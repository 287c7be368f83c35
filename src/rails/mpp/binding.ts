import { describePack, type Pack } from '../../access/pack.ts'
import { hashLanes } from '../../core/hash.ts'
import type { Exchange } from '../../http/rules/exchange.ts'
import { gateKey, newestGateKey } from '../../secrets/gatekeys.ts'
import type { Zone } from '../../zone.ts'
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

/**
 * Hashes the request that a challenge is good for: method, host and target. Anyone can find two targets of one hash, and gains
 * nothing: what is asked for is the same, and its ledger binds the payment to the first request that brings it.
 */
export function requestHash({ method, host, target }: Exchange): string {
  const [low, high] = hashLanes(`${method} ${host}${target.path}${target.query}`)
  return `${low.toString(36)}-${high.toString(36)}`
}

/** Returns what no two requests share, and so no two challenges: 80 bits of the request's own random id. */
export function nonceOf({ id }: Exchange): string {
  return `${id.slice(0, 8)}${id.slice(-12)}`
}

/**
 * Writes the gate's own part of a challenge: canonical JSON in base64url. `nonce` is of this request alone: without it, two
 * clients would be asked for one payment. No part holds a character that JSON escapes.
 */
export function writeOpaque(nonce: string, hash: string, pack: Pack | undefined): string {
  const sold = pack === undefined ? '' : `"p":"${packName(pack)}",`
  return btoa(`{"n":"${nonce}",${sold}"t":"${hash}"}`).replace(/={1,2}$/, '')
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
