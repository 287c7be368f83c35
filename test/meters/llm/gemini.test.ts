import { describe, expect, it } from 'vitest'
import type { JsonMembers } from '../../../src/core/json.ts'
import { geminiProvider } from '../../../src/meters/gemini.ts'
import { type ApiUnderTest, holdProviderToContract } from './provider.contract.ts'
import { json, refusedBy, requestOf } from './shapes.ts'

const MODEL = '/v1beta/models/gemini-3-x'
const hello = { contents: [{ role: 'user', parts: [{ text: 'hello' }] }] }
const content = (...parts: object[]): JsonMembers => json({ contents: [{ role: 'user', parts }] })
const chunk = (text: string, more: object = {}, candidate: object = {}): object => ({
  candidates: [{ content: { parts: [{ text }], role: 'model' }, index: 0, ...candidate }],
  modelVersion: 'gemini-3-x',
  ...more,
})
const report = (prompt: number, candidates: number, more: object = {}): object => ({
  usageMetadata: { promptTokenCount: prompt, candidatesTokenCount: candidates, ...more },
})
const used = { tokens: { input: 9n, output: 4n }, model: 'gemini-3-x' }
const end = { finishReason: 'STOP' }

/** The documented members of @google/genai 3.3, each with a value of its type. */
const others = json({
  generationConfig: {
    temperature: 0,
    topP: 1,
    topK: 5,
    candidateCount: 1,
    maxOutputTokens: 100,
    stopSequences: ['a'],
    responseMimeType: 'application/json',
    responseJsonSchema: { properties: { fileData: {} } },
    thinkingConfig: { thinkingBudget: -1 },
    responseModalities: ['TEXT'],
  },
  safetySettings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' }],
  serviceTier: 'standard',
  store: false,
  system_instruction: { parts: [{ text: 'Be brief' }] },
  toolConfig: { functionCallingConfig: { mode: 'AUTO' } },
  tools: [{ functionDeclarations: [{ name: 'f', parameters: { properties: { file_data: {} } } }] }],
  cachedContent: null,
  continuationToken: null,
})
const refused: ApiUnderTest['refused'] = [
  ['a cached content', { cachedContent: 'cachedContents/secret' }, 'not-for-sale'],
  ['a file', content({ file_data: { file_uri: 'files/secret' } }), 'not-for-sale'],
  ['an absurd number of candidates', { generationConfig: { candidateCount: 1e9 } }, 'request-malformed'],
  ['another model', { model: 'models/gemini-dear' }, 'request-malformed'],
]

const generate: ApiUnderTest = {
  path: `${MODEL}:generateContent`,
  least: json(hello),
  others,
  caps: true,
  refused,
  answers: [
    ['plain', chunk('a', report(9, 4), end), used],
    ['thoughts', chunk('a', report(9, 1, { thoughtsTokenCount: 3 }), end), used],
    [
      'cached, of tools, and sound',
      chunk('a', {
        usageMetadata: {
          promptTokenCount: 100,
          cachedContentTokenCount: 60,
          toolUsePromptTokenCount: 20,
          candidatesTokenCount: 4,
          totalTokenCount: 124,
          promptTokensDetails: [
            { modality: 'TEXT', tokenCount: 90 },
            { modality: 'AUDIO', tokenCount: 10 },
          ],
        },
      }),
      { ...used, tokens: { input: 50n, cacheRead: 60n, inputAudio: 10n, output: 4n } },
    ],
    ['served by another tier', chunk('a', report(9, 4, { serviceTier: 'flex' }), end), { ...used, tier: 'flex' }],
    ['without usage', chunk('a', {}, end), undefined],
  ],
  streams: [],
}

const stream: ApiUnderTest = {
  path: `${MODEL}:streamGenerateContent`,
  query: '?alt=sse',
  least: json(hello),
  others,
  caps: true,
  refused,
  answers: [],
  streams: [
    {
      what: 'usage in every chunk',
      events: [
        chunk('é', report(9, 1)),
        chunk('🙂 "usageMetadata":{}', report(9, 2)),
        chunk('', report(9, 4, { totalTokenCount: 13 }), end),
      ],
      used,
    },
    {
      what: 'a hop, which is an answer of its own',
      events: [chunk('a', report(9, 4), { finishReason: 'CONTINUATION', continuationToken: 'hop-1' })],
      used,
    },
    {
      what: 'an error after some text',
      events: [chunk('a', report(9, 1)), { error: { code: 503, status: 'UNAVAILABLE', message: 'secret' } }],
      kinds: 'ce',
      used: undefined,
    },
  ],
}

const requests = { requests: [{ model: 'models/gemini-3-x', content: { parts: [{ text: 'hello' }] } }] }
const embeddings = (call: string, least: object, more: object): ApiUnderTest => ({
  path: `${MODEL}:${call}`,
  least: json(least),
  others: json(more),
  caps: false,
  refused: [['another model', { model: 'models/gemini-dear' }, 'request-malformed']],
  answers: [
    ['the prompt', { usageMetadata: { promptTokenCount: 9 } }, { tokens: { input: 9n } }],
    ['no usage', { embedding: { values: [] } }, undefined],
  ],
  streams: [],
})

