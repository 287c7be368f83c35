import type { LlmOptions } from './llm/options.ts'
import type { ModelProvider } from './llm/provider.ts'
import { openaiErrors } from './errors/openai.ts'
import { openaiImages } from './llm/rules/imagetokens.ts'
import { languageModels } from './languagemodels.ts'
import type { MeterPlugin } from './plugin.ts'
import { chatApi } from './shapes/chat.ts'
import { completionsApi } from './shapes/completions.ts'
import { embeddingsApi } from './shapes/embeddings.ts'
import {
  authorizeBearer,
  endpointIn,
  type EndpointTable,
  modelList,
  STAINLESS_FIELDS,
  withBareUrl,
} from './shapes/endpoints.ts'
import { imagesApi } from './shapes/images.ts'
import { compactApi, inputTokensApi, responsesApi } from './shapes/responses.ts'
import { speechApi } from './shapes/speech.ts'
import type { TierSpellings } from './shapes/tier.ts'

/**
 * Meters OpenAI: chats, responses, completions and embeddings, pictures that are drawn and texts that are spoken, whole and
 * streamed. Token counts, moderations and the list of models are free. Everything else is closed: files, batches, conversations,
 * stored responses, realtime; and pictures and sound that are sent as forms.
 *
 * @example
 * ```ts zone
 * routes: [
 *   {
 *     path: '/openai/*',
 *     requires: 'api',
 *     meter: openai({ secret: 'OPENAI_KEY', currency: 'USD', models: 'catalogue' }),
 *   },
 * ]
 * ```
 */
export function openai(options: LlmOptions): MeterPlugin {
  return languageModels(openaiProvider, withBareUrl(options, BASE))
}

const BASE = '/v1'
const COUNTER = '/v1/responses/input_tokens'

// What may be in a request, from the types of openai-node 7.59 (src/resources). Left out, so refused unless the operator lists
// it: `access_programs` (what the operator's organisation was approved for), `background_options` and `context_management`
// (work beside the answer). `client_metadata`, and what `responses/compact` has beside them, is sent by Codex.
const CHAT =
  `audio frequency_penalty function_call functions logit_bias logprobs max_completion_tokens max_tokens messages metadata
  modalities model moderation n parallel_tool_calls prediction presence_penalty prompt_cache_key prompt_cache_options
  prompt_cache_retention reasoning_effort response_format safety_identifier seed service_tier stop store stream stream_options
  temperature tool_choice tools top_logprobs top_p user verbosity web_search_options`.split(/\s+/)
const RESPONSES =
  `background client_metadata conversation image include input instructions max_output_tokens max_tool_calls metadata model moderation
  parallel_tool_calls previous_response_id prompt prompt_cache_key prompt_cache_options prompt_cache_retention reasoning
  safety_identifier service_tier store stream stream_options temperature text tool_choice tools top_logprobs top_p truncation
  user`.split(/\s+/)
const COMPACT =
  `client_metadata image input instructions model parallel_tool_calls previous_response_id prompt_cache_key prompt_cache_options
  prompt_cache_retention reasoning service_tier text tools`.split(/\s+/)
const COMPLETIONS =
  `best_of echo frequency_penalty logit_bias logprobs max_tokens model n presence_penalty prompt seed stop stream stream_options
  suffix temperature top_p user`.split(/\s+/)
const EMBEDDINGS = 'dimensions encoding_format input model user'.split(' ')
// Left out: `frame_count`, `frame_duration_ms` and `svg`, with which one picture is many or another model's, and `complexity`.
const IMAGES =
  `background model moderation n output_compression output_format partial_images prompt quality response_format
  safety_identifier size stream style user`.split(/\s+/)
const SPEECH = 'input instructions model response_format speed stream_format voice'.split(' ')

/** `priority` is what is written in answers, whether `fast` or `priority` was asked for (openai-node 7.59). */
const TIERS: TierSpellings = { auto: 'auto', default: 'default', flex: 'flex', priority: 'fast', fast: 'fast' }

/** Models that deliver all they generate, as text. All others are taken to reason. */
const VISIBLE = /^(?:ft:)?(?:gpt-4|gpt-3\.5|chatgpt-4o|davinci|babbage)(?!.*audio)/

const hides = (model: string): boolean => !VISIBLE.test(model)

const table: EndpointTable = {
  bases: [BASE],
  base: BASE,
  metered: {
    '/chat/completions': chatApi({
      members: CHAT,
      caps: ['max_completion_tokens', 'max_tokens'],
      tiers: TIERS,
      stores: true,
      usage: 'asked',
      counter: COUNTER,
      hides,
    }),
    '/responses': responsesApi({ members: RESPONSES, tiers: TIERS, counter: COUNTER, hides }),
    '/responses/compact': compactApi({ members: COMPACT, tiers: TIERS, hides }),
    '/completions': completionsApi({ name: 'completions', members: COMPLETIONS, usage: 'asked' }),
    '/embeddings': embeddingsApi(EMBEDDINGS),
    '/images/generations': imagesApi(IMAGES),
    '/audio/speech': speechApi(SPEECH),
  },
  counters: { '/responses/input_tokens': inputTokensApi({ hides }) },
  free: ['/moderations'],
}

/** What OpenAI's API looks like. */
export const openaiProvider: ModelProvider = {
  name: 'openai',
  url: 'https://api.openai.com',
  endpoint: (method, path) => endpointIn(table, method, path),
  authorize: authorizeBearer,
  requestFields: ['accept', 'content-type', 'openai-beta', 'x-client-request-id', ...STAINLESS_FIELDS],
  fieldValues: { 'openai-beta': ['responses=experimental'] },
  responseFields: ['openai-processing-ms', 'openai-version', 'x-request-id'],
  errors: openaiErrors,
  images: openaiImages,
  models: (ids, one) => modelList(ids, one, { owned_by: 'openai' }),
}
