import { chatAnswer, chatEvents, completionAnswer, completionEvents, embeddingsAnswer } from './chat.ts'
import type { ModelEvent } from './events.ts'
import { countAnswer, embedAnswer, generateAnswer, generateArray, generateEvents } from './generate.ts'
import { messageAnswer, messageEvents } from './messages.ts'
import { responseAnswer, responseEvents } from './responses.ts'
import type { Family, JsonBody, Turn } from './turn.ts'

/** What lies at a path. */
export type Api =
  | { readonly kind: 'fixed'; answer(): object }
  | {
      readonly kind: 'model'
      readonly name: string
      /** In place of the body's. */
      readonly model?: string
      readonly isFree?: true
      /** True if the path asks for a stream, whatever the body says. */
      readonly isStream?: boolean
      /** Says what a request lacks. */
      missing?(body: JsonBody, fields: Headers): string | undefined
      answer(turn: Turn): object
      events?(turn: Turn): Iterable<ModelEvent>
    }

/** Which provider has the path, if no part of the path says so. `byKey`: the one whose key came with the request. */
export function familyOf(path: string, byKey: Family | undefined): Family {
  if (path.startsWith('/v2/')) return 'qianfan'
  if (path.startsWith('/v1/messages') || path.startsWith('/api/')) return 'anthropic'
  if (path.startsWith('/v1beta/') || /^\/v1\/models\/[^/]+:\w+$/.test(path)) return 'gemini'
  return byKey ?? 'openai'
}

export function apiAt(family: Family, method: string, path: string, query: URLSearchParams): Api | undefined {
  if (family === 'anthropic') return anthropicAt(method, path)
  if (family === 'gemini' && !path.startsWith('/v1beta/openai/')) return geminiAt(method, path, query)
  const rest = path.replace(/^\/(?:v1beta\/openai|v\d+)\//, '')
  const found = OPENAI_APIS[`${method} ${rest}`]
  const isOnlyOpenai = rest.startsWith('responses') && family !== 'openai' && family !== 'compatible'
  return isOnlyOpenai ? undefined : found
}

const list = (): object => ({ object: 'list', data: [{ id: 'demo', object: 'model', created: 0, owned_by: 'demo' }] })

const OPENAI_APIS: Readonly<Record<string, Api>> = {
  'GET models': { kind: 'fixed', answer: list },
  'POST chat/completions': { kind: 'model', name: 'chat', missing: chatLacks, answer: chatAnswer, events: chatEvents },
  'POST completions': {
    kind: 'model',
    name: 'completions',
    missing: chatLacks,
    answer: completionAnswer,
    events: completionEvents,
  },
  'POST embeddings': { kind: 'model', name: 'embeddings', answer: embeddingsAnswer },
  'POST responses': { kind: 'model', name: 'responses', answer: responseAnswer, events: responseEvents },
  'POST responses/input_tokens': {
    kind: 'model',
    name: 'count',
    isFree: true,
    answer: ({ input }) => ({ object: 'response.input_tokens', input_tokens: input }),
  },
}

function chatLacks(body: JsonBody): string | undefined {
  const isStray = body['stream_options'] !== undefined && body['stream_options'] !== null && body['stream'] !== true
  return isStray ? "The 'stream_options' parameter is only allowed when 'stream' is enabled." : undefined
}

function anthropicAt(method: string, path: string): Api | undefined {
  const missing = (needed: readonly string[]) => (body: JsonBody, fields: Headers) => {
    if (!fields.has('anthropic-version')) return 'anthropic-version: header is required'
    const name = needed.find((name) => body[name] === undefined)
    return name === undefined ? undefined : `${name}: Field required`
  }
  const needed = ['model', 'messages']
  switch (`${method} ${path}`) {
    case 'POST /v1/messages': {
      const lacks = missing([...needed, 'max_tokens'])
      return { kind: 'model', name: 'messages', missing: lacks, answer: messageAnswer, events: messageEvents }
    }
    case 'POST /v1/messages/count_tokens': {
      const answer = ({ input }: Turn): object => ({ input_tokens: input })
      return { kind: 'model', name: 'count', isFree: true, missing: missing(needed), answer }
    }
    case 'GET /v1/models':
      return { kind: 'fixed', answer: () => ({ data: [], has_more: false, first_id: null, last_id: null }) }
    case 'HEAD /api/hello':
      return { kind: 'fixed', answer: () => ({}) }
    default:
      return undefined
  }
}

function geminiAt(method: string, path: string, query: URLSearchParams): Api | undefined {
  if (method === 'GET' && /^\/v1(?:beta)?\/models$/.test(path)) return { kind: 'fixed', answer: () => ({ models: [] }) }
  const [, encoded = '', verb = ''] = /^\/v1(?:beta)?\/models\/([^/:]+):(\w+)$/.exec(path) ?? []
  const model = decodeURIComponent(encoded)
  if (method !== 'POST') return undefined
  switch (verb) {
    case 'generateContent':
      return { kind: 'model', name: 'generate', model, answer: generateAnswer }
    case 'streamGenerateContent':
      return query.get('alt') === 'sse'
        ? { kind: 'model', name: 'generate', model, isStream: true, answer: generateAnswer, events: generateEvents }
        : { kind: 'model', name: 'generate', model, answer: generateArray }
    case 'countTokens':
      return { kind: 'model', name: 'count', model, isFree: true, answer: countAnswer }
    case 'embedContent':
    case 'batchEmbedContents':
      return { kind: 'model', name: 'embeddings', model, answer: embedAnswer }
    default:
      return undefined
  }
}
