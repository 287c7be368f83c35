import type { JsonMembers } from '../../core/json.ts'
import type { Refusal } from '../../core/problem.ts'
import { err, ok, type Result } from '../../core/result.ts'
import type { ModelApi } from '../llm/provider.ts'
import type { ModelRequest } from '../llm/rules/request.ts'
import { ChoicesReader } from './choicesreader.ts'
import { readingsOf } from './completions.ts'
import { contentIn } from './content.ts'
import { commonEdits } from './edits.ts'
import { malformed, RequestMembers } from './members.ts'

/** Returns the API of embeddings: each text of a list is read by itself, and nothing is generated. */
export function embeddingsApi(members: readonly string[]): ModelApi {
  return {
    name: 'embeddings',
    members,
    read: readEmbedding,
    edit: commonEdits,
    reader: (request) => new ChoicesReader({ request, tiers: {}, isRunning: false, delivered: undefined }),
  }
}

function readEmbedding(body: JsonMembers): Result<ModelRequest, Refusal> {
  const members = new RequestMembers(body)
  const model = members.required('model')
  const readings = readingsOf(body['input'])
  members.text('user')
  if (readings === 0) members.refuse(malformed('"input" has to be a text, tokens, or a list of them'))
  const content = contentIn(body)
  if (members.fault !== undefined) return err(members.fault)
  if (!content.ok) return content
  return ok({
    model,
    isStream: false,
    isUsageAsked: true,
    input: { ...content.value, readings, hasTools: false },
    output: { cap: undefined, choices: 0n, leastCap: 1n, fees: {} },
    tools: [],
    tier: undefined,
    writesLongCache: false,
  })
}
