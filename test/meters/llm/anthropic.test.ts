import { describe, expect, it } from 'vitest'
import { anthropicProvider } from '../../../src/meters/anthropic.ts'
import { type ApiUnderTest, holdProviderToContract } from './provider.contract.ts'
import { json } from './shapes.ts'

const tools = [
  { name: 'f', description: 'A function', input_schema: { properties: { file_id: {}, ttl: {}, source: {} } } },
  { type: 'bash_20250124', name: 'bash' },
]
/** The documented members of @anthropic-ai/sdk 1.14 and 0.137, each with a value of its type. */
const shared = {
  cache_control: { type: 'ephemeral', ttl: '5m' },
  context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] },
  output_config: { effort: 'low', format: { type: 'json_schema', schema: { properties: { type: {} } } } },
  system: [{ type: 'text', text: 'Be brief', cache_control: { type: 'ephemeral' } }],
  thinking: { type: 'enabled', budget_tokens: 1024 },
  tool_choice: { type: 'auto', disable_parallel_tool_use: true },
  tools,
}
const least = { model: 'claude-x', messages: [{ role: 'user', content: 'hello' }] }
const content = (...blocks: object[]) => json({ messages: [{ role: 'user', content: blocks }] })
const usage = { input_tokens: 9, output_tokens: 4 }
const used = { tokens: { input: 9n, output: 4n }, model: 'claude-x' }
const answer = (report: object): object => ({
  type: 'message',
  id: 'msg_1',
  model: 'claude-x',
  content: [],
  usage: report,
})
const start = (report: object) => ['message_start', { type: 'message_start', message: { ...answer(report) } }] as const
const block = (index: number, content_block: object) =>
  ['content_block_start', { type: 'content_block_start', index, content_block }] as const
const delta = (index: number, change: object) =>
  ['content_block_delta', { type: 'content_block_delta', index, delta: change }] as const
const stopped = (index: number) => ['content_block_stop', { type: 'content_block_stop', index }] as const
const ended = (report: object, stop_reason = 'end_turn') =>
  ['message_delta', { type: 'message_delta', delta: { stop_reason, stop_sequence: null }, usage: report }] as const
const ping = ['ping', { type: 'ping' }] as const
const stop = ['message_stop', { type: 'message_stop' }] as const
const failed = ['error', { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }] as const

const messages: ApiUnderTest = {
  path: '/v1/messages',
  query: '?beta=true',
  least: json({ ...least, max_tokens: 2000 }),
  others: json({
    ...shared,
    container: null,
    diagnostics: { previous_message_id: null },
    fallbacks: null,
    mcp_servers: [],
    metadata: { user_id: 'u' },
    service_tier: 'auto',
    stop_sequences: ['a'],
    stream: true,
    temperature: 1,
    top_k: 5,
    top_p: 0.9,
  }),
  caps: true,
  naming: ['metadata', 'user_id'],
  refused: [
    ['a file', content({ type: 'document', source: { type: 'file', file_id: 'f1' } }), 'not-for-sale'],
    ['a container', { container: 'secret' }, 'not-for-sale'],
    ['an absurd cap', { max_tokens: 2 ** 60 }, 'request-malformed'],
    ['no cap', { max_tokens: null }, 'request-malformed'],
    ['a tier that is not sold', { service_tier: 'batch' }, 'not-for-sale'],
  ],
  answers: [
    ['plain', answer(usage), used],
    [
      'read from the cache and written to it, for five minutes and for an hour',
      answer({
        ...usage,
        cache_read_input_tokens: 100,
        cache_creation_input_tokens: 60,
        cache_creation: { ephemeral_5m_input_tokens: 20, ephemeral_1h_input_tokens: 40 },
      }),
      { ...used, tokens: { input: 9n, cacheRead: 100n, cacheWrite: 20n, cacheWriteLong: 40n, output: 4n } },
    ],
    [
      'searches and pages',
      answer({ ...usage, server_tool_use: { web_search_requests: 2, web_fetch_requests: 1 } }),
      { ...used, fees: { webSearch: 2n, webFetch: 1n } },
    ],
    [
      'served fast, at a place',
      answer({ ...usage, service_tier: 'standard', speed: 'fast', inference_geo: 'us' }),
      { ...used, tier: 'fast', region: 'us' },
    ],
    ['served by a tier without rates', answer({ ...usage, service_tier: 'express' }), undefined],
    ['without usage', { type: 'message', model: 'claude-x', content: [] }, undefined],
  ],
  streams: [
    {
      what: 'text, with the count of output in the last delta alone',
      asks: { stream: true },
      events: [
        start({ input_tokens: 9, output_tokens: 1 }),
        block(0, { type: 'text', text: '' }),
        ping,
        delta(0, { type: 'text_delta', text: 'é 🙂 "usage":{"output_tokens":900}' }),
        stopped(0),
        ended({ output_tokens: 4 }),
        stop,
      ],
      used,
    },
    {
      what: 'thinking, and a call of a tool',
      asks: { stream: true },
      events: [
        start({ input_tokens: 9, output_tokens: 1 }),
        block(0, { type: 'thinking', thinking: '', signature: '' }),
        delta(0, { type: 'thinking_delta', thinking: 'hm' }),
        delta(0, { type: 'signature_delta', signature: 'E' }),
        block(1, { type: 'tool_use', id: 't', name: 'f', input: {} }),
        delta(1, { type: 'input_json_delta', partial_json: '{"message_stop":1}' }),
        ended({ input_tokens: null, output_tokens: 4 }, 'tool_use'),
        stop,
      ],
      used,
    },
    {
      what: 'an error after some text',
      asks: { stream: true },
      events: [start({ input_tokens: 9, output_tokens: 1 }), delta(0, { type: 'text_delta', text: 'a' }), failed],
      kinds: 'cce',
      used: undefined,
    },
  ],
}

