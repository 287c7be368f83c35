import { geminiErrors } from './errors/gemini.ts'
import { languageModels } from './languagemodels.ts'
import type { LlmOptions } from './llm/options.ts'
import type { ModelApi, ModelProvider, ProviderEndpoint } from './llm/provider.ts'
import { geminiImages } from './llm/rules/imagetokens.ts'
import type { MeterPlugin } from './plugin.ts'
import { chatApi } from './shapes/chat.ts'
import { embeddingsApi } from './shapes/embeddings.ts'
import { authorizeBearer, STAINLESS_FIELDS } from './shapes/endpoints.ts'
import { batchEmbedContents, countGeminiTokens, embedContent, generateContent } from './shapes/generatecontent.ts'
import { isOfGoogle } from './shapes/generatecontentparts.ts'

/**
 * Meters Gemini's API: generateContent, whole and as a stream of events (`alt=sse`), embeddings, and the chats and embeddings that it has
 * in OpenAI's shape below `/v1beta/openai`. Clients set their base URL to the route, without a version.
 *
 * Closed: a stream as a JSON array (without `alt=sse`), interactions, batches, files, cached contents, and the Live API.
 *
 * @example
 * ```ts zone
 * routes: [
 *   {
 *     path: '/gemini/*',
 *     requires: 'api',
 *     meter: gemini({ secret: 'GEMINI_KEY', currency: 'USD', models: 'catalogue' }),
 *   },
 * ]
 * ```
 */
export function gemini(options: LlmOptions): MeterPlugin {
  return languageModels(geminiProvider, options)
}

const CHAT =
  `frequency_penalty logprobs max_completion_tokens max_tokens messages model n parallel_tool_calls presence_penalty
  reasoning_effort response_format seed stop stream stream_options temperature tool_choice tools top_logprobs top_p
  user`.split(/\s+/)
const EMBEDDINGS = 'dimensions encoding_format input model user'.split(' ')

/** In OpenAI's shape, by their path. */
const COMPATIBLE: Readonly<Record<string, ModelApi>> = {
  '/v1beta/openai/chat/completions': chatApi({
    members: CHAT,
    caps: ['max_completion_tokens', 'max_tokens'],
    tiers: {},
    usage: 'asked',
    hides: () => true,
    mayFetch: (host) => !isOfGoogle(host),
  }),
  '/v1beta/openai/embeddings': embeddingsApi(EMBEDDINGS),
}

/** What Gemini's API looks like. */
export const geminiProvider: ModelProvider = {
  name: 'gemini',
  url: 'https://generativelanguage.googleapis.com',
  endpoint,
  authorize(headers, secret, path) {
    if (path.startsWith('/v1beta/openai/')) authorizeBearer(headers, secret)
    else headers.set('x-goog-api-key', secret)
  },
  requestFields: ['accept', 'content-type', 'user-agent', 'x-goog-api-client', 'x-server-timeout', ...STAINLESS_FIELDS],
  responseFields: [],
  errors: geminiErrors,
  // google-genai for Python 2.25 takes every line that is not data for a piece of JSON.
  takesComments: false,
  images: geminiImages,
  models: (ids, one) => (one === undefined ? { models: ids.map(describe) } : describe(one)),
}

const MODEL = /^\/v1(?:beta)?\/models\/([\w.~@-]+)$/
const CALL = /^\/v1(?:beta)?\/models\/[\w.~@-]+:(\w+)$/

function endpoint(method: string, path: string, query: string): ProviderEndpoint | undefined {
  if (method === 'GET' || method === 'HEAD') {
    const id = MODEL.exec(path)?.[1]
    return id !== undefined || /^\/v1(?:beta)?\/models$/.test(path) ? { kind: 'models', id } : undefined
  }
  if (method !== 'POST') return undefined
  const compatible = Object.hasOwn(COMPATIBLE, path) ? COMPATIBLE[path] : undefined
  if (compatible !== undefined) return { kind: 'metered', api: compatible, path }
  switch (CALL.exec(path)?.[1] ?? '') {
    case 'generateContent':
      return { kind: 'metered', api: generateContent, path }
    case 'streamGenerateContent':
      if (!/[?&]alt=sse(?:&|$)/.test(query)) return undefined
      return { kind: 'metered', api: generateContent, path: `${path}?alt=sse` }
    case 'embedContent':
      return { kind: 'metered', api: embedContent, path }
    case 'batchEmbedContents':
      return { kind: 'metered', api: batchEmbedContents, path }
    case 'countTokens':
      return { kind: 'counter', api: countGeminiTokens, path }
  }
  return undefined
}

const METHODS = ['generateContent', 'streamGenerateContent', 'countTokens', 'embedContent', 'batchEmbedContents']

function describe(id: string) {
  return { name: `models/${id}`, baseModelId: id, version: '', displayName: id, supportedGenerationMethods: METHODS }
}
