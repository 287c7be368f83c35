import { HTTPClient, Mistral } from '@mistralai/mistralai'
import { expect, it } from 'vitest'
import { mistralProvider } from '../../../src/meters/mistral.ts'
import { type ApiUnderTest, holdProviderToContract } from './provider.contract.ts'
import { json } from './shapes.ts'

const chunk = (delta: object, more: object = {}, finish: string | null = null): object => ({
  id: 'cmpl-1',
  object: 'chat.completion.chunk',
  model: 'mistral-large-2512',
  choices: [{ index: 0, delta, finish_reason: finish }],
  ...more,
})
const usage = { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 }
const used = { tokens: { input: 9n, output: 4n }, model: 'mistral-large-2512' }
const answer = (report: object): object => ({ id: 'cmpl-1', model: 'mistral-large-2512', choices: [], usage: report })

/** The documented members of @mistralai/mistralai 2.7, each with a value of its type. */
const chat: ApiUnderTest = {
  path: '/v1/chat/completions',
  least: json({ model: 'mistral-large-2512', messages: [{ role: 'user', content: 'hello' }] }),
  others: json({
    frequency_penalty: 0,
    max_tokens: 100,
    metadata: { a: 'b' },
    n: 2,
    parallel_tool_calls: true,
    prediction: { type: 'content', content: 'x' },
    presence_penalty: 0,
    prompt_cache_key: 'k',
    prompt_mode: 'reasoning',
    random_seed: 1,
    reasoning_effort: 'low',
    response_format: { type: 'json_object' },
    safe_prompt: true,
    service_tier: 'standard_only',
    stop: 'a',
    stream: true,
    temperature: 0,
    tool_choice: 'auto',
    tools: [{ type: 'function', function: { name: 'f', parameters: { properties: { library_ids: {} } } } }],
    top_p: 1,
  }),
  caps: true,
  naming: ['prompt_cache_key'],
  refused: [
    ['a file', { messages: [{ role: 'user', content: [{ type: 'file', file_id: 'f1' }] }] }, 'not-for-sale'],
    ['a library', { tools: [{ type: 'document_library', library_ids: ['l1'] }] }, 'not-for-sale'],
    ['a connector of the operator’s', { tools: [{ type: 'connector', connector_id: 'c1' }] }, 'not-for-sale'],
    ['an absurd cap', { max_tokens: 2 ** 60 }, 'request-malformed'],
    ['a tier that is not sold', { service_tier: 'express' }, 'not-for-sale'],
  ],
  answers: [
    ['plain', answer(usage), used],
    [
      'cached',
      answer({ ...usage, prompt_tokens: 100, prompt_tokens_details: { cached_tokens: 60, audio_tokens: 0 } }),
      { ...used, tokens: { input: 40n, cacheRead: 60n, output: 4n } },
    ],
    ['seconds of sound', answer({ ...usage, prompt_audio_seconds: 12 }), { ...used, fees: { second: 12n } }],
    ['no sound', answer({ ...usage, prompt_audio_seconds: null }), used],
    ['served by the standard tier', answer({ ...usage, service_tier: 'standard' }), { ...used, tier: 'default' }],
    ['served by a tier without rates', answer({ ...usage, service_tier: 'express' }), undefined],
  ],
  streams: [
    {
      what: 'usage in the last chunk, unasked',
      asks: { stream: true },
      events: [
        chunk({ role: 'assistant', content: '' }),
        chunk({ content: 'é' }),
        chunk({ content: '' }, { usage }, 'stop'),
      ],
      used,
    },
    {
      what: 'two choices that end one after the other',
      asks: { stream: true, n: 2 },
      events: [
        chunk({ content: 'a' }),
        chunk({ content: '' }, {}, 'stop'),
        chunk({}, { choices: [{ index: 1, delta: {}, finish_reason: 'length' }], usage }),
      ],
      used,
    },
    {
      what: 'an error',
      events: [{ object: 'error', message: 'no', type: 'x', code: '1' }],
      kinds: 'e',
      used: undefined,
    },
    { what: 'cut off', events: [chunk({ content: 'a' })], used: undefined },
  ],
}

const fim: ApiUnderTest = {
  path: '/v1/fim/completions',
  least: { model: 'codestral-2508', prompt: 'hello' },
  others: json({
    max_tokens: 9,
    metadata: {},
    min_tokens: 1,
    prompt_cache_key: 'k',
    random_seed: 1,
    stop: ['a'],
    stream: false,
    suffix: 's',
    temperature: 0,
    top_p: 1,
  }),
  caps: true,
  naming: ['prompt_cache_key'],
  refused: [['no prompt', { prompt: null }, 'request-malformed']],
  answers: [['plain', answer(usage), used]],
  streams: [{ what: 'usage in the last chunk', events: [chunk({ content: 'a' }), chunk({}, { usage }, 'stop')], used }],
}

const embeddings: ApiUnderTest = {
  path: '/v1/embeddings',
  least: { model: 'mistral-embed', input: ['hello', 'x'] },
  others: json({ encoding_format: 'float', metadata: {}, output_dimension: 5, output_dtype: 'int8' }),
  caps: false,
  refused: [['no input', { input: '', model: '' }, 'request-malformed']],
  answers: [
    [
      'plain',
      { model: 'mistral-embed', usage: { prompt_tokens: 8, completion_tokens: 0, total_tokens: 8 } },
      { tokens: { input: 8n }, model: 'mistral-embed' },
    ],
  ],
  streams: [{ what: 'none', events: [{}], used: undefined }],
}

holdProviderToContract({
  provider: mistralProvider,
  open: {
    'POST /v1/chat/completions': 'metered',
    'POST /v1/fim/completions': 'metered',
    'POST /v1/embeddings': 'metered',
    'POST /v1/moderations': 'free',
    'POST /v1/chat/moderations': 'free',
    'GET /v1/models': 'models',
  },
  closed: `POST /v1/agents/completions|POST /v1/conversations|POST /v1/batch/jobs|POST /v1/libraries|POST /v1/ocr
    POST /v1/classifications|POST /v1/audio/transcriptions|POST /v1/connectors`.split(/\s*[|\n]\s*/),
  apis: [chat, fim, embeddings],
})

it('lists models so that Mistral’s SDK can read them', async () => {
  const answering = (one?: string) =>
    new Mistral({
      apiKey: 'k',
      httpClient: new HTTPClient({
        fetcher: () => Promise.resolve(Response.json(mistralProvider.models(['a', 'b'], one))),
      }),
    })
  expect((await answering().models.list()).data).toMatchObject([{ id: 'a' }, { id: 'b' }])
  expect(await answering('a').models.retrieve({ modelId: 'a' })).toMatchObject({ id: 'a' })
})
