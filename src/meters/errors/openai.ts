import type { JsonMembers } from '../../core/json.ts'
import type { ErrorFacts, ErrorShape } from '../llm/provider.ts'
import { type ErrorKind, errorKindOf, requestIdOf, sseEvent, withProblem } from './kind.ts'

/**
 * Errors of OpenAI and of the many APIs like it: `{"error": {"message", "type", "param", "code"}}`. Its SDKs choose their
 * exception by the status, and make the message, `type`, `code` and `param` of it from `error`.
 */
export const openaiErrors: ErrorShape = {
  body: (facts) => withProblem({ error: errorOf(facts) }, facts),
  fields: (facts) => [['x-request-id', requestIdOf(facts)]],
  terminal(api, facts) {
    const error = errorOf(facts)
    if (api !== 'responses') return sseEvent({ error })
    const { code, message, param } = error
    // As the API has it, and with the member without which the SDK for Python passes it on as one more event.
    return sseEvent({ type: 'error', code, message, param, sequence_number: 0, error }, 'error')
  },
}

interface OpenaiError extends JsonMembers {
  readonly message: string
  readonly type: string
  readonly param: string | null
  readonly code: string | null
}

function errorOf(facts: ErrorFacts): OpenaiError {
  const [type, code] = OPENAI_ERROR_TEXTS[errorKindOf(facts)]
  return { message: facts.message, type, param: code === 'model_not_found' ? 'model' : null, code }
}

/** The type and code of each kind. Programs know `insufficient_quota`: they give up on it. */
export const OPENAI_ERROR_TEXTS: Record<ErrorKind, readonly [type: string, code: string | null]> = {
  invalid: ['invalid_request_error', null],
  credential: ['invalid_request_error', 'invalid_api_key'],
  billing: ['insufficient_quota', 'insufficient_quota'],
  inactive: ['billing_not_active', 'billing_not_active'],
  forbidden: ['invalid_request_error', 'insufficient_permissions'],
  model: ['invalid_request_error', 'model_not_found'],
  conflict: ['invalid_request_error', 'idempotency_conflict'],
  'too-large': ['invalid_request_error', 'request_too_large'],
  rate: ['rate_limit_exceeded', 'rate_limit_exceeded'],
  timeout: ['server_error', 'timeout'],
  overloaded: ['server_error', 'server_is_overloaded'],
  unavailable: ['server_error', 'server_error'],
  internal: ['server_error', 'server_error'],
}
