import { describe, expect, it } from 'vitest'
import type { ModelApi } from '../../../src/meters/llm/provider.ts'
import { inputBound } from '../../../src/meters/llm/rules/inputbound.ts'
import type { InputFacts, ModelRequest, OutputFacts } from '../../../src/meters/llm/rules/request.ts'
import { openaiProvider } from '../../../src/meters/openai.ts'
import { json, requestOf } from './shapes.ts'

function apiAt(path: string): ModelApi {
  const endpoint = openaiProvider.endpoint('POST', path, '')
  if (endpoint?.kind !== 'metered') throw new Error('closed')
  return endpoint.api
}
const [chat, responses, completions, embeddings] = ['chat/completions', 'responses', 'completions', 'embeddings'].map(
  (path) => apiAt(`/v1/${path}`),
) as [ModelApi, ModelApi, ModelApi, ModelApi]

const saying = (content: unknown, more: object = {}): object => ({
  model: 'gpt-4o',
  messages: [{ role: 'user', content }],
  ...more,
})
const having = (...content: object[]): object => saying(content)
const asking = (more: object): object => ({ model: 'gpt-5.6', input: 'hello', ...more })
/** A PNG of so many pixels, of which there is little but the header. */
const png = (width: number, height: number): string => {
  const size = [width, height].map((edge) => edge.toString(16).padStart(8, '0')).join('')
  return Buffer.from(`89504e470d0a1a0a0000000d49484452${size}08060000000000000000000000494441540000`, 'hex').toString(
    'base64',
  )
}
const picture = (data: string): object => ({ type: 'image_url', image_url: { url: `data:image/png;base64,${data}` } })

