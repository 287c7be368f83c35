import { anthropicErrors } from './errors/anthropic.ts'
import { languageModels } from './languagemodels.ts'
import type { LlmOptions } from './llm/options.ts'
import type { ModelProvider, ProviderEndpoint } from './llm/provider.ts'
import type { MeterPlugin } from './plugin.ts'
import { STAINLESS_FIELDS } from './shapes/endpoints.ts'
import { countTokens, messages } from './shapes/messages.ts'

/**
 * Meters Anthropic's Messages API. Clients set their base URL to the route, without `/v1`.
 *
 * @example
 * ```ts zone
 * routes: [
 *   {
 *     path: '/anthropic/*',
 *     requires: 'api',
 *     meter: anthropic({ secret: 'ANTHROPIC_KEY', currency: 'USD', models: 'catalogue' }),
 *   },
 * ]
 * ```
 */
export function anthropic(options: LlmOptions): MeterPlugin {
  return languageModels(anthropicProvider, options)
}

/**
 * Anthropic. Batches, files, skills and everything of an organisation are closed: they are bounded by no request, or kept for all
 * who are served from here.
 */
export const anthropicProvider: ModelProvider = {
  name: 'anthropic',
  url: 'https://api.anthropic.com',
  endpoint,
  authorize(headers, secret) {
    headers.set('x-api-key', secret)
  },
  requestFields: [
    'accept',
    'anthropic-beta',
    'anthropic-dangerous-direct-browser-access',
    'anthropic-version',
    'content-type',
    'user-agent',
    'x-app',
    'x-stainless-helper',
    'x-stainless-stream-helper',
    ...STAINLESS_FIELDS,
  ],
  fieldValues: {
    'anthropic-version': ['2023-01-01', '2023-06-01', '2026-10-21'],
    // Left out: what changes a price or a limit (`context-1m-…`, `output-…`, `fast-mode-…`), what other models generate (`advisor-…`,
    // `server-side-fallback-…`, `compact-…`), and what is kept at the provider (`files-api-…`, `skills-…`, `message-threads-…`).
    'anthropic-beta': [
      'advanced-tool-use-2025-11-20',
      'afk-mode-2026-01-31',
      'claude-code-20250219',
      'code-execution-2025-05-22',
      'code-execution-2025-08-25',
      'computer-use-2024-10-22',
      'computer-use-2025-01-24',
      'computer-use-2025-11-24',
      'context-management-2025-06-27',
      'effort-2025-11-24',
      'extended-cache-ttl-2025-04-11',
      'fine-grained-tool-streaming-2025-05-14',
      'inline-tools-2026-09-15',
      'interleaved-thinking-2025-05-14',
      'mcp-client-2025-04-04',
      'mcp-client-2025-11-20',
      'mcp-client-2026-09-15',
      'mid-conversation-output-config-2026-07-01',
      'mid-conversation-system-2026-04-07',
      'mid-conversation-system-clear-at-2026-08-21',
      'mid-conversation-tool-changes-2026-07-01',
      'model-context-window-exceeded-2025-08-26',
      'pdfs-2024-09-25',
      'per-turn-control-2026-07-01',
      'prompt-caching-2024-07-31',
      'prompt-caching-scope-2026-01-05',
      'structured-outputs-2025-09-17',
      'structured-outputs-2025-11-13',
      'structured-outputs-2025-12-15',
      'task-budgets-2026-03-13',
      'thinking-binding-controls-2026-08-01',
      'thinking-display-updates-2026-08-18',
      'thinking-token-count-2026-05-13',
      'token-counting-2024-11-01',
      'token-efficient-tools-2025-02-19',
      'token-efficient-tools-2026-03-28',
      'tool-examples-2025-10-29',
      'tool-search-tool-2025-10-19',
      'web-fetch-2025-09-10',
      'web-search-2025-03-05',
    ],
  },
  responseFields: ['x-should-retry'],
  errors: anthropicErrors,
  images: () => 'claude',
  freeFees: ['webFetch'],
  models: (ids, one) => (one === undefined ? listOf(ids) : describe(one)),
}

function endpoint(method: string, path: string, query: string): ProviderEndpoint | undefined {
  const beta = /[?&]beta=true(?:&|$)/.test(query) ? '?beta=true' : ''
  switch (`${method} ${path}`) {
    case 'POST /v1/messages':
      return { kind: 'metered', api: messages, path: `${path}${beta}` }
    case 'POST /v1/messages/count_tokens':
      return { kind: 'counter', api: countTokens, path: `${path}${beta}` }
    case 'HEAD /api/hello':
      return { kind: 'free', path }
    case 'GET /v1/models':
      return { kind: 'models', id: undefined }
  }
  const id = /^\/v1\/models\/([\w.:-]+)$/.exec(path)?.[1]
  return method === 'GET' && id !== undefined ? { kind: 'models', id } : undefined
}

/** When a model was made known is not known here: the API has the beginning of 1970 for that. */
const UNKNOWN_DATE = '1970-01-01T00:00:00Z'

function describe(id: string) {
  return { type: 'model', id, display_name: id, created_at: UNKNOWN_DATE }
}

function listOf(ids: readonly string[]) {
  const data = ids.map(describe)
  return { data, has_more: false, first_id: ids[0] ?? null, last_id: ids.at(-1) ?? null }
}
