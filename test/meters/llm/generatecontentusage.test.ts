import { describe, expect, it } from 'vitest'
import type { ModelRates } from '../../../src/meters/llm/rules/ratecard.ts'
import type { ModelRequest } from '../../../src/meters/llm/rules/request.ts'
import { batchEmbedContents, generateContent } from '../../../src/meters/shapes/generatecontent.ts'
import { amountOf, requestOf, streamed as shown } from './shapes.ts'

const hello = { contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] }
const read = (more: object = {}, model = 'gemini-3-x'): ModelRequest =>
  requestOf(generateContent, { ...hello, ...more }, `/v1beta/models/${model}:streamGenerateContent`)
const streamed = (request: ModelRequest, ...events: object[]) => shown(generateContent, request, ...events)

const FLASH: ModelRates = { input: '0.30', output: '2.50' }
const PRO: ModelRates = { input: '2', output: '12' }
const TIERED: ModelRates = { input: '5', output: '30', tiers: { flex: '0.5', fast: '2' } }
const CACHED: ModelRates = { input: '2', output: '12', cacheRead: '0.2', inputAudio: '4' }
const SPEECH: ModelRates = { input: '2', output: '8', outputAudio: '12' }
const PICTURES: ModelRates = { input: '5', output: '8', outputImage: '30' }
const SEARCHES: ModelRates = { input: '0', output: '0', each: { webSearch: '0.014' } }

const plain = read()
const usage = (usageMetadata: object) => ({ usageMetadata, modelVersion: 'gemini-3-x-001' })
const used = (prompt: number, candidates: number, more = {}) =>
  usage({ promptTokenCount: prompt, candidatesTokenCount: candidates, ...more })
const text = (words: string, more = {}) => ({ candidates: [{ content: { parts: [{ text: words }] }, ...more }] })
const end = { candidates: [{ finishReason: 'STOP' }] }
const drawn = { candidates: [{ content: { parts: [{ inlineData: { mimeType: 'image/png', data: '' } }] } }] }
const details = (modality: string, tokenCount: number) => [{ modality, tokenCount }]
const grounded = (...webSearchQueries: string[]) => ({
  candidates: [{ finishReason: 'STOP', groundingMetadata: { webSearchQueries } }],
})

describe('the usage of a generateContent answer', () => {
  it.each<[string, ModelRates, object, string]>([
    ['thoughts are output', FLASH, used(15, 359, { thoughtsTokenCount: 661 }), '0.0025545'],
    ['thoughts alone', FLASH, usage({ promptTokenCount: 15, thoughtsTokenCount: 1020 }), '0.0025545'],
    ['thoughts in the total alone', FLASH, used(15, 359, { totalTokenCount: 1035 }), '0.0025545'],
    [
      'what tools read is input',
      FLASH,
      used(15, 10, { toolUsePromptTokenCount: 100, totalTokenCount: 125 }),
      '0.0000595',
    ],
    ['the first of two hops', PRO, used(1000, 200), '0.0044'],
    ['the second of two hops', PRO, used(1200, 300), '0.006'],
    ['cached tokens are in the prompt', CACHED, used(1000, 0, { cachedContentTokenCount: 900 }), '0.00038'],
    [
      'sound, some of it cached, counts as sound',
      CACHED,
      used(1000, 0, {
        cachedContentTokenCount: 900,
        promptTokensDetails: [...details('AUDIO', 500), ...details('TEXT', 500)],
        cacheTokensDetails: [...details('AUDIO', 450), ...details('TEXT', 450)],
      }),
      '0.00219',
    ],
    ['speech', SPEECH, used(38, 47, { candidatesTokensDetails: details('AUDIO', 47) }), '0.00064'],
    ['a picture', PICTURES, used(150, 8000, { candidatesTokensDetails: details('IMAGE', 8000) }), '0.24075'],
    ['a picture without a split', PICTURES, { ...drawn, ...used(150, 8000) }, '0.24075'],
    ['a picture and text', PICTURES, used(150, 8000, { candidatesTokensDetails: details('IMAGE', 7000) }), '0.21875'],
    ['served in flex', TIERED, used(1000, 100, { serviceTier: 'flex' }), '0.004'],
    ['served in standard', TIERED, used(1000, 100, { serviceTier: 'STANDARD' }), '0.008'],
    ['served with priority', TIERED, used(1000, 100, { trafficType: 'ON_DEMAND_PRIORITY' }), '0.016'],
    ['served as usual', TIERED, used(1000, 100, { trafficType: 'ON_DEMAND' }), '0.008'],
    ['sound without a rate', FLASH, used(38, 47, { promptTokensDetails: details('AUDIO', 38) }), 'inputAudio'],
  ])('is priced: %s', (_, rates, answer, price) => {
    const reader = generateContent.reader(plain)
    reader.whole(answer)
    expect(amountOf(reader.final(), rates)).toBe(price)
  })

  it.each<[string, object]>([
    ['no usage', text('a')],
    ['more cached than read', used(10, 1, { cachedContentTokenCount: 11 })],
    ['more sound than read', used(10, 1, { promptTokensDetails: details('AUDIO', 11) })],
    ['a negative count', used(-10, 1)],
    ['half a token', used(0.5, 1)],
    ['a modality that is not known', used(10, 1, { promptTokensDetails: details('SMELL', 1) })],
    ['a tier that is not known', used(10, 1, { serviceTier: 'warp' })],
    ['a film', used(10, 9, { candidatesTokensDetails: details('VIDEO', 9) })],
    ['nothing', []],
  ])('is unknown: %s', (_, answer) => {
    const reader = generateContent.reader(plain)
    reader.whole(answer)
    expect(reader.final()).toBeUndefined()
    expect(reader.soFar(9)).toBeUndefined()
  })

  it.each<[string, string, string[], string]>([
    ['by search', 'gemini-3-x', ['a', 'b', 'a', ''], '0.028'],
    ['by prompt', 'gemini-2.5-flash', ['a', 'b'], '0.014'],
    ['for none', 'gemini-3-x', [''], '0'],
  ])('has fees %s', (_, model, queries, price) => {
    const reader = generateContent.reader(read({ tools: [{ googleSearch: {} }] }, model))
    reader.whole({ ...grounded(...queries), usageMetadata: { promptTokenCount: 1 } })
    expect(amountOf(reader.final(), SEARCHES)).toBe(price)
  })

  it('names the model that served', () => {
    const reader = generateContent.reader(plain)
    reader.whole({ ...used(1, 1), modelVersion: 'models/gemini-3-x-002' })
    expect(reader.final()?.model).toBe('gemini-3-x-002')
  })

  it('of embeddings is the prompt, and unknown if the API does not say it', () => {
    const path = '/v1/models/gemini-e:batchEmbedContents'
    const request = requestOf(batchEmbedContents, { requests: [{ content: {} }] }, path)
    const [told, silent] = [batchEmbedContents.reader(request), batchEmbedContents.reader(request)]
    told.whole({ embeddings: [], usageMetadata: { promptTokenCount: 1000 } })
    silent.whole({ embeddings: [] })
    expect(amountOf(told.final(), FLASH)).toBe('0.0003')
    expect(silent.final()).toBeUndefined()
  })
})

