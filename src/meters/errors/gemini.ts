import type { JsonMembers } from '../../core/json.ts'
import type { ErrorFacts, ErrorShape } from '../llm/provider.ts'
import { type ErrorKind, errorKindOf, requestIdOf, sseEvent, withProblem } from './kind.ts'

/**
 * Errors of Google's APIs (AIP-193): `{"error": {"code", "message", "status", "details"}}`, with links in a `google.rpc.Help`. The SDK
 * shows the whole body, so `error` comes first.
 */
export const geminiErrors: ErrorShape = {
  body: (facts) => withProblem({ error: errorOf(facts) }, facts),
  fields: (facts) => [['x-request-id', requestIdOf(facts)]],
  terminal: (_api, facts) => sseEvent({ error: errorOf(facts) }),
}

function errorOf(facts: ErrorFacts): JsonMembers {
  const { refused, message } = facts
  const links = refused.remedies.map(({ title, href }) => ({ description: title, url: href }))
  const details: JsonMembers[] = [
    {
      '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
      reason: refused.reason.replaceAll('-', '_').toUpperCase(),
      domain: 'faregate',
    },
    ...(links.length === 0 ? [] : [{ '@type': 'type.googleapis.com/google.rpc.Help', links }]),
  ]
  return { message, code: refused.status, status: STATUSES[errorKindOf(facts)], details }
}

/** The names of `google.rpc.Code`. */
const STATUSES: Record<ErrorKind, string> = {
  invalid: 'INVALID_ARGUMENT',
  credential: 'UNAUTHENTICATED',
  billing: 'RESOURCE_EXHAUSTED',
  inactive: 'FAILED_PRECONDITION',
  forbidden: 'PERMISSION_DENIED',
  model: 'NOT_FOUND',
  conflict: 'ABORTED',
  'too-large': 'INVALID_ARGUMENT',
  rate: 'RESOURCE_EXHAUSTED',
  timeout: 'DEADLINE_EXCEEDED',
  overloaded: 'UNAVAILABLE',
  unavailable: 'UNAVAILABLE',
  internal: 'INTERNAL',
}
