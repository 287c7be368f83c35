import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { toBase64url } from '../../core/bytes.ts'

const HASH_BYTES = 16

/**
 * Hashes a name under that of its ledger: HMAC-SHA-256, cut. The ledger's name holds the account, and is not stored, so
 * that only somebody who knows both names finds the hash.
 */
export function hashedName(ledger: string, name: string): string {
  return `#${toBase64url(hmac(sha256, utf8ToBytes(ledger), utf8ToBytes(name)).subarray(0, HASH_BYTES))}`
}
