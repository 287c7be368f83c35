import type { LlmOptions } from './llm/options.ts'
import type { ModelProvider } from './llm/provider.ts'
import { mistralErrors } from './errors/mistral.ts'
import { languageModels } from './languagemodels.ts'
import type { MeterPlugin } from './plugin.ts'
import { chatApi } from './shapes/chat.ts'
import { completionsApi } from './shapes/completions.ts'
import { embeddingsApi } from './shapes/embeddings.ts'
import { authorizeBearer, endpointIn, type EndpointTable, modelList, withBareUrl } from './shapes/endpoints.ts'

/**
 * Meters Mistral: chats, fill-in-the-middle and embeddings, whole and streamed. Moderations and the list of models are free.
 * Everything else is closed: agents and conversations live at the provider, and so do files, libraries and batches.
 *
 * @example
 * ```ts zone
 * routes: [
 *   {
 *     path: '/mistral/*',
 *     requires: 'api',
 *     meter: mistral({ secret: 'MISTRAL_KEY', currency: 'USD', models: 'catalogue' }),
 *   },
 * ]
 * ```
 */
export function mistral(options: LlmOptions): MeterPlugin {
  return languageModels(mistralProvider, withBareUrl(options, BASE))
}

const BASE = '/v1'

// What may be in a request, from the types of @mistralai/mistralai 2.7 (models/components). Left out: `guardrails`, which have
// models of their own look at the answer.
const CHAT =
  `frequency_penalty max_tokens messages metadata model n parallel_tool_calls prediction presence_penalty prompt_cache_key
  prompt_mode random_seed reasoning_effort response_format safe_prompt service_tier stop stream temperature tool_choice tools
  top_p`.split(/\s+/)
const FIM = `max_tokens metadata min_tokens model prompt prompt_cache_key random_seed stop stream suffix temperature
  top_p`.split(/\s+/)
const EMBEDDINGS = 'encoding_format input metadata model output_dimension output_dtype'.split(' ')

const table: EndpointTable = {
  bases: [BASE],
  base: BASE,
  metered: {
    '/chat/completions': chatApi({
      members: CHAT,
      caps: ['max_tokens'],
      tiers: { standard_only: 'default', auto: 'auto', standard: 'default', default: 'default', priority: 'fast' },
      usage: 'always',
      hides: () => false,
    }),
    '/fim/completions': completionsApi({ name: 'fim', members: FIM, usage: 'always' }),
    '/embeddings': embeddingsApi(EMBEDDINGS),
  },
  free: ['/moderations', '/chat/moderations'],
}

/** What its SDK expects of each model of a list. */
const MODEL = { owned_by: 'mistralai', type: 'base', capabilities: {} }

/** What Mistral's API looks like. */
export const mistralProvider: ModelProvider = {
  name: 'mistral',
  url: 'https://api.mistral.ai',
  endpoint: (method, path) => endpointIn(table, method, path),
  authorize: authorizeBearer,
  requestFields: ['accept', 'content-type'],
  responseFields: ['mistral-correlation-id'],
  errors: mistralErrors,
  models: (ids, one) => modelList(ids, one, MODEL),
}
