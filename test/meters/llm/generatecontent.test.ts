import { describe, expect, it } from 'vitest'
import type { ModelRequest } from '../../../src/meters/llm/rules/request.ts'
import {
  batchEmbedContents,
  countGeminiTokens,
  embedContent,
  generateContent,
} from '../../../src/meters/shapes/generatecontent.ts'
import { json, refusedBy, requestOf } from './shapes.ts'

const UNARY = '/v1beta/models/gemini-x:generateContent'
const STREAM = '/v1beta/models/gemini-x:streamGenerateContent'
const hello = { contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] }
const said = (...parts: object[]) => ({ contents: [{ role: 'user', parts }] })
const config = (generationConfig: object) => ({ ...hello, generationConfig })
const tools = (...list: object[]) => ({ ...hello, tools: list })
const read = (body: object, path = UNARY): ModelRequest => requestOf(generateContent, body, path)
const data = (mimeType: string) => said({ inlineData: { mimeType, data: 'QUJD'.repeat(1000) } })

describe('a generateContent request', () => {
  it('is bounded by its path, its bytes and its cap', () => {
    expect(read({ ...config({ maxOutputTokens: 100 }) })).toMatchObject({
      model: 'gemini-x',
      isStream: false,
      isUsageAsked: true,
      input: { media: [], indirect: undefined, hasTools: false },
      output: { cap: 100n, choices: 1n, leastCap: 1n, fees: {} },
      tools: [],
      tier: undefined,
      writesLongCache: false,
    })
    expect(read(hello).input.bytes).toBe(JSON.stringify(hello).length)
    expect(read(hello, STREAM)).toMatchObject({ model: 'gemini-x', isStream: true, output: { cap: undefined } })
  })

  it.each<[string, object, string]>([
    ['a cap in a string that is no number', config({ maxOutputTokens: '1e3' }), 'request-malformed'],
    ['a cap of 0', config({ maxOutputTokens: 0 }), 'request-malformed'],
    ['a billion candidates', config({ candidateCount: 1e9 }), 'request-malformed'],
    [
      'a billion candidates in a string, in the other spelling',
      { ...hello, generation_config: { candidate_count: '1000000000' } },
      'request-malformed',
    ],
    ['a choice of models', config({ routingConfig: { autoMode: {} } }), 'not-for-sale'],
    ['another model than that of the path', { ...hello, model: 'models/gemini-dear' }, 'request-malformed'],
    ['a cached content', { ...hello, cachedContent: 'cachedContents/1' }, 'not-for-sale'],
    ['a cached content in the other spelling', { ...hello, cached_content: 'cachedContents/1' }, 'not-for-sale'],
    [
      'a file of the operator',
      said({ fileData: { fileUri: 'https://generativelanguage.googleapis.com/v1beta/files/1' } }),
      'not-for-sale',
    ],
    [
      'the same in the other spelling',
      said({ file_data: { file_uri: 'https://generativelanguage.googleapis.com/v1beta/files/1' } }),
      'not-for-sale',
    ],
    ['a file in a bucket', said({ fileData: { fileUri: 'gs://bucket/file' } }), 'not-for-sale'],
    ['a file by its name', said({ fileData: { fileUri: 'files/1' } }), 'not-for-sale'],
    [
      'a file at a host with a port and a user',
      said({ fileData: { fileUri: 'https://storage.googleapis.com@example.com/' } }),
      'not-for-sale',
    ],
    [
      'a file in what a function returned',
      said({ functionResponse: { name: 'f', response: {}, parts: [{ fileData: { fileUri: 'files/1' } }] } }),
      'not-for-sale',
    ],
    ['a search in stores', tools({ fileSearch: { fileSearchStoreNames: ['fileSearchStores/1'] } }), 'not-for-sale'],
    ['maps', tools({ google_maps: {} }), 'not-for-sale'],
    ['a tier that is not known', { ...hello, serviceTier: 'warp' }, 'not-for-sale'],
    ['data that are no string', said({ inlineData: { mimeType: 'image/png', data: 7 } }), 'request-malformed'],
  ])('is refused: %s', (_, body, reason) => {
    expect(refusedBy(generateContent, body, UNARY)).toBe(reason)
  })

  it.each<[string, object, object]>([
    [
      'in the other spelling',
      { ...hello, generation_config: { max_output_tokens: 7, candidate_count: 2 } },
      { cap: 7n, choices: 2n },
    ],
    [
      'in strings, as Protocol Buffers have them',
      config({ maxOutputTokens: '7', candidateCount: '2' }),
      { cap: 7n, choices: 2n },
    ],
    ['huge', config({ maxOutputTokens: 2 ** 40 }), { cap: 2n ** 40n, most: 65_536n }],
    [
      'of pictures, which are never drawn in half',
      config({ maxOutputTokens: 7, responseModalities: ['TEXT', 'IMAGE'] }),
      { cap: undefined, leastCap: 65_537n },
    ],
    [
      'of speech',
      config({ maxOutputTokens: 7, response_modalities: ['AUDIO'] }),
      { cap: undefined, leastCap: 65_537n },
    ],
    ['of text alone', config({ maxOutputTokens: 7, responseModalities: ['TEXT'] }), { cap: 7n, leastCap: 1n }],
  ])('has a bound of its output: %s', (_, body, output) => {
    expect(read(body).output).toMatchObject(output)
  })

  it.each<[string, string, bigint]>([
    ['gemini-4-argon', 'generateContent', 32_768n],
    ['gemini-4-argon', 'streamGenerateContent', 65_536n],
    ['gemini-2.5-pro', 'generateContent', 65_536n],
  ])('of %s in one answer of %s has at most %s tokens', (model, method, most) => {
    expect(read(hello, `/v1/models/${model}:${method}`).output.most).toBe(most)
  })

  it('of a model that draws has no cap that bounds anything', () => {
    const { output } = read(config({ maxOutputTokens: 7 }), '/v1beta/models/gemini-2.5-flash-image:generateContent')
    expect(output.cap).toBeUndefined()
  })

  it.each<[string, object, object]>([
    ['a picture', data('image/png'), { media: [{ kind: 'image' }], indirect: undefined }],
    [
      'a picture in the other spelling',
      said({ inline_data: { mime_type: 'image/png', data: 'QUJD' } }),
      { media: [{ kind: 'image' }] },
    ],
    ['sound', data('audio/wav'), { media: [{ kind: 'audio' }] }],
    ['a film', data('video/mp4'), { media: [{ kind: 'video' }] }],
    ['a drawing, which is a text', data('image/svg+xml'), { media: [{ kind: 'document' }] }],
    ['a PDF', data('application/pdf'), { media: [{ kind: 'document' }] }],
    ['something else', data('application/x-unknown'), { media: [{ kind: 'document' }] }],
    ['no type', said({ inlineData: { data: 'QUJD' } }), { media: [{ kind: 'document' }] }],
    [
      'a picture that a function returned',
      said({ functionResponse: { name: 'f', parts: [{ inlineData: { mimeType: 'image/png', data: 'QUJD' } }] } }),
      { media: [{ kind: 'image' }] },
    ],
    [
      'a film elsewhere',
      said({ fileData: { fileUri: 'https://www.youtube.com/watch?v=1' } }),
      { indirect: 'fileData' },
    ],
    ['an earlier answer', { ...hello, continuationToken: 'hop-1' }, { indirect: 'continuationToken' }],
    ['the same in the other spelling', { ...hello, continuation_token: 'hop-1' }, { indirect: 'continuationToken' }],
    ['a search', tools({ google_search: {} }), { indirect: 'google_search', readings: 2, hasTools: true }],
    ['code that the provider runs', tools({ codeExecution: {} }), { indirect: 'code_execution', readings: 6 }],
    [
      'functions of the client',
      tools({ functionDeclarations: [{ name: 'f', parameters: { properties: { fileData: {} } } }] }),
      { indirect: undefined, hasTools: true },
    ],
    [
      'what a function was called with',
      said({ functionCall: { name: 'f', args: { fileData: { fileUri: 'files/1' }, cachedContent: 'c' } } }),
      { indirect: undefined },
    ],
  ])('has a bound of its input: %s', (_, body, input) => {
    expect(read(body).input).toMatchObject(input)
  })

  it('counts data of media by the media, and those of a text by their bytes', () => {
    expect(read(data('image/png')).input.bytes).toBeLessThan(150)
    expect(read(data('text/csv')).input.bytes).toBeGreaterThan(4000)
    expect(read(tools({ computerUse: { environment: 'ENVIRONMENT_BROWSER' } })).input.bytes).toBeGreaterThan(16_000)
  })

  it.each<[string, object[], readonly string[]]>([
    ['none of the provider', [{ functionDeclarations: [] }, { computer_use: {} }], []],
    [
      'of the provider',
      [{ googleSearch: {} }, { url_context: {}, codeExecution: {} }],
      ['google_search', 'url_context', 'code_execution'],
    ],
    ['of a kind that is not known', [{ hologram: {} }], ['hologram']],
  ])('names its tools: %s', (_, list, run) => {
    expect(read(tools(...list)).tools).toEqual(run)
  })

  it.each<[string, object]>([
    ['gemini-3-flash-preview', { webSearch: undefined }],
    ['gemini-2.5-flash', { webSearch: 1n }],
  ])('that searches with %s knows its fees', (model, fees) => {
    expect(read(tools({ googleSearch: {} }), `/v1/models/${model}:generateContent`).output.fees).toEqual(fees)
  })

  it.each<[object, ModelRequest['tier']]>([
    [{ serviceTier: 'flex' }, 'flex'],
    [{ service_tier: 'PRIORITY' }, 'fast'],
    [{ serviceTier: 'standard' }, 'default'],
    [{ serviceTier: 'unspecified' }, undefined],
    [{ serviceTier: null }, undefined],
  ])('names its tier: %j', (more, tier) => {
    expect(read({ ...hello, ...more }).tier).toBe(tier)
  })

  it('is changed where it has to be, in its own spelling', () => {
    expect(generateContent.edit(json(hello), { model: 'gemini-y', cap: 16n, tier: 'default' })).toEqual([
      { path: ['generationConfig', 'maxOutputTokens'], text: '16' },
    ])
    const body = {
      ...hello,
      model: 'models/gemini-x',
      generation_config: { max_output_tokens: 99 },
      service_tier: 'flex',
      store: true,
    }
    expect(generateContent.edit(json(body), { model: 'gemini-y', cap: 16n, tier: 'fast' })).toEqual([
      { path: ['model'], text: '"models/gemini-y"' },
      { path: ['generation_config', 'max_output_tokens'], text: '16' },
      { path: ['service_tier'], text: '"priority"' },
      { path: ['store'], text: 'false' },
    ])
    expect(generateContent.pathFor?.(`${STREAM}?alt=sse`, 'gemini-y')).toBe(
      '/v1beta/models/gemini-y:streamGenerateContent?alt=sse',
    )
    expect(generateContent.pathFor?.(UNARY, 'a/b:c?d')).toBe('/v1beta/models/a%2Fb%3Ac%3Fd:generateContent')
  })

  it('is counted with what the counter takes', () => {
    const body = { ...hello, system_instruction: { parts: [{ text: 'Be brief' }] }, serviceTier: 'flex', store: false }
    expect(generateContent.counter?.(json(body), 'gemini-y')).toEqual({
      path: '/v1beta/models/gemini-y:countTokens',
      body: {
        generateContentRequest: { ...hello, system_instruction: body.system_instruction, model: 'models/gemini-y' },
      },
    })
    expect(generateContent.countIn?.({ totalTokens: 320 })).toBe(320n)
    expect(generateContent.countIn?.({})).toBeUndefined()
  })

  it('to count tokens is judged like one to generate, wherever it is', () => {
    const path = '/v1beta/models/gemini-x:countTokens'
    const request = { ...hello, model: 'models/gemini-x' }
    expect(requestOf(countGeminiTokens, hello, path)).toMatchObject({ model: 'gemini-x', isStream: false })
    expect(requestOf(countGeminiTokens, { generateContentRequest: request }, path)).toMatchObject({ model: 'gemini-x' })
    const kept = said({ fileData: { fileUri: 'files/1' } })
    expect(refusedBy(countGeminiTokens, { generateContentRequest: kept }, path)).toBe('not-for-sale')
    expect(refusedBy(countGeminiTokens, { generate_content_request: kept }, path)).toBe('not-for-sale')
    expect(refusedBy(countGeminiTokens, { ...kept, generateContentRequest: hello }, path)).toBe('request-malformed')
    expect(countGeminiTokens.edit(json({ generateContentRequest: request }), { model: 'gemini-y' })).toEqual([
      { path: ['generateContentRequest', 'model'], text: '"models/gemini-y"' },
    ])
  })
})

