import type { JsonMembers } from '../../core/json.ts'
import type { ErrorFacts, ErrorShape } from '../llm/provider.ts'
import { type ErrorKind, errorKindOf, remedyView, requestIdOf, sseEvent, withProblem } from './kind.ts'

/**
 * Errors of Anthropic: `{"type": "error", "error": {"type", "message", "details"}, "request_id"}`. Its SDKs choose their exception
 * by the status, and its message is `message` beside `error`, or else the whole body.
 */
export const anthropicErrors: ErrorShape = {
  body: (facts) => withProblem({ message: facts.message, ...errorOf(facts) }, facts),
  fields: (facts) => [['request-id', requestIdOf(facts)]],
  terminal: (_api, facts) => sseEvent(errorOf(facts), 'error'),
}

function errorOf(facts: ErrorFacts): JsonMembers {
  const { message, refused } = facts
  const details = { error_code: refused.reason.replaceAll('-', '_'), remedies: refused.remedies.map(remedyView) }
  return {
    type: 'error',
    error: { type: TYPES[errorKindOf(facts)], message, details },
    request_id: requestIdOf(facts),
  }
}

const TYPES: Record<ErrorKind, string> = {
  invalid: 'invalid_request_error',
  credential: 'authentication_error',
  billing: 'billing_error',
  inactive: 'billing_error',
  forbidden: 'permission_error',
  model: 'not_found_error',
  conflict: 'invalid_request_error',
  'too-large': 'request_too_large',
  rate: 'rate_limit_error',
  timeout: 'timeout_error',
  overloaded: 'overloaded_error',
  unavailable: 'api_error',
  internal: 'api_error',
}
