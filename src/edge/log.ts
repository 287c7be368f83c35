import type { LogRecord } from '../ports.ts'
import { Remembered } from '../tokens/remembered.ts'
import type { HashAccount } from '../tokens/verify.ts'

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
  const encoder = new TextEncoder()
  let key: CryptoKey | undefined
  const hash = async (account: string): Promise<string> => {
    key ??= await crypto.subtle.importKey('raw', encoder.encode(secret), { name: 'HMAC', hash: 'SHA-256' }, false, [
      'sign',
    ])
    const digest = await crypto.subtle.sign('HMAC', key, encoder.encode(account))
    const bytes = new Uint8Array(digest, 0, HASH_BYTES)
    const fresh = btoa(String.fromCharCode(...bytes))
      .replaceAll('+', '-')
      .replaceAll('/', '_')
    known.set(account, fresh)
    return fresh
  }
  return (account) => known.get(account) ?? hash(account)
}
