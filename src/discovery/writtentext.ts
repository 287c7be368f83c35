import { sha256 } from '@noble/hashes/sha2.js'
import { isNotModified } from '../cache/rules/conditional.ts'
import { bytesOfText } from '../core/template.ts'
import { toBase64url } from '../core/bytes.ts'
import type { Json } from '../core/json.ts'
import type { Exchange } from '../http/rules/exchange.ts'

/** The text of a document, with its validator. */
export interface WrittenText {
  readonly content: Uint8Array<ArrayBuffer>
  readonly etag: string
}

const TAG_BYTES = 16
const FIELDS = { 'access-control-allow-origin': '*', 'cache-control': 'public, max-age=300' }

/** Writes a document down. Equal documents have one validator, whichever isolate has written them. */
export function writeText(document: Json): WrittenText {
  const content = Uint8Array.from(bytesOfText(JSON.stringify(document)))
  return { content, etag: `"${toBase64url(sha256(content).subarray(0, TAG_BYTES))}"` }
}

/** Answers GET or HEAD, with 304 if the client has the same text (RFC 9110 §13.1.2). */
export function answerWith(
  { content, etag }: WrittenText,
  { method, fields, now }: Pick<Exchange, 'method' | 'fields' | 'now'>,
): Response {
  const headers = { ...FIELDS, etag }
  const read = (name: string): string | null => (name === 'etag' ? etag : null)
  if (isNotModified({ status: 200, read }, (name) => fields.get(name), now))
    return new Response(null, { status: 304, headers })
  const described = { ...headers, 'content-type': 'application/json', 'content-length': String(content.byteLength) }
  return new Response(method === 'HEAD' ? null : content, { headers: described })
}
