/**
 * Seals values that travel through a browser: only this gate can read or make them.
 *
 * A sealed value is a JWE in compact serialisation (RFC 7516), direct encryption with A256GCM. The key is derived for one use
 * and zone, and the header with `typ` is authenticated, so that a value of one kind, zone or generation never passes for
 * another.
 */
import { base64url, CompactEncrypt, compactDecrypt, decodeProtectedHeader } from 'jose'
import { isBase64url } from '../core/base64url.ts'
import type { Json } from '../core/json.ts'
import { type GateKeys, type GateKeyUse, gateKey, newestGateKey } from './gatekeys.ts'

/** A kind of sealed value. */
export interface SealKind {
  readonly use: GateKeyUse
  /** The `typ` in the header. */
  readonly typ: string
}

const ALGORITHMS = { alg: 'dir', enc: 'A256GCM' } as const
/** Longer texts are not opened: no browser keeps such a cookie. */
const MAX_CHARACTERS = 64 * 1024
const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Seals a value for one zone. Cookies take the text as it is. */
export function seal(value: Json, { use, typ }: SealKind, keys: GateKeys, zoneId: string): Promise<string> {
  const { bytes, generation } = newestGateKey(keys, use, zoneId)
  return new CompactEncrypt(encoder.encode(JSON.stringify(value)))
    .setProtectedHeader({ ...ALGORITHMS, typ, kid: String(generation) })
    .encrypt(bytes)
}

/**
 * Opens a sealed value. Returns undefined if this gate did not seal it for that use and zone, or not under a key that is still
 * in use.
 */
export async function unseal(sealed: string, { use, typ }: SealKind, keys: GateKeys, zoneId: string): Promise<unknown> {
  // One value has one spelling: whatever keeps it may be keyed by the text.
  if (sealed.length > MAX_CHARACTERS || !sealed.split('.').every(isBase64url)) return undefined
  const keyOf = ({ kid, typ: sealedTyp }: { kid?: string; typ?: string }): Uint8Array => {
    const key = gateKey(keys, use, zoneId, Number(kid))
    if (key === undefined || sealedTyp !== typ) throw new TypeError('not sealed here')
    return key.bytes
  }
  try {
    const opened = await compactDecrypt(sealed, keyOf, {
      keyManagementAlgorithms: [ALGORITHMS.alg],
      contentEncryptionAlgorithms: [ALGORITHMS.enc],
    })
    return JSON.parse(decoder.decode(opened.plaintext))
  } catch {
    return undefined
  }
}

/** Returns the beginning of every sealed value of this kind: its header up to the generation. */
export function beginningOf({ typ }: SealKind): string {
  const header = JSON.stringify({ ...ALGORITHMS, typ, kid: '' })
  const bytes = header.slice(0, -2)
  // Whole groups of three bytes are whole characters of base64url.
  return base64url.encode(bytes.slice(0, bytes.length - (bytes.length % 3)))
}

const SEALED = /^[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+$/

/** Returns the header of a sealed value, unverified; undefined if the text is none. */
export function headerOf(sealed: string): Readonly<Record<string, unknown>> | undefined {
  if (sealed.length > MAX_CHARACTERS || !SEALED.test(sealed) || !sealed.split('.').every(isBase64url)) return undefined
  try {
    return { ...decodeProtectedHeader(sealed) }
  } catch {
    return undefined
  }
}