const counter: ApiUnderTest = {
  path: '/v1/messages/count_tokens',
  least: json(least),
  others: json({ ...shared, mcp_servers: [] }),
  caps: false,
  refused: [['a file', content({ type: 'container_upload', file_id: 'f1' }), 'not-for-sale']],
  answers: [],
  streams: [],
}

holdProviderToContract({
  provider: anthropicProvider,
  open: {
    'POST /v1/messages': 'metered',
    'POST /v1/messages?beta=true': 'metered',
    'POST /v1/messages/count_tokens': 'counter',
    'GET /v1/models': 'models',
    'GET /v1/models/claude-x': 'models',
    'HEAD /api/hello': 'free',
  },
  closed: [
    'POST /v1/messages/batches',
    'GET /v1/messages/batches/b/results',
    'POST /v1/complete',
    'POST /v1/files?beta=true',
    'GET /v1/files/f/content',
    'POST /v1/skills',
    'POST /v1/sessions',
    'GET /v1/organizations/me',
    'GET /api/hello',
    'GET /v1/models/claude-x/secret',
  ],
  apis: [messages, counter],
})

describe('Anthropic', () => {
  it.each([
    ['', '/v1/messages'],
    ['?beta=true', '/v1/messages?beta=true'],
    ['?x=1&beta=true', '/v1/messages?beta=true'],
    ['?betas=true&beta=false', '/v1/messages'],
  ])('is asked with the parameters it knows: %s', (query, path) => {
    expect(anthropicProvider.endpoint('POST', '/v1/messages', query)).toMatchObject({ path })
  })

  it('lists models as its SDKs read them', () => {
    expect(anthropicProvider.models(['a', 'b'], undefined)).toMatchObject({
      data: [{ type: 'model', id: 'a', display_name: 'a' }, { id: 'b' }],
      has_more: false,
      first_id: 'a',
      last_id: 'b',
    })
    expect(anthropicProvider.models([], undefined)).toMatchObject({ data: [], first_id: null, last_id: null })
    expect(anthropicProvider.models(['a'], 'a')).toMatchObject({ type: 'model', id: 'a' })
  })

  it('sends the operator’s key in its own field', () => {
    const headers = new Headers()
    anthropicProvider.authorize(headers, 'sk-ant-1', '/v1/messages')
    expect([...headers]).toEqual([['x-api-key', 'sk-ant-1']])
  })

  it('passes no beta on that changes a price, or brings another model or what is kept', () => {
    const betas = anthropicProvider.fieldValues?.['anthropic-beta'] ?? []
    expect(betas).toContain('claude-code-20250219')
    expect(
      betas.filter((beta) =>
        /^(?:context-1m|fast-mode|output-|advisor|server-side|fallback|compact|files|skills)/.test(beta),
      ),
    ).toEqual([])
  })
})
