import { describe, expect, it } from 'vitest'
import { textLength } from '../../../src/meters/shapes/textlength.ts'

describe('the bytes that bound the tokens of a text', () => {
  it.each([
    ['plain text', 'abc', 3],
    ['letters beyond ASCII', 'é中😀', 9],
    ['half of a pair', '\ud800', 3],
    ['quotes and lines, which JSON escapes', 'a"\n\\', 7],
    ['control characters, which JSON writes with six', '\u0001\u001f', 12],
    ['a ligature that is a sentence once it is written out', '\ufdfa', 33],
    ['many of them, piece by piece', '\ufdfa'.repeat(20_000), 660_000],
    ['wide letters, which are shorter once they are', '\uff21', 3],
  ])('are those of %s', (_what, text, bytes) => {
    expect(textLength(text)).toBe(bytes)
  })
})
