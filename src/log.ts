import { base64url } from 'jose'
import type { HashAccount } from './tokens/verify.ts'
import { createMac } from './http/hmac.ts'
import type { LogRecord } from './logrecord.ts'

/** Writes each record as one line of JSON, and all with one call. Members that are undefined are left out. */
export function writeLines(records: readonly LogRecord[]): void {
  console.log(records.map((record) => JSON.stringify(record)).join('\n'))
}

/**
 * Warns the operator of a fault outside of the gate, as one line of JSON. `line` must hold no credential and name no
 * account.
 */
export function logWarning(line: object): void {
  console.warn(JSON.stringify(line))
}

/**
 * Tells the operator of a fault of the gate itself, as one line of JSON. `line` must hold no credential and name no
 * account.
 */
export function logError(line: object): void {
  console.error(JSON.stringify(line))
}

const HASH_BYTES = 12

/**
 * Creates an account hash: HMAC-SHA-256 of `["<zone id>","<issuer>","<account>"]`, cut to 96 bits, base64url. The same
 * account has the same hash, and an account of the same name elsewhere has another. Without the key nobody can reverse
 * it.
 */
export function createAccountHash(secret: string): HashAccount {
  const macOf = createMac(secret)
  return async (...account) => {
    const mac = await macOf(JSON.stringify(account))
    return base64url.encode(mac.subarray(0, HASH_BYTES))
  }
}
