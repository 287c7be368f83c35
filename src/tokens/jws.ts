import { base64url } from 'jose'
import { refusal, type Refusal } from '../core/problem.ts'
import { isBase64url } from '../core/base64url.ts'
import { err, ok, type Result } from '../core/result.ts'

/** The largest token to be read, in bytes. */
export const MAX_TOKEN_BYTES = 8192
/** The largest event to be read, in bytes. An event is the whole content of a request. */
export const MAX_EVENT_BYTES = 64 * 1024

/** The largest token to be read that comes from its issuer and not from a client, in bytes. */
export const MAX_ISSUED_BYTES = 64 * 1024

/** A JWS in compact serialisation (RFC 7515 §7.1), read but not verified. */
export interface CompactJws {
  readonly header: JsonObject
  readonly payload: JsonObject
}

export type JsonObject = Readonly<Record<string, unknown>>

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function readJson(part: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(decodeText(part))
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

const NOT_ASCII = /[^\0-\x7f]/

/** Decodes base64url that holds UTF-8. Most is ASCII, for which `atob` gives the text itself. Throws on anything else. */
function decodeText(part: string): string {
  if (/[+/]/.test(part)) throw new Error('not base64url')
  const bytes = atob(part.replaceAll('-', '+').replaceAll('_', '/'))
  return NOT_ASCII.test(bytes) ? utf8.decode(base64url.decode(part)) : bytes
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function malformed(detail: string): Result<CompactJws, Refusal> {
  return err(refusal('credential-malformed', detail, { check: 'spelling' }))
}

/**
 * Reads a token more strictly than RFC 7515 asks. Each token has exactly one spelling, so that a cache may be keyed by
 * it. Error: `credential-malformed`.
 */
export function readCompact(token: string, maxBytes = MAX_TOKEN_BYTES): Result<CompactJws, Refusal> {
  if (token.length > maxBytes) return malformed(`The token is longer than ${maxBytes} bytes.`)
  const parts = token.split('.')
  if (parts.length !== 3)
    return malformed('The token is not three parts joined by dots (RFC 7515 compact serialisation).')
  const [first = '', second = '', signature = ''] = parts
  if (!parts.every(isBase64url)) return malformed('A part of the token is not canonical base64url.')
  if (first === '' || second === '' || signature === '') return malformed('A part of the token is empty.')
  const header = readJson(first)
  if (header === undefined) return malformed('The header of the token is not a JSON object in UTF-8.')
  const payload = readJson(second)
  if (payload === undefined) return malformed('The payload of the token is not a JSON object in UTF-8.')
  return ok({ header, payload })
}

/**
 * Returns the protected header of a token, unverified, whatever the rest is like; undefined if the header cannot be read.
 */
export function claimedHeader(token: string): JsonObject | undefined {
  if (token.length > MAX_TOKEN_BYTES) return undefined
  return readJson(token.slice(0, Math.max(0, token.indexOf('.'))))
}

/** Returns the `iss` that a token claims, unverified, in any spelling. Fit to guess the issuer, never to trust it. */
export function claimedIssuer(token: string): string | undefined {
  const payload = readJson((token.split('.')[1] ?? '').replace(/[^\w-]/g, ''))
  const issuer = payload?.['iss']
  return typeof issuer === 'string' ? issuer : undefined
}
