import { refusal, type Refusal } from '../../core/problem.ts'
import type { ModelProvider } from './provider.ts'

/** The fields of content, which any API may have. */
const OF_CONTENT = ['accept', 'content-type', 'content-length', 'user-agent']

/** What the operator lets through beside what the provider's file knows. */
export interface AllowedFields {
  readonly betas: readonly string[]
}

/**
 * Leaves in a request to the provider what its file lists. Whatever else a client sends could name another organisation, price or
 * customer, or is ours.
 */
export function keepListedFields(headers: Headers, provider: ModelProvider, { betas }: AllowedFields): void {
  const { requestFields, fieldValues = {} } = provider
  for (const name of Array.from(headers.keys())) {
    const values = fieldValues[name]
    if (values !== undefined) keepValues(headers, name, [...values, ...betas])
    else if (!OF_CONTENT.includes(name) && !isListed(name, requestFields)) headers.delete(name)
  }
  // What is counted is the text of an answer, and not the text of its coding.
  headers.set('accept-encoding', 'identity')
}

/** Entries may end in `*`: every name with that beginning. */
function isListed(name: string, fields: readonly string[]): boolean {
  return fields.some((field) => (field.endsWith('*') ? name.startsWith(field.slice(0, -1)) : name === field))
}

function keepValues(headers: Headers, name: string, values: readonly string[]): void {
  const kept = (headers.get(name) ?? '')
    .split(',')
    .map((value) => value.trim())
    .filter((value) => values.includes(value))
  if (kept.length === 0) headers.delete(name)
  else headers.set(name, kept.join(','))
}

/** The response fields of content. */
const OF_ANSWERS = ['content-type', 'content-length', 'date']

/** Returns the fields of an answer that may leave: not the operator's organisation, nor its own limits. */
export function answerFields({ headers }: Response, { responseFields }: ModelProvider): Headers {
  const kept = new Headers()
  for (const [name, value] of headers)
    if (OF_ANSWERS.includes(name) || isListed(name, responseFields)) kept.append(name, value)
  return kept
}

/** What to do with an answer, by its status. */
export type Verdict =
  | { readonly kind: 'pass' }
  /** Another server or model may do better. `refusal` answers if there is none. */
  | { readonly kind: 'next'; readonly refusal: Refusal }
  | { readonly kind: 'refuse'; readonly refusal: Refusal }

/** Faults of the client's request: the provider's own words say what is wrong with it. */
const OF_REQUESTS: ReadonlySet<number> = new Set([400, 404, 408, 409, 413, 415, 422])
const BUSY: ReadonlySet<number> = new Set([429, 503, 529])

const UNAUTHORISED = refusal('misconfigured', 'The provider refuses the key of this gate. Nothing was charged.')
const OVERLOADED = refusal('overloaded', 'The provider takes no more calls at the moment. Nothing was charged.')
const FAILED = refusal('origin-unreachable', 'The provider failed to answer this call. Nothing was charged.')

/**
 * Judges an answer by its status. What a provider says about the operator's own account (401, 402, 403, 429), or to whoever
 * follows it elsewhere (3xx), is not for customers: such answers repeat parts of keys.
 */
export function judgeStatus(status: number): Verdict {
  if (status >= 200 && status < 300) return { kind: 'pass' }
  if (OF_REQUESTS.has(status)) return { kind: 'pass' }
  if (BUSY.has(status)) return { kind: 'next', refusal: OVERLOADED }
  if (status === 401 || status === 402 || status === 403) return { kind: 'refuse', refusal: UNAUTHORISED }
  return { kind: status >= 500 ? 'next' : 'refuse', refusal: FAILED }
}

/** Judges a fault of a request that cannot be shown to its client. */
export function verdictOfFault(kind: 'account' | 'unread'): Exclude<Verdict, { kind: 'pass' }> {
  return { kind: 'refuse', refusal: kind === 'account' ? UNAUTHORISED : FAILED }
}

/** Words by which providers say that they are busy: in a type, a code or a status of an error. */
const BUSY_WORDS = /overloaded|rate_limit|too_many|unavailable|exhausted|\b(?:429|503|529)\b/i

/** Judges an error that came in place of an answer. Its text is the provider's, and goes no further. */
export function verdictOfError(data: unknown): Exclude<Verdict, { kind: 'pass' }> {
  const error = memberOf(data, 'error') ?? memberOf(memberOf(data, 'response'), 'error') ?? data
  const words = ['type', 'code', 'status'].map((name) => memberOf(error, name)).join(' ')
  return { kind: 'next', refusal: BUSY_WORDS.test(words) ? OVERLOADED : FAILED }
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
}
