/**
 * Idempotency keys: a client that got no answer may send its request again without paying twice.
 *
 * A key is bound to method, target and content by a digest, so that it cannot pay for another request. Therefore the content
 * of a keyed request is read before the charge, up to 1 MiB and within 20 s. The ledger stores digests of key and content
 * alone. It decides what a repeat gets: a conflict while the first try is in flight, the same charge after a broken
 * delivery, and after a complete one the same answer again: the one kept with the charge (`keep.ts`), or the one in the
 * cache, if that has the same validator. A payment is its own key.
 */
import { base64url } from 'jose'
import type { PaymentCost } from '../access/cost.ts'
import { describePack } from '../access/pack.ts'
import type { Idempotency } from './rules/commands.ts'
import type { ClientRetry } from './rules/repeat.ts'
import { refusal, type Refusal } from '../core/problem.ts'
import { err, ok, type Result } from '../core/result.ts'
import { UNREADABLE } from '../cache/rules/vary.ts'
import type { AdmittedRequest } from '../ports.ts'
import { type BodyTerms, type ReadFault, readBytes, type BodyRoom } from '../http/body.ts'
import { contentOf } from '../http/content.ts'
import { codingOf, DECODED_CODINGS, decodeBody } from '../http/decode.ts'

const MAX_CONTENT_BYTES = 1024 * 1024

/** The terms for reading keyed content. The client has already shown that it can pay, so it is not anonymous. */
export const KEYED_CONTENT: BodyTerms = { maxBytes: MAX_CONTENT_BYTES, mostMs: 20_000, isAnonymous: false }

function faultOf(fault: ReadFault, maxBytes: number): Refusal {
  return fault === 'too-large'
    ? refusal(
        'content-too-large',
        `The content of this request is read, and may have ${maxBytes} bytes. Nothing was charged.`,
      )
    : FAULTS[fault]
}

const FAULTS: Record<Exclude<ReadFault, 'too-large'>, Refusal> = {
  broken: refusal(
    'request-malformed',
    'The content of the request broke off, or is not in its coding. Nothing was charged.',
  ),
  late: refusal('request-timeout', 'The content of the request did not come in time. Nothing was charged.'),
  'no-room': refusal('overloaded', 'Too much content is being read at once. Nothing was charged.'),
}

/**
 * Returns the `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header), or undefined. Any value is a key, quoted or
 * not; equal text is an equal key.
 */
export function idempotencyKeyOf({ exchange, route: { gatesBefore } }: AdmittedRequest): string | undefined {
  const field = exchange.fields.get('idempotency-key')?.trim() ?? ''
  if (field === '') return undefined
  // No client can write a line break.
  return gatesBefore === undefined ? field : `${field}\n${gatesBefore}`
}

/** workerd shows all bytes that are not UTF-8 as one character: two such keys would look alike, and get one answer. */
export const KEY_UNREADABLE = refusal(
  'request-malformed',
  'The "Idempotency-Key" has bytes that are not UTF-8. Nothing was charged.',
)

/** A request whose content was read, and which is to be sent on with that content. */
export interface ReadRequest {
  readonly request: Request
  readonly content: Uint8Array<ArrayBuffer>
}

/**
 * Reads the content of a request, decoded if the terms say so. Errors: `content-too-large`, `content-encoding-unsupported`,
 * `request-malformed`, `request-timeout`, `overloaded`.
 */
export async function readContent(
  { request }: Pick<AdmittedRequest, 'request'>,
  room: BodyRoom,
): Promise<Result<ReadRequest, Refusal>> {
  const { headers } = request
  const { maxBytes, decodes } = room.terms
  const sent = contentOf(request)
  const coding = decodes === true && sent !== null ? codingOf(headers) : 'identity'
  if (coding === undefined) return err(CODING_UNSUPPORTED)
  const body = coding === 'identity' || sent === null ? sent : decodeBody(sent, coding, maxBytes)
  const content = await readBytes({ headers, body }, room)
  if (!content.ok) return err(faultOf(content.error, maxBytes))
  const fields = coding === 'identity' ? headers : decodedFields(headers)
  return ok({ request: sent === null ? request : withContent(request, fields, content.value), content: content.value })
}

function withContent({ url, method, signal }: Request, headers: Headers, body: Uint8Array<ArrayBuffer>): Request {
  return new Request(url, { method, headers, body, signal })
}

