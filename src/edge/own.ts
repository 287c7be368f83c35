import type { Exchange } from '../core/exchange.ts'
import type { Reason, Remedy } from '../core/problem.ts'

/** Why one of the gate's own endpoints refuses an operator, or an account. */
export interface OwnProblem {
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
}

/** What every answer of the gate's own endpoints has. */
export const NOT_STORED = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }

/** A problem document (RFC 9457), for a program: these endpoints have no pages. */
export function ownProblem({ fields, ...problem }: OwnProblem, { id, method }: Exchange): Response {
  const body = { type: 'about:blank', ...problem, instance: `urn:uuid:${id}` }
  const headers = { 'content-type': 'application/problem+json', ...NOT_STORED, ...fields }
  return new Response(method === 'HEAD' ? null : JSON.stringify(body), { status: problem.status, headers })
}

/** JSON, for a program. */
export function ownAnswer(body: unknown): Response {
  return Response.json(body, { headers: NOT_STORED })
}
