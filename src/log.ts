import { base64url } from 'jose'
import type { LogRecord } from './ports.ts'
import { LruCache } from './core/lru.ts'
import type { HashAccount } from './tokens/verify.ts'
import { createMac } from './http/hmac.ts'

/** Writes the record of one request as one line of JSON; what is undefined is left out. */
export function writeLine(record: LogRecord): void {
  console.log(JSON.stringify(record))
}

/** Tells the operator of what goes wrong outside, as one line of JSON. It must hold no credential and name no account. */
export function logWarning(line: object): void {
  console.warn(JSON.stringify(line))
}

/** Tells the operator of what goes wrong here, as one line of JSON. It must hold no credential and name no account. */
export function logError(line: object): void {
  console.error(JSON.stringify(line))
}

const HASH_BYTES = 12
/** An account has many tokens, one after another. */
const KNOWN_BYTES = 4 * 1024 * 1024

/**
 * An HMAC-SHA-256 of `["<zone>","<issuer>","<account>"]`, cut to 96 bits, base64url: the same account has the same hash, an
 * account of the same name elsewhere another, and without the key nobody can turn it back.
 */
export function createAccountHash(secret: string): HashAccount {
  const known = new LruCache<string>(KNOWN_BYTES)
  const macOf = createMac(secret)
  const hash = async (name: string): Promise<string> => {
    const mac = await macOf(name)
    const fresh = base64url.encode(mac.subarray(0, HASH_BYTES))
    known.set(name, fresh)
    return fresh
  }
  return (...account) => {
    const name = JSON.stringify(account)
    return known.get(name) ?? hash(name)
  }
}