/** Request fields that are true of the compressed content alone. */
const OF_THE_CODING = ['content-encoding', 'content-length', 'content-digest', 'content-md5']

function decodedFields(fields: Headers): Headers {
  const decoded = new Headers(fields)
  for (const name of OF_THE_CODING) decoded.delete(name)
  return decoded
}

const CODING_UNSUPPORTED = refusal(
  'content-encoding-unsupported',
  `The content of this request is read, and is in a coding that is not. Send it as it is, or as one of: ${DECODED_CODINGS}. Nothing was charged.`,
  { fields: [['Accept-Encoding', DECODED_CODINGS]] },
)

/** Binds a key to its request, as digests: key and content are the client's own affair. */
export async function keyedBy(field: string, admitted: AdmittedRequest): Promise<Idempotency> {
  const [key, digest] = await Promise.all([digestOf(field), digestOf(lineOf(admitted), admitted.content)])
  return { key, digest }
}

/**
 * Binds a payment to its request: it pays for one method, target and content of one site, for one pack, and for whoever brings the
 * signature that it was claimed with. Two packs may cost the same, and who pays signs the amount alone. A settled payment is
 * checked by nobody any more, and its chain shows it to everyone, the signature too in the end: so an `Idempotency-Key` that came
 * with it has to come again.
 */
export async function boundTo(admitted: AdmittedRequest, { paid, fills }: PaymentCost): Promise<Idempotency> {
  const { signature = null, pack } = paid
  const sold = pack === undefined ? null : [describePack(pack), fills?.issuer, fills?.account]
  const claimed = JSON.stringify([signature, sold, idempotencyKeyOf(admitted) ?? null])
  return { key: 'payment', digest: await digestOf(`${lineOf(admitted)} ${claimed}`, admitted.content) }
}

/**
 * Returns the request as its client may send it again by itself; undefined if the route's meter knows no such clients. The digest
 * is of everything that it sends.
 */
export async function clientRetryOf(admitted: AdmittedRequest): Promise<ClientRetry | undefined> {
  const { route, exchange, content } = admitted
  const { meter } = route
  if (meter?.isRetry === undefined || meter.classify(exchange) !== 'metered') return undefined
  return { digest: await digestOf(lineOf(admitted), content), isRetry: meter.isRetry(exchange) }
}

function lineOf({ exchange, partition, zone }: AdmittedRequest): string {
  return `${zone.id} ${exchange.method} ${exchange.target.path}${partition.query}`
}

/** Returns the SHA-256 of a line and the content after it, in base64url. */
export async function digestOf(line: string, content = new Uint8Array()): Promise<string> {
  const begin = new TextEncoder().encode(`${line}\n`)
  const bytes = new Uint8Array(begin.length + content.length)
  bytes.set(begin)
  bytes.set(content, begin.length)
  return base64url.encode(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)))
}

/** Returns the request to be answered from the store or not at all (RFC 9111 §5.2.1.7). */
export function fromStoreOnly(admitted: AdmittedRequest): AdmittedRequest {
  const { exchange, request } = admitted
  const headers = new Headers(request.headers)
  for (const name of FOR_THE_ORIGIN) headers.delete(name)
  headers.set('cache-control', 'only-if-cached')
  return {
    ...admitted,
    exchange: { ...exchange, fields: { get: (name) => headers.get(name) } },
    request: new Request(request.url, { method: request.method, headers }),
  }
}

/** The conditions that only an origin can evaluate, and a field that would mean more than one directive. */
const FOR_THE_ORIGIN = ['if-match', 'if-unmodified-since', 'pragma']

const MAX_REPRESENTATION = 200

const STRONG_TAG = /^"[\x21\x23-\x7e\x80-\uffff]*"$/

/**
 * Returns the strong validator of a response (RFC 9110 §8.8.1): only equal bytes share one. A date is never taken for one.
 */
export function strongValidatorOf(response: Response): string | undefined {
  const tag = representationOf(response)
  return tag !== undefined && STRONG_TAG.test(tag) ? tag : undefined
}

/** Returns the value that tells a representation from the next of the same resource; undefined if nothing does. */
export function representationOf({ headers }: Response): string | undefined {
  const validator = headers.get('etag') ?? headers.get('last-modified')
  // workerd shows all bytes that are not UTF-8 as one character, so different tags may look alike.
  const isKnown = validator !== null && validator.length <= MAX_REPRESENTATION && !validator.includes(UNREADABLE)
  return isKnown ? validator : undefined
}
