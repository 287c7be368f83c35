import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { JsonOutline } from '../../../src/meters/llm/rules/outline.ts'

function outlineOf(...parts: readonly string[]): unknown {
  const outline = new JsonOutline()
  for (const part of parts) outline.push(part)
  const text = outline.end()
  return text === undefined ? undefined : (JSON.parse(text) as unknown)
}

const USAGE = { input_tokens: 150, output_tokens: 8000, details: [{ image: 1 }, { image: [2, 3] }] }

describe('the outline of a JSON text', () => {
  it.each([
    ['a short text', { a: [{ b: 'c' }], d: null, usage: { n: 1 } }, { a: [{ b: 'c' }], d: null, usage: { n: 1 } }],
    ['a long string', { data: 'x'.repeat(1000), n: 1 }, { data: 'x'.repeat(256), n: 1 }],
    ['numbers', { data: [{ embedding: [-0.5, 1e-9, 2] }], n: [] }, { data: [{ embedding: [] }], n: [] }],
    ['numbers before others', { a: [1, 2, 'x', true, null, { b: 1 }], n: 1 }, { a: ['x', true, null, { b: 1 }], n: 1 }],
    ['others before numbers', { a: ['x', 1, [2]], b: [true, 2] }, { a: ['x', 1, []], b: [true, 2] }],
  ])('of %s keeps its structure', (_what, value, outline) => {
    expect(outlineOf(JSON.stringify(value))).toEqual(outline)
    expect(outlineOf(...JSON.stringify(value).split(''))).toEqual(outline)
    expect(outlineOf(JSON.stringify(value, undefined, 1))).toEqual(outline)
  })

  it.each([
    ['before', { usage: USAGE, data: [{ b64_json: 'A'.repeat(3_000_000) }] }],
    ['after', { data: [{ b64_json: 'A'.repeat(3_000_000) }], usage: USAGE }],
    [
      'between',
      {
        data: [{ embedding: Array.from({ length: 200_000 }, () => -0.0123) }],
        usage: USAGE,
        more: ['"usage":{"'.repeat(9999)],
      },
    ],
  ])('has the usage %s megabytes of content', (_where, answer) => {
    const text = JSON.stringify(answer)
    const kept = JSON.parse(JSON.stringify(USAGE)) as typeof USAGE
    const outline = outlineOf(text.slice(0, 1_000_000), text.slice(1_000_000)) as { usage: typeof USAGE }
    expect(outline.usage).toEqual({ ...kept, details: [{ image: 1 }, { image: [] }] })
  })

  it.each([
    ['\\', 'a'.repeat(250)],
    ['"', 'a'.repeat(254)],
    ['\u0001', 'a'.repeat(251)],
    ['\ud83d\ude00', 'a'.repeat(255)],
  ])('is JSON where a string is cut inside %j', (inside, before) => {
    const value = { a: before + inside.repeat(9), n: 1 }
    for (const parts of [[JSON.stringify(value)], JSON.stringify(value).split('')])
      expect(outlineOf(...parts)).toMatchObject({ a: expect.stringMatching(/^a+/) as string, n: 1 })
  })

  it('is none if it is too long', () => {
    expect(outlineOf(JSON.stringify(Array.from({ length: 400_000 }, () => ({}))))).toBe(undefined)
  })

  it('takes a string of nothing but escapes in one go', () => {
    expect(outlineOf(JSON.stringify({ a: '"'.repeat(2_000_000), n: 1 }))).toMatchObject({ n: 1 })
  })

  it('is the same whatever the parts', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), fc.array(fc.nat()), (text, at) => {
        const places = [...new Set(at.map((place) => place % (text.length + 1)))].sort((a, b) => a - b)
        const parts = [0, ...places].map((from, index) => text.slice(from, places[index] ?? text.length))
        expect(outlineOf(...parts)).toEqual(outlineOf(text))
      }),
    )
  })
})
