import type { JsonMembers } from '../../core/json.ts'
import type { ErrorFacts, ErrorShape } from '../llm/provider.ts'
import { errorKindOf, requestIdOf, sseEvent, withProblem } from './kind.ts'
import { OPENAI_ERROR_TEXTS } from './openai.ts'

/**
 * Errors of Mistral: `{"object": "error", "message", "type", "param", "code"}`, without a member around them. Its SDK shows the whole
 * body, so the message comes first.
 */
export const mistralErrors: ErrorShape = {
  body: (facts) => withProblem(errorOf(facts), facts),
  fields: (facts) => [['x-request-id', requestIdOf(facts)]],
  terminal: (_api, facts) => sseEvent({ error: errorOf(facts) }),
}

function errorOf(facts: ErrorFacts): JsonMembers {
  const [type, code] = OPENAI_ERROR_TEXTS[errorKindOf(facts)]
  return { message: facts.message, object: 'error', type, param: null, code }
}
