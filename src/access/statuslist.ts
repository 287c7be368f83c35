import type { Issuer, StatusListPolicy } from './issuer.ts'

/** Where an issuer says what has become of a token: its place in one of the issuer's status lists. */
export interface StatusReference {
  /** Whose keys sign the list: the entry that the token was verified under. */
  readonly issuer: Issuer
  readonly policy: StatusListPolicy
  readonly uri: string
  readonly idx: number
}

export const STATUS_BITS = [1, 2, 4, 8] as const

/** The statuses of many tokens, a few bits each, as the Token Status List specification packs them (§4.1). */
export interface StatusList {
  readonly bits: (typeof STATUS_BITS)[number]
  readonly bytes: Uint8Array
}

export type TokenStatus = 'valid' | 'invalid' | 'suspended'

/** The number at this place, least significant bits first; undefined beyond the end. `idx` is a whole number from 0. */
export function valueAt({ bits, bytes }: StatusList, idx: number): number | undefined {
  const perByte = 8 / bits
  const byte = bytes[Math.floor(idx / perByte)]
  return byte === undefined ? undefined : (byte >>> ((idx % perByte) * bits)) & ((1 << bits) - 1)
}

/** What the list says of a token (§7.1). A number that is not known here revokes: its issuer said anything but "valid". */
export function statusAt(list: StatusList, idx: number): TokenStatus | undefined {
  const value = valueAt(list, idx)
  if (value === undefined) return undefined
  return value === 0 ? 'valid' : value === 2 ? 'suspended' : 'invalid'
}

/** What may stand where an entry of the allow-list has its `*`: nothing that one server decodes and another does not. */
const BEYOND_PREFIX = /^[\w.~/-]*$/

/**
 * True for the URI of a list that may be fetched: one of these, or one that begins as an entry with a `*` at its end does.
 * What is compared is what a URL parser makes of it, so that no dot segment, port or user name leads elsewhere.
 */
export function isAllowedUri(uri: string, allow: readonly string[]): boolean {
  return allow.some((entry) => {
    if (!entry.endsWith('*')) return uri === entry
    const prefix = entry.slice(0, -1)
    return uri.startsWith(prefix) && BEYOND_PREFIX.test(uri.slice(prefix.length)) && URL.parse(uri)?.href === uri
  })
}