describe('a request for embeddings', () => {
  const one = { content: { parts: [{ text: 'Hello' }] }, taskType: 'SEMANTIC_SIMILARITY' }
  const batch = {
    requests: [
      { ...one, model: 'models/gemini-e' },
      { ...one, model: 'models/gemini-e' },
    ],
  }
  const path = '/v1/models/gemini-e:batchEmbedContents'

  it('generates nothing, and reads each of its contents by itself', () => {
    const request = requestOf(batchEmbedContents, batch, path)
    expect(request).toMatchObject({ model: 'gemini-e', input: { readings: 2 }, output: { choices: 0n } })
    expect(requestOf(embedContent, one, '/v1/models/gemini-e:embedContent')).toMatchObject({ input: { readings: 1 } })
  })

  it('names no other model in any of its parts, and is changed in each', () => {
    const mixed = { requests: [...batch.requests, { ...one, model: 'models/gemini-dear' }] }
    expect(refusedBy(batchEmbedContents, mixed, path)).toBe('request-malformed')
    expect(refusedBy(batchEmbedContents, { requests: [] }, path)).toBe('request-malformed')
    expect(batchEmbedContents.edit(json(batch), { model: 'gemini-f' })).toEqual([
      { path: ['requests', 0, 'model'], text: '"models/gemini-f"' },
      { path: ['requests', 1, 'model'], text: '"models/gemini-f"' },
    ])
  })

  it('is counted by its contents, unless something beside them may count too', () => {
    const { content } = one
    const requests = [{ content, model: 'models/gemini-e', output_dimensionality: 8 }, { content }]
    expect(batchEmbedContents.counter?.(json({ requests }), 'gemini-e')).toEqual({
      path: '/v1beta/models/gemini-e:countTokens',
      body: { contents: [content, content] },
    })
    expect(batchEmbedContents.counter?.(json(batch), 'gemini-e')).toBeUndefined()
    expect(embedContent.counter?.(json({ content, title: 'A title' }), 'gemini-e')).toBeUndefined()
  })
})