describe('a generateContent stream', () => {
  it('counts its last report, for each chunk has all before it', () => {
    const reader = streamed(
      plain,
      { ...text('a'), ...used(15, 1, { thoughtsTokenCount: 661 }) },
      { ...text('b'), ...used(15, 200) },
      { ...end, ...used(15, 359, { thoughtsTokenCount: 661 }) },
    )
    expect(amountOf(reader.final(), FLASH)).toBe('0.0025545')
  })

  it('is known to its last chunk where it is cut off', () => {
    const reader = streamed(
      plain,
      { ...text('a'), ...used(15, 1) },
      { ...text('b'), ...used(15, 7, { thoughtsTokenCount: 3 }) },
    )
    expect(reader.final()).toBeUndefined()
    expect(reader.isRunning?.()).toBe(true)
    expect(reader.soFar(1e9)?.tokens).toMatchObject({ input: 15n, output: 10n })
    expect(streamed(plain, text('a')).isRunning?.()).toBe(false)
  })

  it('that may search is known at its end alone, and only then is its fee', () => {
    const request = read({ tools: [{ googleSearch: {} }] })
    expect(streamed(request, { ...text('a'), ...used(15, 1) }).soFar(9)).toBeUndefined()
    expect(
      streamed(request, { ...text('a'), ...used(15, 1) }, { ...grounded('q'), ...used(15, 2) }).soFar(9)?.fees,
    ).toEqual({ webSearch: 1n })
  })

  it.each<[string, object[], boolean]>([
    ['a reason to stop', [{ ...end, ...used(1, 1) }], true],
    ['one of two candidates', [{ ...end, ...used(1, 1) }], false],
    ['both', [{ ...end, ...used(1, 1) }, { candidates: [{ index: 1, finishReason: 'MAX_TOKENS' }] }], true],
    ['a block of the prompt', [{ promptFeedback: { blockReason: 'SAFETY' }, ...used(1, 0) }], true],
    ['a hop', [{ candidates: [{ finishReason: 'CONTINUATION', continuationToken: 'h' }], ...used(1, 1) }], true],
    ['a token to go on from, in between', [{ candidates: [{ continuationToken: 'h' }], ...used(1, 1) }], false],
  ])('ends with %s: %j %s', (name, events, isFinal) => {
    const request = /candidates|both/.test(name) ? read({ generationConfig: { candidateCount: 2 } }) : plain
    expect(streamed(request, ...events).final() !== undefined).toBe(isFinal)
  })

  it('has an error where the provider says so', () => {
    const reader = generateContent.reader(plain)
    expect(reader.event(undefined, { error: { code: 503, status: 'UNAVAILABLE' } })).toBe('error')
    expect(reader.event(undefined, text('"error":{'))).toBe('content')
  })
})
