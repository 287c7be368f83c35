import { describe, expect, it } from 'vitest'
import { compatible, type CompatibleOptions, compatibleProvider } from '../../../src/meters/compatible.ts'
import type { ModelApi } from '../../../src/meters/llm/provider.ts'
import { chat, chatUsage } from './apis/chat.ts'
import { responses } from './apis/responses.ts'
import { completions, embeddings } from './apis/texts.ts'
import { holdProviderToContract } from './provider.contract.ts'
import { json, refusedBy, requestOf, streamed } from './shapes.ts'

const without = (members: object, ...names: string[]): Record<string, never> =>
  json(Object.fromEntries(Object.entries(members).filter(([name]) => !names.includes(name)))) as Record<string, never>

const served = { model: 'gpt-4o-2024-08-06' }

holdProviderToContract({
  provider: compatibleProvider(),
  open: {
    'POST /v1/chat/completions': 'metered',
    'POST /v1/completions': 'metered',
    'POST /v1/responses': 'metered',
    'POST /v1/embeddings': 'metered',
    'GET /v1/models': 'models',
  },
  closed:
    `POST /api/chat|POST /api/generate|POST /api/pull|POST /completion|POST /tokenize|GET /metrics|POST /v1/load_lora_adapter
    POST /v1/messages|POST /v1/rerank|POST /v1/audio/transcriptions|GET /props|POST /slots/0|GET /v1/responses/resp_1`.split(
      /\s*[|\n]\s*/,
    ),
  apis: [
    {
      ...chat,
      others: {
        ...without(
          chat.others,
          ...`audio function_call functions modalities moderation prompt_cache_options prompt_cache_retention service_tier
          web_search_options`.split(/\s+/),
        ),
        ...json({ top_k: 5, min_p: 0.1, repetition_penalty: 1, chat_template_kwargs: { enable_thinking: false } }),
      },
      refused: [
        [
          'a URL to fetch',
          { messages: [{ role: 'user', content: [imageAt('https://example.com/x.png')] }] },
          'not-for-sale',
        ],
        [
          'a file of the server’s',
          { messages: [{ role: 'user', content: [imageAt('file:///etc/secret')] }] },
          'request-malformed',
        ],
        [
          'a video to fetch',
          { messages: [{ role: 'user', content: [{ video_url: { url: 'http://10.0.0.1/' } }] }] },
          'not-for-sale',
        ],
        ['absurdly many choices', { n: 1e9 }, 'request-malformed'],
        [
          'a template',
          { chat_template_kwargs: { chat_template: '{% for i in range(9999) %}x{% endfor %}' } },
          'not-for-sale',
        ],
        ['no tokens', { chat_template_kwargs: { tokenize: false } }, 'not-for-sale'],
      ],
      streams: chat.streams.map(({ used, ...stream }) => ({
        ...stream,
        used: used && { ...served, tokens: used.tokens },
      })),
      answers: [
        [
          'plain',
          { model: 'm', choices: [], usage: chatUsage(9, 4) },
          { tokens: { input: 9n, output: 4n }, model: 'm' },
        ],
      ],
    },
    {
      ...responses,
      others: without(
        responses.others,
        'image',
        'moderation',
        'prompt_cache_options',
        'prompt_cache_retention',
        'service_tier',
      ),
      refused: [
        [
          'a URL to fetch',
          { input: [{ role: 'user', content: [{ type: 'input_image', image_url: 'http://[::1]/' }] }] },
          'not-for-sale',
        ],
        ['an earlier answer', { previous_response_id: 'resp_secret' }, 'not-for-sale'],
      ],
      answers: [],
      streams: responses.streams.slice(-2),
    },
    completions,
    embeddings,
  ],
})

function imageAt(url: string): Record<string, never> {
  return json({ type: 'image_url', image_url: { url } }) as Record<string, never>
}

function chatOf(options: Parameters<typeof compatibleProvider>[0]): ModelApi {
  const endpoint = compatibleProvider(options).endpoint('POST', '/v1/chat/completions', '')
  if (endpoint?.kind !== 'metered') throw new Error('closed')
  return endpoint.api
}

