import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Json } from '../../../src/core/json.ts'
import { geminiImages, type ImageRule, imageTokens, openaiImages } from '../../../src/meters/llm/rules/imagetokens.ts'
import { inputBound } from '../../../src/meters/llm/rules/inputbound.ts'
import { parseStrictJson } from '../../../src/meters/llm/rules/json.ts'
import type { InputFacts } from '../../../src/meters/llm/rules/request.ts'

const TEXT: InputFacts = { bytes: 5000, media: [], indirect: undefined, hasTools: false }
const LIMIT = 200_000n
const PICTURE = { kind: 'image', size: { width: 4032, height: 3024 } } as const

describe('the bound of the input', () => {
  it.each<readonly [what: string, facts: Partial<InputFacts>, rule: ImageRule | undefined, tokens: bigint]>([
    ['is its bytes', {}, undefined, 5000n],
    ['is higher with tools', { hasTools: true }, undefined, 6000n],
    ['is higher with tools in each reading', { hasTools: true, readings: 3 }, undefined, 8000n],
    ['is the limit of the model for more bytes', { bytes: 4_000_000 }, undefined, LIMIT],
    ['is the limit for each reading', { bytes: 4_000_000, readings: 2 }, undefined, 2n * LIMIT],
    ['has pictures by the rule of the model', { media: [PICTURE, PICTURE] }, 'openai', 5000n + 2n * 14_364n],
    ['is the limit if the rule is not known', { media: [PICTURE] }, undefined, LIMIT],
    ['is the limit if the size is not known', { media: [{ kind: 'image', size: undefined }] }, 'openai', LIMIT],
    ['has what the model makes of any size', { media: [{ kind: 'image', size: undefined }] }, 'claude', 9784n],
    ['is the limit with sound', { media: [{ kind: 'audio' }] }, 'gemini', LIMIT],
    ['is the limit with a film', { media: [PICTURE, { kind: 'video' }] }, 'gemini', LIMIT],
    ['is the limit with a document', { media: [{ kind: 'document' }] }, 'claude', LIMIT],
  ])('%s', (_, facts, rule, tokens) => {
    expect(inputBound({ ...TEXT, ...facts }, LIMIT, rule)).toEqual({ tokens, isCountable: true })
  })

  it('is the limit, and not for a counter to lower, if something is read that is not in the request', () => {
    const facts = { ...TEXT, indirect: 'web_search' }
    expect(inputBound(facts, LIMIT, 'claude')).toEqual({ tokens: LIMIT, isCountable: false })
    expect(inputBound({ ...facts, readings: 4 }, LIMIT, 'claude').tokens).toBe(4n * LIMIT)
  })

  it('holds for every text: what JSON escapes is never shorter than the bytes of UTF-8 that it stands for', () => {
    const char = fc.oneof(fc.nat(0x7f), fc.nat(0xffff), fc.integer({ min: 0x10000, max: 0x10ffff }))
    const text = fc.string({ unit: char.map((code) => String.fromCodePoint(code)) })
    const property = fc.property(fc.dictionary(text, fc.array(text)), fc.boolean(), (object, isAscii) => {
      const json = isAscii ? inAscii(JSON.stringify(object)) : JSON.stringify(object)
      const body = new TextEncoder().encode(json)
      const read = parseStrictJson(body)
      if (read.ok) expect(bytesOfTexts(read.value)).toBeLessThan(body.length)
    })
    fc.assert(property)
  })
})

const inAscii = (json: string): string =>
  json.replaceAll(/[\x80-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)

function bytesOfTexts(value: Json): number {
  if (typeof value === 'string') return new TextEncoder().encode(value).length
  if (typeof value !== 'object' || value === null) return 0
  return Object.entries(value).reduce((sum, [name, each]) => sum + bytesOfTexts(name) + bytesOfTexts(each), 0)
}

describe('the tokens of a picture', () => {
  it.each<readonly [ImageRule, width: number, height: number, tokens: bigint]>([
    ['openai', 4032, 3024, 14_364n],
    ['openai', 1024, 1024, 1445n],
    ['openai', 1, 1, 1445n],
    ['openai', 65_535, 65_535, 5_033_165n],
    ['openai', 2 ** 32 - 1, 2 ** 32 - 1, 21_617_278_211_378_381n],
    ['openai-small', 1024, 1024, 2520n],
    ['openai-4o-mini', 1, 1, 48_169n],
    ['claude', 28, 28, 2n],
    ['claude', 1092, 1092, 1590n],
    ['claude', 1000, 29, 72n],
    ['claude', 65_535, 65_535, 4784n],
    ['gemini', 1, 1, 2240n],
    ['gemini', 65_535, 1, 2240n],
    ['gemini-tiles', 384, 384, 1032n],
    ['gemini-tiles', 960, 540, 1548n],
    ['gemini-tiles', 65_535, 1, 66_048n],
  ])('are bounded by %s for %d × %d: %d', (rule, width, height, tokens) => {
    expect(imageTokens(rule, { width, height })).toBe(tokens)
  })

  it.each<readonly [ImageRule, bigint | undefined]>([
    ['openai', undefined],
    ['openai-small', undefined],
    ['openai-4o-mini', 48_169n],
    ['claude', 4784n],
    ['gemini', 2240n],
    ['gemini-tiles', undefined],
  ])('are bounded by %s for an unknown size: %s', (rule, tokens) => {
    expect(imageTokens(rule, undefined)).toBe(tokens)
  })

  it.each<readonly [model: string, rule: ImageRule]>([
    ['gpt-5.6', 'openai'],
    ['gpt-6.2-sol', 'openai'],
    ['gpt-4o', 'openai'],
    ['o3', 'openai'],
    ['gpt-4o-mini', 'openai-4o-mini'],
    ['gpt-4o-mini-2024-07-18', 'openai-4o-mini'],
    ['ft:gpt-4o-mini-2024-07-18:acme::abc', 'openai-4o-mini'],
    ['gpt-4.1-mini', 'openai-small'],
    ['gpt-4.1-nano-2025-04-14', 'openai-small'],
    ['gpt-5.4-mini', 'openai-small'],
    ['o4-mini', 'openai-small'],
    ['gemini-2.5-flash', 'gemini-tiles'],
    ['gemini-1.5-pro', 'gemini-tiles'],
    ['gemini-3-pro', 'gemini'],
    ['gemini-4-argon', 'gemini'],
  ])('are counted for %s as %s', (model, rule) => {
    expect(model.startsWith('gemini') ? geminiImages(model) : openaiImages(model)).toBe(rule)
  })

  /** What a provider is known to do before it counts: a picture is shrunk, and never enlarged. */
  it('are no fewer than what the smaller picture counts that a provider makes of it', () => {
    const edge = fc.integer({ min: 1, max: 20_000 })
    const property = fc.property(edge, edge, fc.double({ min: 0.01, max: 1, noNaN: true }), (width, height, factor) => {
      const smaller = {
        width: Math.max(1, Math.floor(width * factor)),
        height: Math.max(1, Math.floor(height * factor)),
      }
      for (const rule of ['openai', 'openai-small', 'claude', 'gemini'] as const)
        expect(imageTokens(rule, smaller)).toBeLessThanOrEqual(imageTokens(rule, { width, height }) ?? -1n)
    })
    fc.assert(property)
  })
})
