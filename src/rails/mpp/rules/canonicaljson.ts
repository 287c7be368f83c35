import type { Json, JsonMembers } from '../../../core/json.ts'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { toBase64url } from '../../../core/bytes.ts'

/**
 * Writes a value as canonical JSON (RFC 8785): members in the order of their UTF-16 code units, and texts and numbers as
 * ECMAScript writes them.
 */
export function canonicalJson(value: Json): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (isList(value)) return `[${value.map(canonicalJson).join(',')}]`
  const names = Object.keys(value).sort()
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonicalJson(value[name] ?? null)}`).join(',')}}`
}

function isList(value: JsonMembers | readonly Json[]): value is readonly Json[] {
  return Array.isArray(value)
}

/** Writes a value as the parameters of a challenge carry it: canonical JSON in base64url, without padding. */
export function encodeJson(value: Json): string {
  return toBase64url(utf8ToBytes(canonicalJson(value)))
}