describe('a server of one’s own', () => {
  const chatApi = chatOf({ mediaHosts: ['Media.example.com', 'other.example.com:8443'] })
  const least = { model: 'm', stream: true, messages: [{ role: 'user', content: 'hello' }] }
  const showing = (url: string): object => ({ ...least, messages: [{ role: 'user', content: [imageAt(url)] }] })

  it.each<[url: string, refused: string | undefined]>([
    ['https://media.example.com/a.png', undefined],
    ['HTTP://MEDIA.example.com', undefined],
    ['https://media.example.com?x=https://10.0.0.1/', undefined],
    ['https://other.example.com:8443/a', undefined],
    ['https://other.example.com/a', 'not-for-sale'],
    ['https://media.example.com:8080/a', 'not-for-sale'],
    ['https://media.example.com.evil.example/', 'not-for-sale'],
    ['https://media.example.com@10.0.0.1/', 'not-for-sale'],
    ['https://media.example.com\\@10.0.0.1/', 'not-for-sale'],
    ['https://media.example.com\t.evil.example/', 'not-for-sale'],
    ['https://medıa.example.com/', 'not-for-sale'],
    ['https://169.254.169.254/latest/meta-data', 'not-for-sale'],
    ['//media.example.com/a.png', 'request-malformed'],
    ['ftp://media.example.com/a.png', 'request-malformed'],
    ['data:image/png;base64,iVBORw0KGgo=', undefined],
  ])('may fetch %j: %s', (url, refused) => expect(refusedBy(chatApi, showing(url))).toBe(refused))

  it('may add a prompt of its own, so that bytes alone do not bound what it reads', () => {
    const bytes = new TextEncoder().encode(JSON.stringify(least)).length
    expect(requestOf(chatApi, least).input.bytes).toBe(bytes + 1000)
  })

  it('is asked for usage in every event only if it can', () => {
    const optionsOf = (api: ModelApi) =>
      api.edit(json(least), { asksUsage: true }).find(({ path }) => path[0] === 'stream_options')?.text
    expect(optionsOf(chatOf({ runningUsage: true }))).toBe('{"include_usage":true,"continuous_usage_stats":true}')
    expect(optionsOf(chatOf({}))).toBe('{"include_usage":true}')
    expect(optionsOf(chatOf({ includeUsage: false }))).toBeUndefined()
    expect(requestOf(chatOf({ includeUsage: false }), least).isUsageAsked).toBe(true)
  })

  it('that reports usage as it runs is charged exactly what it had used when it was cut off', () => {
    const api = chatOf({ runningUsage: true })
    const event = (completion: number): object => ({
      choices: [{ index: 0, delta: { content: 'a' }, finish_reason: null }],
      usage: chatUsage(24, completion),
    })
    const reader = streamed(api, requestOf(api, least), event(1), event(17))
    expect(reader.final()).toBeUndefined()
    expect(reader.isRunning?.()).toBe(true)
    expect(reader.soFar(1000)).toEqual({ tokens: { input: 24n, output: 17n } })
  })

  it('that reports each choice by itself as it runs is read to the report on all of them', () => {
    const api = chatOf({ runningUsage: true })
    const event = (index: number, completion: number, finish_reason: string | null = null): object => ({
      choices: [{ index, delta: { content: 'four' }, finish_reason }],
      usage: chatUsage(24, completion),
    })
    const request = requestOf(api, { ...least, n: 2 })
    const reader = streamed(api, request, event(0, 100), event(1, 90), event(0, 100, 'stop'), event(1, 90, 'stop'))
    expect([reader.final(), reader.isRunning?.()]).toEqual([undefined, false])
    expect(reader.soFar(1000)).toEqual({ tokens: { output: 16n }, isInputUnknown: true })
    reader.event(undefined, { choices: [], usage: chatUsage(24, 190) })
    expect(reader.final()?.tokens).toEqual({ input: 24n, output: 190n })
  })

  it('that takes a cap of 0 for none is not believed to generate nothing', () => {
    const endpoint = compatibleProvider().endpoint('POST', '/v1/completions', '')
    if (endpoint?.kind !== 'metered') throw new Error('closed')
    const { output } = requestOf(endpoint.api, { model: 'm', prompt: 'a', max_tokens: 0 })
    expect((output.cap ?? 0n) > 1_000_000n).toBe(true)
  })

  it.each([
    ['nothing of the output', { prompt_tokens: 9, total_tokens: 9 }],
    ['null of the output', { prompt_tokens: 9, completion_tokens: null }],
  ])('costs its reservation if it reports %s', (_what, usage) => {
    const reader = chatOf({}).reader(requestOf(chatOf({}), least))
    reader.whole({ choices: [{ index: 0, message: { content: 'a long answer' }, finish_reason: 'stop' }], usage })
    expect(reader.final()).toBeUndefined()
  })

  it('has no tiers: one that an operator lets through changes nothing', () => {
    expect(requestOf(chatOf({}), { ...least, service_tier: 'priority' }).tier).toBeUndefined()
  })

  it('gets a cap in the older member too, which some know alone', () => {
    expect(chatOf({}).edit(json({ ...least, max_completion_tokens: 9 }), {})).toContainEqual({
      path: ['max_tokens'],
      text: '9',
    })
    expect(chatOf({}).edit(json(least), { cap: 7n })).toContainEqual({ path: ['max_tokens'], text: '7' })
    expect(chatOf({}).edit(json({ ...least, max_tokens: 5 }), {})).toEqual([])
  })

  it.each<[what: string, options: Partial<CompatibleOptions>, fault: string | undefined]>([
    [
      'an address of its own, with or without the base',
      { url: ['https://a.example/v1/', 'https://b.example'] },
      undefined,
    ],
    ['loopback', { url: 'http://127.0.0.1:8000/v1' }, undefined],
    ['an address that would show prompts to all', { url: 'http://vllm.internal:8000/v1' }, 'url'],
    ['one such address among others', { url: ['https://a.example', 'http://10.0.0.7'] }, 'url[1]'],
    ['hosts that are no list', { mediaHosts: 'a.example' as unknown as string[] }, 'mediaHosts'],
  ])('is configured with %s: %s', (_what, options, fault) => {
    const models = { m: { rates: { input: '1', output: '1' }, limit: { input: 9, output: 9 } } }
    const plugin = compatible({ url: 'https://a.example', currency: 'USD', models, ...options })
    expect(plugin.faults?.({ vars: {}, secrets: {} } as never).map(({ path }) => path.split('.')[0])).toEqual(
      fault === undefined ? [] : [fault],
    )
    if (fault === undefined) for (const server of plugin.servers ?? []) expect(server).not.toMatch(/\/(?:v1\/?)?$/)
  })
})
