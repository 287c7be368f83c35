import type { ModelEvent } from './events.ts'
import type { Family } from './turn.ts'

const TYPES: Readonly<Record<number, readonly [openai: string, anthropic: string, google: string]>> = {
  400: ['invalid_request_error', 'invalid_request_error', 'INVALID_ARGUMENT'],
  401: ['invalid_request_error', 'authentication_error', 'UNAUTHENTICATED'],
  402: ['insufficient_quota', 'billing_error', 'FAILED_PRECONDITION'],
  403: ['permission_error', 'permission_error', 'PERMISSION_DENIED'],
  404: ['invalid_request_error', 'not_found_error', 'NOT_FOUND'],
  408: ['timeout_error', 'timeout_error', 'DEADLINE_EXCEEDED'],
  409: ['conflict_error', 'conflict_error', 'ABORTED'],
  413: ['invalid_request_error', 'request_too_large', 'INVALID_ARGUMENT'],
  422: ['invalid_request_error', 'invalid_request_error', 'INVALID_ARGUMENT'],
  429: ['rate_limit_error', 'rate_limit_error', 'RESOURCE_EXHAUSTED'],
  500: ['server_error', 'api_error', 'INTERNAL'],
  503: ['server_error', 'api_error', 'UNAVAILABLE'],
  529: ['server_error', 'overloaded_error', 'UNAVAILABLE'],
}

/** The body of an error, as this provider writes it. */
export function errorBody(family: Family, status: number, message: string): object {
  const [openai, anthropic, google] = TYPES[status] ?? ['server_error', 'api_error', 'UNKNOWN']
  switch (family) {
    case 'anthropic':
      return { type: 'error', error: { type: anthropic, message }, request_id: 'req_011CanaryRequest' }
    case 'gemini':
      return { error: { code: status, message, status: google, details: [] } }
    case 'mistral':
      return { object: 'error', message, type: openai, param: null, code: String(status) }
    case 'qianfan':
      return { error: { code: openai, message, type: openai }, id: 'as-canary' }
    case 'compatible':
      return { error: { message, type: openai, param: null, code: status } }
    case 'openai':
      return { error: { message, type: openai, param: null, code: status === 401 ? 'invalid_api_key' : openai } }
  }
}

/** The event of an error, as this API sends it in a stream. */
export function errorEvent(family: Family, api: string, sequence: number): ModelEvent {
  const message = 'The server had an error while it answered.'
  if (api === 'responses') {
    return {
      name: 'error',
      data: { type: 'error', code: 'server_error', message, param: null, sequence_number: sequence },
    }
  }
  if (family === 'anthropic') return { name: 'error', data: errorBody('anthropic', 529, 'Overloaded') }
  if (family === 'gemini') return { data: errorBody('gemini', 503, 'The model is overloaded.') }
  return { data: { error: { message, type: 'server_error', param: null, code: 'server_error' } } }
}

/** Real providers echo the head and the tail of a key that they do not know. */
export function wrongKey(family: Family, key: string): string {
  const shown = key.length > 12 ? `${key.slice(0, 8)}${'*'.repeat(8)}${key.slice(-4)}` : '****'
  switch (family) {
    case 'anthropic':
      return `invalid x-api-key: ${shown}`
    case 'gemini':
      return `API key not valid. Please pass a valid API key (${shown}).`
    case 'openai':
    case 'mistral':
    case 'qianfan':
    case 'compatible':
      return `Incorrect API key provided: ${shown}. You can find your API key at https://platform.example.com/account/api-keys.`
  }
}
