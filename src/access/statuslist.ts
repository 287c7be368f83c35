import type { Issuer, StatusListPolicy } from './issuer.ts'

/** The place of a token in one of its issuer's status lists: revocations are published there. */
export interface StatusReference {
  /** The issuer entry that verified the token. Its keys sign the list. */
  readonly issuer: Issuer
  readonly policy: StatusListPolicy
  readonly uri: string
  readonly idx: number
}

export const STATUS_BITS = [1, 2, 4, 8] as const

/** The statuses of many tokens, a few bits each, packed as the Token Status List specification says (§4.1). */
export interface StatusList {
  readonly bits: (typeof STATUS_BITS)[number]
  readonly bytes: Uint8Array
}

export type TokenStatus = 'valid' | 'invalid' | 'suspended'

/** Returns the value at `idx`, least significant bits first; undefined beyond the end. `idx` is a whole number from 0. */
export function valueAt({ bits, bytes }: StatusList, idx: number): number | undefined {
  const perByte = 8 / bits
  const byte = bytes[Math.floor(idx / perByte)]
  return byte === undefined ? undefined : (byte >>> ((idx % perByte) * bits)) & ((1 << bits) - 1)
}

/** Returns the status of a token (§7.1). An unknown value counts as revoked: the issuer wrote anything but "valid". */
export function statusAt(list: StatusList, idx: number): TokenStatus | undefined {
  const value = valueAt(list, idx)
  if (value === undefined) return undefined
  return value === 0 ? 'valid' : value === 2 ? 'suspended' : 'invalid'
}

/** Text that may replace the `*` of an allowed URI: nothing that servers decode differently. */
const BEYOND_PREFIX = /^[\w.~/-]*$/

/**
 * Returns true if a status list may be fetched from `uri`: it equals an entry of `allow`, or extends an entry that ends in
 * `*`. The URI must equal its own form after URL parsing, so that no dot segment, port or user name leads elsewhere.
 */
export function isAllowedUri(uri: string, allow: readonly string[]): boolean {
  return allow.some((entry) => {
    if (!entry.endsWith('*')) return uri === entry
    const prefix = entry.slice(0, -1)
    return uri.startsWith(prefix) && BEYOND_PREFIX.test(uri.slice(prefix.length)) && URL.parse(uri)?.href === uri
  })
}
