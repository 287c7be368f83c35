import { base64url } from 'jose'
import type { LogRecord } from '../ports.ts'
import { Remembered } from '../tokens/remembered.ts'
import type { HashAccount } from '../tokens/verify.ts'
import { createMac } from './hmac.ts'

/** Writes the record as one line of JSON; what is undefined is left out. */
export function writeLine(record: LogRecord): void {
  console.log(JSON.stringify(record))
}

const HASH_BYTES = 12
/** An account has many tokens, one after another. */
const KNOWN_BYTES = 4 * 1024 * 1024

/** An HMAC-SHA-256 of the account, cut to 96 bits, base64url: the same account has the same hash, and no one can turn it back. */
export function createAccountHash(secret: string): HashAccount {
  const known = new Remembered<string>(KNOWN_BYTES)
  const macOf = createMac(secret)
  const hash = async (account: string): Promise<string> => {
    const mac = await macOf(account)
    const fresh = base64url.encode(mac.subarray(0, HASH_BYTES))
    known.set(account, fresh)
    return fresh
  }
  return (account) => known.get(account) ?? hash(account)
}
