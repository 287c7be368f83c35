import { base64url } from 'jose'
import type { Idempotency } from '../core/ledger/commands.ts'
import { refusal, type Refusal } from '../core/problem.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { Passage } from '../ports.ts'
import { readBytes } from './body.ts'

/** A request with content that was read has to be sent on with what was read. */
export interface Keyed {
  readonly request: Request
  /** Digests: what the client sent as its key, and sent under it, is its own affair. */
  readonly idempotency: Idempotency
}

const MAX_CONTENT_BYTES = 1024 * 1024

const TOO_LARGE = refusal(
  'content-too-large',
  `With "Idempotency-Key", the content of a request is read, and may have ${MAX_CONTENT_BYTES} bytes. Nothing was charged.`,
)
const BROKEN = refusal('target-ambiguous', 'The content of the request broke off.')

/**
 * Reads what an `Idempotency-Key` stands for (draft-ietf-httpapi-idempotency-key-header). Any value is a key, quoted or not,
 * and what is the same text is the same key. Undefined without one. Errors: `content-too-large`.
 */
export function keyed({ exchange, request, share }: Passage): Promise<Result<Keyed, Refusal>> | undefined {
  const field = exchange.fields.get('idempotency-key')?.trim() ?? ''
  if (field === '') return undefined
  const target = `${exchange.target.path}${share.query}`
  return read(field, `${exchange.method} ${target}`, request)
}

async function read(field: string, line: string, request: Request): Promise<Result<Keyed, Refusal>> {
  const { url, method, headers, signal } = request
  // What a GET may bring along means nothing, and no origin gets it (RFC 9110 §9.3.1).
  const body = method === 'GET' ? null : request.body
  if (body !== null && Number(headers.get('content-length') ?? 0) > MAX_CONTENT_BYTES) return err(TOO_LARGE)
  const content = await readBytes(body, MAX_CONTENT_BYTES)
  if (!content.ok) return err(content.error === 'too-large' ? TOO_LARGE : BROKEN)
  const [key, digest] = await Promise.all([digestOf(field), digestOf(line, content.value)])
  const again = body === null ? request : new Request(url, { method, headers, body: content.value, signal })
  return ok({ request: again, idempotency: { key, digest } })
}

/** SHA-256 of a line and what follows it, base64url. */
async function digestOf(line: string, content = new Uint8Array()): Promise<string> {
  const begin = new TextEncoder().encode(`${line}\n`)
  const bytes = new Uint8Array(begin.length + content.length)
  bytes.set(begin)
  bytes.set(content, begin.length)
  return base64url.encode(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)))
}

/** The same request, to be answered from what is stored or not at all (RFC 9111 §5.2.1.7). */
export function fromStoreOnly(passage: Passage): Passage {
  const { exchange, request } = passage
  const headers = new Headers(request.headers)
  for (const name of FOR_THE_ORIGIN) headers.delete(name)
  headers.set('cache-control', 'only-if-cached')
  return {
    ...passage,
    exchange: { ...exchange, fields: { get: (name) => headers.get(name) } },
    request: new Request(request.url, { method: request.method, headers }),
  }
}

/** A condition that only the origin can judge, and what means more than one wish. */
const FOR_THE_ORIGIN = ['if-match', 'if-unmodified-since', 'pragma']

const MAX_REPRESENTATION = 200

/** What tells a representation from the next one of the same resource; undefined where nothing does. */
export function representationOf({ headers }: Response): string | undefined {
  const validator = headers.get('etag') ?? headers.get('last-modified')
  return validator === null || validator.length > MAX_REPRESENTATION ? undefined : validator
}
