/**
 * Derives the gate's symmetric keys from its one secret, `secrets.gate`.
 *
 * One key for everything would let a value made for one use pass for another. HKDF (RFC 5869) gives each use, zone and
 * generation a key of its own, and knowing one of them tells nothing about the others. Two generations of the secret may hold
 * at once, so that it can be replaced while values made under the old one are still in use: each such value names its
 * generation.
 */
import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'

/** The purposes of derived keys. */
export type GateKeyUse =
  | 'api-keys'
  | 'feeds'
  | 'references'
  | 'sessions'
  | 'renewals'
  | 'trips'
  | 'purchases'
  | 'sign-in-codes'
  | 'account-page'
  | 'dashboard'
  | 'near-limits'
  | 'free-reading'
  | 'payment-challenges'
  | 'pack-receipts'
  | 'mcp-sessions'
  | 'mcp-events'

/** One generation of the gate's secret. */
export interface GateSecret {
  readonly generation: number
  readonly bytes: Uint8Array
}

/** The gate's secret, in all its generations, and the keys derived so far. */
export interface GateKeys {
  /** The newest first; at least one. */
  readonly secrets: readonly [GateSecret, ...GateSecret[]]
  /** By generation, use and zone. */
  readonly derived: Map<string, DerivedKey>
}

/** A key for one use in one zone. */
export interface DerivedKey {
  readonly generation: number
  /** 32 bytes. */
  readonly bytes: Uint8Array
}

const KEY_BYTES = 32

/** Returns the newest key for this use: new values are made with it. `zoneId`: the zone's id. */
export function newestGateKey(keys: GateKeys, use: GateKeyUse, zoneId: string): DerivedKey {
  return derive(keys, keys.secrets[0], use, zoneId)
}

/** Returns the key of one generation for this use; undefined if the configuration has no such generation. */
export function gateKey(keys: GateKeys, use: GateKeyUse, zoneId: string, generation: number): DerivedKey | undefined {
  const secret = keys.secrets.find((one) => one.generation === generation)
  return secret && derive(keys, secret, use, zoneId)
}

function derive({ derived }: GateKeys, secret: GateSecret, use: GateKeyUse, zoneId: string): DerivedKey {
  // No part contains a space, so no two lists of parts make one text.
  const info = `faregate ${secret.generation} ${use} ${zoneId}`
  const known = derived.get(info)
  if (known !== undefined) return known
  const bytes = hkdf(sha256, secret.bytes, undefined, utf8ToBytes(info), KEY_BYTES)
  const key = { generation: secret.generation, bytes }
  derived.set(info, key)
  return key
}