const chats: ApiUnderTest = {
  path: '/v1beta/openai/chat/completions',
  least: json({ model: 'gemini-3-x', messages: [{ role: 'user', content: 'hello' }] }),
  others: json({ max_completion_tokens: 9, n: 2, reasoning_effort: 'low', stream: true, user: 'u' }),
  caps: true,
  naming: ['user'],
  refused: [],
  answers: [
    [
      'thoughts in the total alone',
      { model: 'gemini-3-x', usage: { prompt_tokens: 9, completion_tokens: 1, total_tokens: 13 } },
      used,
    ],
  ],
  streams: [],
}

holdProviderToContract({
  provider: geminiProvider,
  open: {
    'POST /v1/models/gemini-x:generateContent': 'metered',
    'POST /v1beta/models/gemini-x:generateContent': 'metered',
    'POST /v1beta/models/gemini-x:streamGenerateContent?alt=sse': 'metered',
    'POST /v1beta/models/gemini-x:embedContent': 'metered',
    'POST /v1/models/gemini-x:batchEmbedContents': 'metered',
    'POST /v1beta/models/gemini-x:countTokens': 'counter',
    'POST /v1beta/openai/chat/completions': 'metered',
    'POST /v1beta/openai/embeddings': 'metered',
    'GET /v1beta/models': 'models',
    'GET /v1/models/gemini-x': 'models',
  },
  closed: [
    'GET /v1beta/openai/models',
    'POST /v1beta/openai/images/generations',
    'POST /v1beta/models/gemini-x:batchGenerateContent',
    'POST /v1beta/models/gemini-x:asyncBatchEmbedContent',
    'POST /v1beta/models/veo:predictLongRunning',
    'POST /v1beta/models/imagen:predict',
    'POST /v1beta/tunedModels/t:generateContent',
    'POST /v1beta/models/a/b:generateContent',
    'POST /v1beta/models/a%2Fb:generateContent',
    'POST /v1alpha/models/gemini-x:generateContent',
    'POST /v1beta/interactions',
    'POST /v1beta/cachedContents',
    'GET /v1beta/cachedContents',
    'POST /upload/v1beta/files',
    'GET /v1beta/files/1',
    'GET /ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent',
  ],
  apis: [
    generate,
    stream,
    embeddings(
      'embedContent',
      { content: { parts: [{ text: 'hello' }] } },
      { taskType: 'A', title: 'b', outputDimensionality: 8 },
    ),
    embeddings('batchEmbedContents', requests, {}),
    { ...generate, path: `${MODEL}:countTokens`, others: {}, caps: false, refused: refused.slice(1, 2), answers: [] },
    chats,
  ],
})

describe('Gemini', () => {
  it.each([
    ['?alt=sse', '/v1/models/gemini-x:streamGenerateContent?alt=sse'],
    ['?key=k&alt=sse&fields=candidates', '/v1/models/gemini-x:streamGenerateContent?alt=sse'],
    ['', undefined],
    ['?alt=json', undefined],
    ['?alt=ssee', undefined],
  ])('streams events alone, asked with the parameters it knows: %s', (query, path) => {
    const endpoint = geminiProvider.endpoint('POST', '/v1/models/gemini-x:streamGenerateContent', query)
    expect(endpoint?.kind === 'metered' ? endpoint.path : undefined).toBe(path)
  })

  it('lists models as its SDK reads them', () => {
    const model = { name: 'models/a', displayName: 'a' }
    expect(geminiProvider.models(['a'], undefined)).toMatchObject({ models: [model] })
    expect(geminiProvider.models(['a'], 'a')).toMatchObject(model)
  })

  it.each([
    ['/v1/models/gemini-x:generateContent', 'x-goog-api-key', 'k'],
    ['/v1beta/openai/chat/completions', 'authorization', 'Bearer k'],
  ])('sends the operator’s key to %s in %s', (path, name, value) => {
    const headers = new Headers()
    geminiProvider.authorize(headers, 'k', path)
    expect([...headers]).toEqual([[name, value]])
  })

  it('lets no field through that names a project, or leaves the usage out of an answer', () => {
    const hidden = [
      'x-goog-user-project',
      'x-goog-fieldmask',
      'x-http-method-override',
      'x-goog-api-key',
      'authorization',
    ]
    expect(hidden.filter((name) => geminiProvider.requestFields.includes(name))).toEqual([])
  })

  it('in OpenAI’s shape reads no files of the operator’s, and has no extensions', () => {
    const endpoint = geminiProvider.endpoint('POST', '/v1beta/openai/chat/completions', '')
    if (endpoint?.kind !== 'metered') throw new Error('not metered')
    const of = (url: string) => ({
      model: 'gemini-x',
      messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }],
    })
    expect(requestOf(endpoint.api, of('https://example.com/a.png')).input.indirect).toBe('image_url')
    expect(refusedBy(endpoint.api, of('https://generativelanguage.googleapis.com/v1beta/files/1'))).toBe('not-for-sale')
    expect(endpoint.api.members).not.toContain('extra_body')
  })
})
