/**
 * Which answers are kept for the same request again, and what of them.
 *
 * An answer is kept if it costs, is whole and ends by itself. Fields that belong to one response or one connection are left
 * out: the gate or the server writes them anew. `Set-Cookie` is left out too: it may have been replaced since, and is a
 * credential.
 */
import { CACHE_ONLY_FIELDS, isEventStream } from '../../http/rules/fields.ts'
import { type AnswerField, fieldBytes, MAX_ANSWER_BODY_BYTES, MAX_ANSWER_FIELDS_BYTES } from './answers.ts'
import { isCharged } from './delivered.ts'

/** The field that marks an answer sent again. */
export const REPLAYED_FIELD = 'Idempotency-Replayed'

const OF_ONE_RESPONSE: ReadonlySet<string> = new Set([
  ...CACHE_ONLY_FIELDS,
  'age',
  'alt-svc',
  'cache-status',
  'connection',
  'content-length',
  'date',
  'idempotency-replayed',
  'keep-alive',
  'proxy-authenticate',
  'proxy-connection',
  'ratelimit',
  'ratelimit-policy',
  'server-timing',
  'set-cookie',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** The head of an answer, before it is shaped for its client. */
export interface AnswerHead {
  /** The method of the request, upper case. */
  readonly method: string
  readonly status: number
  readonly headers: Headers
  /** Fields that a meter takes away, in lower case. */
  readonly hidden: readonly string[]
}

/**
 * Returns the fields to keep of an answer; undefined if the answer is not kept: it costs nothing, is a part, goes on without
 * end, is too large, or has fields that cannot be read.
 */
export function fieldsToKeep(head: AnswerHead): readonly AnswerField[] | undefined {
  const { method, status, headers } = head
  if (!isCharged({ method, status }) || status === 101 || status === 206) return undefined
  if (isEventStream(headers) || Number(headers.get('content-length') ?? 0) > MAX_ANSWER_BODY_BYTES) return undefined
  const fields: AnswerField[] = []
  for (const [name, value] of headers)
    if (!OF_ONE_RESPONSE.has(name) && !head.hidden.includes(name)) fields.push({ name, value })
  const isKept =
    fieldBytes({ fields }) <= MAX_ANSWER_FIELDS_BYTES && !fields.some(({ value }) => value.includes('\uFFFD'))
  return isKept ? fields : undefined
}
