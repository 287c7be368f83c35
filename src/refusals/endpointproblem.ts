import type { Json } from '../core/json.ts'
import type { Exchange } from '../http/rules/exchange.ts'
import type { Reason, Remedy } from '../core/problem.ts'
import type { Result } from '../core/result.ts'
import type { ReadFault } from '../http/body.ts'

/** Why one of the gate's own endpoints refuses an operator, or an account. */
export interface EndpointProblem {
  /** `about:blank`, where it says no more than the status does. */
  readonly type?: string
  readonly status: number
  readonly title: string
  readonly detail: string
  /** Of the credential, where that is at fault. */
  readonly reason?: Reason
  readonly check?: string | undefined
  readonly remedies?: readonly Remedy[]
  readonly fields?: Readonly<Record<string, string>>
  /** In place of the problem document, where another specification has a form of its own; `fields` says its media type. */
  readonly body?: Json
}

/** What the log says of it: of a refusal the reason and the check that failed, where it has them. */
export function whyOf(done: Result<unknown, EndpointProblem>): Pick<EndpointProblem, 'reason' | 'check'> {
  if (done.ok) return {}
  const { reason, check } = done.error
  return { ...(reason && { reason }), ...(check && { check }) }
}

/** What every answer of the gate's own endpoints has. */
export const NOT_STORED = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }

/** A problem document (RFC 9457), for a program: these endpoints have no pages. */
export function endpointProblem(
  { fields, body: own, ...problem }: EndpointProblem,
  { id, method }: Exchange,
): Response {
  const body = own ?? { type: 'about:blank', ...problem, instance: `urn:uuid:${id}` }
  const headers = { 'content-type': 'application/problem+json', ...NOT_STORED, ...fields }
  return new Response(method === 'HEAD' ? null : JSON.stringify(body), { status: problem.status, headers })
}

/** JSON, for a program. */
export function endpointAnswer(body: unknown): Response {
  return Response.json(body, { headers: NOT_STORED })
}

/** A body that could not be read, though it might have been good. */
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
