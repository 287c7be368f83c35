import type { Json } from '../core/json.ts'
import type { Exchange } from '../http/rules/exchange.ts'
import type { Reason } from '../core/problem.ts'
import type { Remedy } from '../core/remedy.ts'
import type { Result } from '../core/result.ts'
import type { ReadFault } from '../http/body.ts'
import { prefersHtml } from '../http/accept.ts'
import type { Pages } from '../pages/pages.ts'
import { type OwnPage, ownPage } from './ownpage.ts'

/** The refusal of one of the gate's own endpoints, for an operator or an account. */
export interface EndpointProblem {
  /** Left out if the status says everything: the document then has `about:blank`. */
  readonly type?: string
  readonly status: number
  readonly title: string
  readonly detail: string
  /** The reason, if a credential is at fault. */
  readonly reason?: Reason
  readonly check?: string | undefined
  readonly remedies?: readonly Remedy[]
  readonly fields?: Readonly<Record<string, string>>
  /** Replaces the problem document if another specification defines the body; `fields` then names its media type. */
  readonly body?: Json
  /** Replaces the problem document by a page, for whoever is meant to read it in a browser. `fields` are its own. */
  readonly page?: string
}

/** Returns the reason and the failed check for the log. Both are left out of a success, and of a refusal without them. */
export function whyOf(done: Result<unknown, EndpointProblem>): Pick<EndpointProblem, 'reason' | 'check'> {
  if (done.ok) return {}
  const { reason, check } = done.error
  return { ...(reason && { reason }), ...(check && { check }) }
}

/** The fields of every answer of the gate's own endpoints. */
export const NOT_STORED = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }

/**
 * Returns a problem document (RFC 9457), or a page: the problem's own, or a plain one for a browser. `pages`: those of the site;
 * undefined if it is not known.
 */
export function endpointProblem(problem: EndpointProblem, exchange: Exchange, pages: Pages | undefined): Response {
  const { status, fields } = problem
  const written = writtenFor(problem, exchange, pages)
  const headers = { ...NOT_STORED, ...written.fields, ...fields }
  return new Response(exchange.method === 'HEAD' ? null : written.text, { status, headers })
}

function writtenFor(
  { fields: _fields, body, page, ...problem }: EndpointProblem,
  exchange: Exchange,
  pages: Pages | undefined,
): OwnPage {
  if (page !== undefined) return { text: page, fields: { 'content-type': 'text/html; charset=utf-8' } }
  if (body === undefined && pages !== undefined && prefersHtml(exchange.fields.get('accept')))
    return ownPage(problem, exchange, pages)
  const document = body ?? { type: 'about:blank', ...problem, instance: `urn:uuid:${exchange.id}` }
  return { text: JSON.stringify(document), fields: { 'content-type': 'application/problem+json' } }
}

/** Returns a JSON answer. */
export function endpointAnswer(body: unknown): Response {
  return Response.json(body, { headers: NOT_STORED })
}

/** The problems of a body that could not be read. The body itself may have been valid. */
export const UNREAD: Record<Exclude<ReadFault, 'too-large'>, EndpointProblem> = {
  broken: {
    status: 400,
    title: 'Bad Request',
    detail: 'The body broke off. Nothing was done.',
    reason: 'request-malformed',
  },
  late: {
    status: 408,
    title: 'Request Timeout',
    detail: 'The body did not come in time. Nothing was done.',
    reason: 'request-timeout',
  },
  'no-room': {
    status: 503,
    title: 'Service Unavailable',
    detail: 'Too many bodies are being read at once. Nothing was done. Send it again.',
    reason: 'overloaded',
    fields: { 'retry-after': '5' },
  },
}