describe('what bounds a request to OpenAI', () => {
  it.each<[what: string, api: ModelApi, body: object, output: Partial<OutputFacts>]>([
    ['a chat without a cap', chat, saying('a'), { cap: undefined, choices: 1n, leastCap: 1n }],
    ['the newer cap', chat, saying('a', { max_completion_tokens: 7, n: 3 }), { cap: 7n, choices: 3n }],
    ['the older cap', chat, saying('a', { max_tokens: 9 }), { cap: 9n }],
    ['both caps: the greater', chat, saying('a', { max_tokens: 9, max_completion_tokens: 7 }), { cap: 9n }],
    ['caps that are null', chat, saying('a', { max_tokens: null, n: null }), { cap: undefined, choices: 1n }],
    ['a search', chat, saying('a', { web_search_options: {} }), { fees: { webSearch: 1n } }],
    [
      'a model that always searches',
      chat,
      saying('a', { model: 'gpt-4o-search-preview' }),
      { fees: { webSearch: 1n } },
    ],
    ['a response', responses, asking({ max_output_tokens: 100 }), { cap: 100n, choices: 1n, leastCap: 16n, fees: {} }],
    [
      'searches',
      responses,
      asking({ tools: [{ type: 'web_search' }], max_tool_calls: 2 }),
      { fees: { webSearch: 2n } },
    ],
    ['searches without end', responses, asking({ tools: [{ type: 'web_search' }] }), { fees: { webSearch: 4n } }],
    ['candidates', completions, { model: 'm', prompt: 'a', n: 2, best_of: 5, max_tokens: 3 }, { cap: 3n, choices: 5n }],
    ['several prompts', completions, { model: 'm', prompt: ['a', 'b', 'c'], n: 2 }, { choices: 6n }],
    ['a prompt in tokens', completions, { model: 'm', prompt: [1, 2, 3] }, { choices: 1n }],
    ['prompts in tokens', completions, { model: 'm', prompt: [[1, 2], [3]] }, { choices: 2n }],
    [
      'pictures and previews',
      apiAt('/v1/images/generations'),
      { model: 'm', prompt: 'a', n: 1, partial_images: 3, stream: true },
      { choices: 4n, fees: { image: 1n } },
    ],
    [
      'a text that is spoken',
      apiAt('/v1/audio/speech'),
      { model: 'm', input: 'a🙂', voice: 'alloy' },
      { choices: 1n, fees: { character: 2n } },
    ],
    ['embeddings', embeddings, { model: 'm', input: ['a', 'b'] }, { cap: undefined, choices: 0n }],
  ])('output: %s', (_what, api, body, output) => expect(requestOf(api, body).output).toMatchObject(output))

  it.each<[what: string, api: ModelApi, body: object, input: Partial<InputFacts>]>([
    ['text', chat, saying('a'), { media: [], indirect: undefined, hasTools: false }],
    [
      'a picture at a URL',
      chat,
      having({ type: 'image_url', image_url: { url: 'HTTPS://x.example/a.png' } }),
      { indirect: 'image_url' },
    ],
    [
      'a picture',
      chat,
      having(picture(png(640, 480))),
      { media: [{ kind: 'image', size: { width: 640, height: 480 } }], indirect: undefined },
    ],
    ['a picture without a header', chat, having(picture('AAAA')), { media: [{ kind: 'image', size: undefined }] }],
    [
      'sound',
      chat,
      having({ type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } }),
      { media: [{ kind: 'audio' }] },
    ],
    [
      'a document',
      chat,
      having({ type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,AAAA' } }),
      { media: [{ kind: 'document' }] },
    ],
    [
      'tools',
      chat,
      saying('a', { tools: [{ type: 'function', function: { name: 'f' } }] }),
      { hasTools: true, indirect: undefined },
    ],
    ['a search', chat, saying('a', { web_search_options: {} }), { indirect: 'web_search' }],
    [
      'a document at a URL',
      responses,
      asking({ input: [{ role: 'user', content: [{ type: 'input_file', file_url: 'https://x.example/a.pdf' }] }] }),
      { indirect: 'document_url' },
    ],
    [
      'a screenshot',
      responses,
      asking({
        input: [
          {
            type: 'computer_call_output',
            call_id: 'c',
            output: { type: 'computer_screenshot', image_url: `data:image/png;base64,${png(64, 64)}` },
          },
        ],
      }),
      { media: [{ kind: 'image', size: { width: 64, height: 64 } }] },
    ],
    [
      'sealed reasoning, which may be longer than its seal',
      responses,
      asking({ input: [{ type: 'reasoning', id: 'rs', summary: [], encrypted_content: 'gAAA' }] }),
      { media: [{ kind: 'document' }], indirect: undefined },
    ],
    [
      'tools that the provider runs read again each round',
      responses,
      asking({ tools: [{ type: 'web_search' }], max_tool_calls: 2 }),
      { indirect: 'web_search', readings: 3 },
    ],
    [
      'tools that the client runs',
      responses,
      asking({
        tools: [
          { type: 'custom', name: 'c' },
          { type: 'namespace', name: 'n', tools: [{ type: 'function', name: 'f' }] },
          { type: 'shell', environment: { type: 'local' } },
        ],
      }),
      { hasTools: true, indirect: undefined },
    ],
    ['several texts', embeddings, { model: 'm', input: ['a', 'b', 'c'] }, { readings: 3 }],
    ['texts in tokens', embeddings, { model: 'm', input: [[1, 2], [3]] }, { readings: 2 }],
  ])('input: %s', (_what, api, body, input) => expect(requestOf(api, body).input).toMatchObject(input))

  it('a picture of which there is but a header that says a billion pixels costs what it says', () => {
    const { input } = requestOf(chat, having(picture(png(40_000, 30_000))))
    expect(inputBound(input, 128_000n, openaiProvider.images?.('gpt-5.6')).tokens).toBe(128_000n)
    expect(input.bytes).toBeLessThan(300)
  })

  it('what only looks like inline data is text', () => {
    const data = `data:image/png;base64,${png(1, 1)}${'A'.repeat(100_000)}`
    const call = { id: 'c', type: 'function', function: { name: 'f', arguments: { image_url: data } } }
    for (const more of [
      { metadata: { image_url: data } },
      { prediction: { type: 'content', content: { image_url: data } } },
      { tools: [{ type: 'function', function: { name: 'f', description: { file_data: data } } }] },
      { messages: [{ role: 'assistant', tool_calls: [call] }] },
    ])
      expect(requestOf(chat, saying('a', more)).input.bytes).toBeGreaterThan(100_000)
  })

  it('what is sent as a file or as sound is one, whatever its type says', () => {
    const data = `data:image/png;base64,${png(1, 1)}`
    const parts = [
      { type: 'file', file: { file_data: data } },
      { type: 'input_audio', input_audio: { data } },
    ]
    expect(requestOf(chat, having(...parts)).input.media).toEqual([{ kind: 'document' }, { kind: 'audio' }])
  })

  it('inline data is not text', () => {
    expect(requestOf(chat, having(picture('A'.repeat(100_000)))).input.bytes).toBeLessThan(300)
    expect(requestOf(chat, saying('A'.repeat(100_000))).input.bytes).toBeGreaterThan(100_000)
  })

  it.each<[body: object, expected: Partial<ModelRequest>]>([
    [saying('a', { stream: true }), { isStream: true, isUsageAsked: false }],
    [saying('a', { stream: true, stream_options: { include_usage: true } }), { isStream: true, isUsageAsked: true }],
    [saying('a', { stream: true, stream_options: { include_usage: null } }), { isUsageAsked: false }],
    [saying('a', { stream: true, stream_options: null }), { isUsageAsked: false }],
    [saying('a', { service_tier: 'fast' }), { tier: 'fast' }],
    [saying('a', { service_tier: 'priority' }), { tier: 'fast' }],
    [saying('a', { service_tier: 'auto' }), { tier: 'auto' }],
    [saying('a', { prompt_cache_options: { ttl: '12h' } }), { writesLongCache: true }],
    [saying('a', { prompt_cache_options: { ttl: '30m' } }), { writesLongCache: false }],
    [
      having({ type: 'text', text: 'a', prompt_cache_breakpoint: { mode: 'explicit', ttl: '12h' } }),
      { writesLongCache: true },
    ],
    [having({ type: 'text', text: 'a', prompt_cache_breakpoint: { ttl: '30m' } }), { writesLongCache: false }],
    [saying('a', { metadata: { ttl: '12h' } }), { writesLongCache: false }],
    [saying('a', { tools: [{ type: 'browser' }] }), { tools: ['browser'] }],
  ])('%j', (body, expected) => expect(requestOf(chat, body)).toMatchObject(expected))

  it('names the tools that the provider runs, without their date, wherever they are', () => {
    const late = {
      type: 'additional_tools',
      role: 'developer',
      tools: [{ type: 'mcp', server_label: 's', server_url: 'https://x' }],
    }
    const body = asking({ tools: [{ type: 'web_search_2025_08_26' }, { type: 'function', name: 'f' }], input: [late] })
    expect(requestOf(responses, body).tools).toEqual(['web_search', 'mcp'])
  })
})

describe('what goes to OpenAI', () => {
  const textOf = (api: ModelApi, body: object, name: string, changes = {}): string | undefined =>
    api.edit(json(body), changes).find(({ path }) => path[0] === name)?.text

  it('is never kept there', () => {
    for (const store of [true, false, null]) expect(textOf(chat, saying('a', { store }), 'store')).toBe('false')
    for (const api of [chat, responses]) expect(textOf(api, asking({}), 'store')).toBe('false')
    for (const api of [completions, embeddings]) expect(textOf(api, {}, 'store')).toBeUndefined()
  })

  it('bounds the rounds of tools that run there', () => {
    const search = { tools: [{ type: 'web_search' }] }
    expect(textOf(responses, asking(search), 'max_tool_calls')).toBe('4')
    expect(textOf(responses, asking({ ...search, max_tool_calls: 9 }), 'max_tool_calls')).toBeUndefined()
    expect(textOf(responses, asking({ tools: [{ type: 'function', name: 'f' }] }), 'max_tool_calls')).toBeUndefined()
  })

  it('asks for usage only in a stream, beside what the client asks for', () => {
    const changes = { asksUsage: true }
    expect(textOf(chat, saying('a'), 'stream_options', changes)).toBeUndefined()
    expect(textOf(chat, saying('a', { stream: true }), 'stream_options', changes)).toBe('{"include_usage":true}')
    const [edit] = chat
      .edit(json(saying('a', { stream: true, stream_options: { include_obfuscation: false } })), changes)
      .slice(-1)
    expect(edit).toEqual({ path: ['stream_options', 'include_usage'], text: 'true' })
  })

  it('does not name the installation of a client', () => {
    const body = asking({ client_metadata: { 'x-codex-installation-id': 'i' } })
    expect(responses.edit(json(body), {})).toContainEqual({ path: ['client_metadata'], text: undefined })
  })

  it('has the tier in its own spelling', () => {
    for (const [tier, spelled] of [
      ['default', '"default"'],
      ['flex', '"flex"'],
      ['fast', '"priority"'],
      ['batch', undefined],
    ])
      expect(textOf(chat, saying('a'), 'service_tier', { tier })).toBe(spelled)
  })
})
