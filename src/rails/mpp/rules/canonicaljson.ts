import { utf8ToBytes } from '@noble/hashes/utils.js'
import { canonicalJson } from '../../../core/canonicaljson.ts'
import type { Json } from '../../../core/json.ts'
import { toBase64url } from '../../../core/bytes.ts'

/** Writes a value as the parameters of a challenge carry it: canonical JSON in base64url, without padding. */
export function encodeJson(value: Json): string {
  return toBase64url(utf8ToBytes(canonicalJson(value)))
}
