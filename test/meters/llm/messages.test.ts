import { describe, expect, it } from 'vitest'
import type { ModelRequest } from '../../../src/meters/llm/rules/request.ts'
import { countTokens, messages } from '../../../src/meters/shapes/messages.ts'
import { json, refusedBy, requestOf } from './shapes.ts'

const hello = { model: 'claude-x', max_tokens: 100, messages: [{ role: 'user', content: 'Hello' }] }
const read = (more: object): ModelRequest => requestOf(messages, { ...hello, ...more })

const said = (...content: unknown[]) => ({ messages: [{ role: 'user', content }] })
const inResult = (...content: unknown[]) => said({ type: 'tool_result', tool_use_id: 't', content })
const data = (type: string, source: object) => ({ type, source: { type: 'base64', ...source } })
const image = data('image', { media_type: 'image/png', data: 'iVBORw0KGgo='.repeat(100) })

describe('a Messages request', () => {
  it('is bounded by its cap, its bytes and its tools', () => {
    expect(read({})).toMatchObject({
      model: 'claude-x',
      isStream: false,
      isUsageAsked: true,
      input: { media: [], indirect: undefined, hasTools: false },
      output: { cap: 100n, choices: 1n, leastCap: 1n, fees: {} },
      tools: [],
      tier: undefined,
      writesLongCache: false,
    })
    expect(read({ stream: true, max_tokens: 0 })).toMatchObject({ isStream: true, output: { cap: 0n } })
    expect(read({}).input.bytes).toBe(JSON.stringify(hello).length)
    expect(read(said('ü€😀')).input.bytes).toBe(
      new TextEncoder().encode(JSON.stringify({ ...hello, ...said('ü€😀') })).length,
    )
  })

  it.each<[string, object, string]>([
    ['without a cap', { max_tokens: undefined }, 'request-malformed'],
    ['a cap of null', { max_tokens: null }, 'request-malformed'],
    ['a cap in a string', { max_tokens: '100' }, 'request-malformed'],
    ['a cap below 0', { max_tokens: -1 }, 'request-malformed'],
    ['half a token', { max_tokens: 0.5 }, 'request-malformed'],
    ['a cap beyond 2^53', { max_tokens: 1e300 }, 'request-malformed'],
    ['no model', { model: undefined }, 'request-malformed'],
    ['messages that are no list', { messages: 'Hello' }, 'request-malformed'],
    ['stream: 1', { stream: 1 }, 'request-malformed'],
    ['a budget in a string', { thinking: { type: 'enabled', budget_tokens: '9' } }, 'request-malformed'],
    ['a tier that is not known', { service_tier: 'batch' }, 'not-for-sale'],
    ['a speed that is not known', { speed: 'faster' }, 'not-for-sale'],
    ['a container', { container: 'container_1' }, 'not-for-sale'],
    ['skills in a container', { container: { skills: [{ skill_id: 's' }] } }, 'not-for-sale'],
    ['a file', said({ type: 'document', source: { type: 'file', file_id: 'file_1' } }), 'not-for-sale'],
    [
      'a file in the result of a tool',
      inResult({ type: 'image', source: { type: 'file', file_id: 'f' } }),
      'not-for-sale',
    ],
    [
      'a file in a document in the result of a tool',
      inResult({
        type: 'document',
        source: { type: 'content', content: [{ type: 'image', source: { type: 'file', file_id: 'f' } }] },
      }),
      'not-for-sale',
    ],
    ['an upload to a container', said({ type: 'container_upload', file_id: 'f' }), 'not-for-sale'],
    ['a source that is not known', said({ type: 'image', source: { type: 'bucket', name: 'b' } }), 'not-for-sale'],
    ['an advisor', { tools: [{ type: 'advisor_20260301', name: 'advisor', model: 'claude-dear' }] }, 'not-for-sale'],
    ['compaction', { context_management: { edits: [{ type: 'compact_20260112' }] } }, 'not-for-sale'],
    ['a thread', { thread: { type: 'continue', previous_message_id: 'msg_1' } }, 'not-for-sale'],
  ])('is refused: %s', (_, more, reason) => {
    expect(refusedBy(messages, { ...hello, ...more })).toBe(reason)
  })

  it.each<[string, object, object]>([
    ['thinking needs room under the cap', { thinking: { type: 'enabled', budget_tokens: 1024 } }, { leastCap: 1025n }],
    ['a huge budget', { thinking: { type: 'enabled', budget_tokens: 2 ** 53 - 1 } }, { leastCap: 2n ** 53n }],
    ['adaptive thinking', { thinking: { type: 'adaptive' } }, { leastCap: 1n }],
    [
      'searches',
      { tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 3 }] },
      { fees: { webSearch: 3n } },
    ],
    ['searches without end', { tools: [{ type: 'web_search_20260318' }] }, { fees: { webSearch: undefined } }],
  ])('has a bound of its output: %s', (_, more, output) => {
    expect(read(more).output).toMatchObject(output)
  })

  it.each<[string, object, object]>([
    ['a picture inline', said(image), { media: [{ kind: 'image' }], indirect: undefined }],
    ['a picture in the result of a tool', inResult(image), { media: [{ kind: 'image' }] }],
    [
      'pictures in a document',
      said({ type: 'document', source: { type: 'content', content: [image, image] } }),
      { media: [{ kind: 'image' }, { kind: 'image' }] },
    ],
    [
      'a PDF',
      said(data('document', { media_type: 'application/pdf', data: 'JVBERi0=' })),
      { media: [{ kind: 'document' }] },
    ],
    ['a URL', said({ type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } }), { indirect: 'url' }],
    [
      'a URL in the result of a tool',
      inResult({ type: 'document', source: { type: 'url', url: 'https://e.com' } }),
      { indirect: 'url' },
    ],
    [
      'results of a search, which may be compressed',
      said({ type: 'web_search_tool_result', content: [{ type: 'web_search_result', encrypted_content: 'E' }] }),
      { indirect: 'encrypted_content' },
    ],
    [
      'what a tool of the provider printed, sealed',
      said({ type: 'code_execution_tool_result', content: { encrypted_stdout: 'x' } }),
      { indirect: 'encrypted_stdout' },
    ],
    [
      'a source that is a name',
      said({ type: 'search_result', source: 'https://example.com', content: [] }),
      { indirect: undefined },
    ],
    [
      'a tool of the client',
      { tools: [{ name: 'f', input_schema: { properties: { file_id: { type: 'string' } } } }] },
      { hasTools: true, indirect: undefined },
    ],
    [
      'what a tool was called with',
      said({ type: 'tool_use', id: 't', name: 'f', input: { file_id: 'f', ttl: 9 } }),
      { indirect: undefined },
    ],
    ['a search', { tools: [{ type: 'web_search_20250305', max_uses: 2 }] }, { indirect: 'web_search', readings: 3 }],
    ['searches without end', { tools: [{ type: 'web_search_20250305' }] }, { indirect: 'web_search', readings: 10 }],
    [
      'a server of tools',
      { mcp_servers: [{ type: 'url', url: 'https://e.com', name: 'm' }] },
      { indirect: 'mcp', readings: 10, hasTools: true },
    ],
  ])('has a bound of its input: %s', (_, more, input) => {
    expect(read(more).input).toMatchObject(input)
  })

  it('counts data of media by the media, and what the provider tells of a tool as bytes', () => {
    expect(read(said(image)).input.bytes).toBeLessThan(250)
    expect(read({ tools: [{ type: 'computer_20251124', name: 'computer' }] }).input.bytes).toBeGreaterThan(4000)
  })

  it.each<[string, object, readonly string[]]>([
    [
      'of the client',
      {
        tools: [
          { name: 'f', input_schema: {} },
          { type: 'custom', name: 'g' },
          { type: 'bash_20250124' },
          { type: 'memory_20250818' },
        ],
      },
      [],
    ],
    [
      'of the provider',
      { tools: [{ type: 'web_search_20250305' }, { type: 'web_fetch_20260318' }, { type: 'code_execution_20250825' }] },
      ['web_search', 'web_fetch', 'code_execution'],
    ],
    ['of a kind that is not known', { tools: [{ type: 'hologram_20270101' }, { type: 7 }] }, ['hologram', 'unknown']],
    [
      'of the provider, declared on the way',
      said({ type: 'tool_addition', tool: { type: 'tool_definition', definition: { type: 'web_search_20250305' } } }),
      ['web_search'],
    ],
    [
      'of other servers',
      { tools: [{ type: 'mcp_toolset', mcp_server_name: 'm' }], mcp_servers: [{ name: 'm' }] },
      ['mcp'],
    ],
  ])('names its tools: %s', (_, more, tools) => {
    expect(read(more).tools).toEqual(tools)
  })

  it.each<[string, object, boolean]>([
    ['in a message', said({ type: 'text', text: 'a', cache_control: { type: 'ephemeral', ttl: '1h' } }), true],
    [
      'in the system prompt',
      { system: [{ type: 'text', text: 'a', cache_control: { type: 'ephemeral', ttl: '1h' } }] },
      true,
    ],
    ['at a tool', { tools: [{ name: 'f', cache_control: { type: 'ephemeral', ttl: '1h' } }] }, true],
    ['at the top', { cache_control: { type: 'ephemeral', ttl: '1h' } }, true],
    [
      'deep in the result of a tool',
      inResult({ type: 'text', text: 'a', cache_control: { type: 'ephemeral', ttl: '1h' } }),
      true,
    ],
    ['for a time that is not known', { cache_control: { type: 'ephemeral', ttl: '2h' } }, true],
    ['for five minutes', { cache_control: { type: 'ephemeral', ttl: '5m' } }, false],
    ['for the usual time', { cache_control: { type: 'ephemeral' } }, false],
  ])('asks for an entry in the cache: %s', (_, more, isLong) => {
    expect(read(more).writesLongCache).toBe(isLong)
  })

  it.each<[object, ModelRequest['tier']]>([
    [{ service_tier: 'auto' }, 'auto'],
    [{ service_tier: 'standard_only' }, 'default'],
    [{ service_tier: null, speed: null }, undefined],
    [{ speed: 'fast' }, 'fast'],
    [{ speed: 'fast', service_tier: 'standard_only' }, 'fast'],
    [{ speed: 'standard' }, undefined],
  ])('names its tier: %j', (more, tier) => {
    expect(read(more).tier).toBe(tier)
  })

  it('knows no member that chooses a price or a place unseen', () => {
    const dear = [
      'speed',
      'inference_geo',
      'thread',
      'billing_policy',
      'compaction',
      'betas',
      'user_profile_id',
      'workspace_id',
    ]
    expect(dear.filter((name) => messages.members.includes(name))).toEqual([])
  })

  it('is changed where it has to be, and loses what names earlier answers or other models', () => {
    const body = {
      ...hello,
      metadata: { user_id: 'ann' },
      diagnostics: { previous_message_id: 'm' },
      fallbacks: 'default',
    }
    expect(read(body).model).toBe('claude-x')
    expect(
      messages.edit(json(body), { model: 'claude-y', cap: 16n, tier: 'default', pseudonym: (value) => `p-${value}` }),
    ).toEqual([
      { path: ['model'], text: '"claude-y"' },
      { path: ['diagnostics'], text: undefined },
      { path: ['fallbacks'], text: undefined },
      { path: ['max_tokens'], text: '16' },
      { path: ['service_tier'], text: '"standard_only"' },
      { path: ['metadata', 'user_id'], text: '"p-ann"' },
    ])
    expect(messages.edit(json(hello), { model: 'claude-x' })).toEqual([])
  })

  it.each([{ user_id: 'ann' }, { user_id: { name: 'ann' } }])(
    'names no customer without a pseudonym: %j',
    (metadata) => {
      expect(messages.edit(json({ ...hello, metadata }), {})).toEqual([
        { path: ['metadata', 'user_id'], text: undefined },
      ])
    },
  )

  it('is counted with what the counter takes', () => {
    const body = json({ ...hello, system: 'Be brief', stream: true, diagnostics: {}, metadata: { user_id: 'ann' } })
    expect(messages.counter?.(body, 'claude-y')).toEqual({
      path: '/v1/messages/count_tokens',
      fields: [['anthropic-version', '2023-06-01']],
      body: { model: 'claude-y', system: 'Be brief', messages: hello.messages },
    })
    expect(messages.countIn?.({ input_tokens: 320 })).toBe(320n)
    expect(messages.countIn?.({ input_tokens: -1 })).toBeUndefined()
    const { max_tokens: _, ...counted } = hello
    expect(requestOf(countTokens, counted)).toMatchObject({ output: { cap: 0n } })
    expect(countTokens.members).not.toContain('max_tokens')
  })
})
