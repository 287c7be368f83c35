import type { LlmOptions } from './llm/options.ts'
import type { ModelProvider } from './llm/provider.ts'
import { openaiErrors } from './errors/openai.ts'
import { languageModels } from './languagemodels.ts'
import type { MeterPlugin } from './plugin.ts'
import { chatApi } from './shapes/chat.ts'
import { embeddingsApi } from './shapes/embeddings.ts'
import { authorizeBearer, endpointIn, type EndpointTable, modelList, withBareUrl } from './shapes/endpoints.ts'

/**
 * Meters Baidu's Qianfan (ERNIE and others): chats and embeddings in the shape of OpenAI's, whole and streamed. The list of models
 * is free, everything else is closed. Its prices are in CNY: rates are typed in the currency that is sold in.
 *
 * @example
 * ```ts zone
 * routes: [
 *   {
 *     path: '/qianfan/*',
 *     requires: 'api',
 *     meter: qianfan({
 *       secret: 'QIANFAN_KEY',
 *       currency: 'CNY',
 *       models: { 'ernie-5.0': { rates: { input: '6', output: '24' }, limit: { input: 119_000, output: 65_536 } } },
 *     }),
 *   },
 * ]
 * ```
 */
export function qianfan(options: LlmOptions): MeterPlugin {
  return languageModels(qianfanProvider, withBareUrl(options, BASE))
}

const BASE = '/v2'

// What may be in a request. Left out: `web_search`, whose fee no answer reports.
const CHAT =
  `enable_thinking frequency_penalty logprobs max_completion_tokens max_tokens messages metadata model n parallel_tool_calls
  penalty_score presence_penalty reasoning_effort repetition_penalty response_format seed stop stream stream_options temperature
  thinking_budget thinking_strategy tool_choice tools top_k top_logprobs top_p user`.split(/\s+/)
const EMBEDDINGS = 'encoding_format input model user'.split(' ')

const table: EndpointTable = {
  bases: [BASE, '/v1'],
  base: BASE,
  metered: {
    '/chat/completions': chatApi({
      members: CHAT,
      caps: ['max_completion_tokens', 'max_tokens'],
      tiers: {},
      usage: 'asked',
      hides: () => false,
    }),
    '/embeddings': embeddingsApi(EMBEDDINGS),
  },
}

/** What Qianfan's API looks like. */
export const qianfanProvider: ModelProvider = {
  name: 'qianfan',
  url: 'https://qianfan.baidubce.com',
  endpoint: (method, path) => endpointIn(table, method, path),
  authorize: authorizeBearer,
  requestFields: ['accept', 'content-type'],
  responseFields: ['x-request-id'],
  errors: openaiErrors,
  models: (ids, one) => modelList(ids, one, { owned_by: 'qianfan' }),
}
