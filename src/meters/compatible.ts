import type { ModelProvider } from './llm/provider.ts'
import { openaiErrors } from './errors/openai.ts'
import { type LanguageModelsOptions, languageModels } from './languagemodels.ts'
import type { MeterPlugin } from './plugin.ts'
import { chatApi } from './shapes/chat.ts'
import { completionsApi } from './shapes/completions.ts'
import type { ContentRules } from './shapes/content.ts'
import { embeddingsApi } from './shapes/embeddings.ts'
import { authorizeBearer, endpointIn, type EndpointTable, modelList, withBareUrl } from './shapes/endpoints.ts'
import { responsesApi } from './shapes/responses.ts'

/** What is told of a server of one's own. */
export interface CompatibleOptions extends Omit<LanguageModelsOptions, 'url' | 'tiers'> {
  /** Where the server answers, or several that have the same models. https, except on loopback. */
  url: string | string[]
}

/**
 * Meters a server with an API like OpenAI's: vLLM, SGLang, llama.cpp, Ollama, LM Studio and other gateways. Chats, completions,
 * responses and embeddings are metered, the list of models is free, everything else is closed.
 *
 * @example
 * ```ts zone
 * routes: [
 *   {
 *     path: '/llama/*',
 *     requires: 'api',
 *     meter: compatible({
 *       url: 'http://127.0.0.1:8000/v1',
 *       currency: 'USD',
 *       models: { 'llama-4-scout': { rates: { input: '0.11', output: '0.34' }, limit: { input: 131_072, output: 8192 } } },
 *       runningUsage: true,
 *     }),
 *   },
 * ]
 * ```
 */
export function compatible(options: CompatibleOptions): MeterPlugin {
  return languageModels(compatibleProvider(options), withBareUrl(options, BASE), { needsSecret: false })
}

const BASE = '/v1'

// What may be in a request: OpenAI's members, and those by which vLLM, SGLang, llama.cpp and Ollama sample. Left out is what
// can change the prompt, the model or the server: `chat_template`, `mm_processor_kwargs`, `lora_path`, `custom_logit_processor`,
// `id_slot`, `kv_transfer_params`; and `use_beam_search` and `include_reasoning`, with which tokens are generated and not delivered.
const SAMPLING =
  `bad_words cache_prompt chat_template_kwargs frequency_penalty grammar guided_choice guided_grammar guided_json guided_regex
  ignore_eos json_schema length_penalty logit_bias logprobs max_tokens min_p min_tokens mirostat mirostat_eta mirostat_tau model n
  presence_penalty prompt_logprobs repeat_penalty repetition_penalty seed skip_special_tokens stop stop_token_ids stream
  stream_options structured_outputs temperature top_k top_p typical_p user`.split(/\s+/)
const CHAT = [
  ...SAMPLING,
  ...`max_completion_tokens messages metadata parallel_tool_calls prediction prompt_cache_key reasoning reasoning_effort
  reasoning_format response_format safety_identifier store tool_choice tools top_logprobs verbosity`.split(/\s+/),
]
const COMPLETIONS = [...SAMPLING, ...'best_of echo prompt response_format suffix'.split(' ')]
const RESPONSES =
  `background conversation frequency_penalty include input instructions max_output_tokens max_tool_calls metadata model
  parallel_tool_calls presence_penalty previous_response_id prompt prompt_cache_key reasoning safety_identifier seed store stream
  stream_options temperature text tool_choice tools top_k top_logprobs top_p truncation user`.split(/\s+/)
const EMBEDDINGS = 'dimensions encoding_format input model truncate_prompt_tokens user'.split(' ')

/** Templates of open models, such as those of gpt-oss and Mistral Small, add a prompt of some hundred tokens if a request has none. */
const TEMPLATE_TOKENS = 1000

const delivers = (): boolean => false

/** Returns what the API of such a server looks like. */
export function compatibleProvider(
  options: Pick<CompatibleOptions, 'runningUsage' | 'includeUsage' | 'mediaHosts'> = {},
): ModelProvider {
  const { runningUsage = false, includeUsage, mediaHosts } = options ?? {}
  const hosts = new Set(Array.isArray(mediaHosts) ? mediaHosts.map((host) => host.toLowerCase()) : [])
  const content: ContentRules = { mayFetch: (host) => hosts.has(host), templateTokens: TEMPLATE_TOKENS }
  const usage = includeUsage === false ? 'never' : 'asked'
  const table: EndpointTable = {
    bases: [BASE],
    base: BASE,
    metered: {
      '/chat/completions': chatApi({
        ...content,
        members: CHAT,
        caps: ['max_completion_tokens', 'max_tokens'],
        capsTwice: true,
        tiers: {},
        usage,
        runningUsage,
        hides: delivers,
      }),
      '/completions': completionsApi({
        name: 'completions',
        members: COMPLETIONS,
        usage,
        runningUsage,
        uncapsAtZero: true,
      }),
      '/responses': responsesApi({ ...content, members: RESPONSES, tiers: {}, hides: delivers }),
      '/embeddings': embeddingsApi(EMBEDDINGS),
    },
  }
  return {
    name: 'compatible',
    url: 'http://127.0.0.1:8000',
    endpoint: (method, path) => endpointIn(table, method, path),
    authorize: authorizeBearer,
    requestFields: ['accept', 'content-type'],
    responseFields: [],
    errors: openaiErrors,
    models: (ids, one) => modelList(ids, one, { owned_by: 'operator' }),
  }
}
