import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeUtf8 } from '../../src/core/escapes.ts'

/** What the platform makes of it. */
function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

const escape = (byte: number): string => `%${byte.toString(16).padStart(2, '0')}`

describe('what is escaped', () => {
  it('is decoded as the platform decodes it, and is nothing where that throws', () => {
    const bytes = Array.from({ length: 256 }, (_, byte) => byte)
    const pairs = bytes.flatMap((one) => bytes.map((other) => [one, other]))
    const begun = [0xe0, 0xe1, 0xed, 0xf0, 0xf1, 0xf4, 0xf5].flatMap((first) =>
      bytes.flatMap((second) => [0x7f, 0x80, 0xbf, 0xc0].map((last) => [first, second, last])),
    )
    const texts = [...bytes.map((byte) => [byte]), ...pairs, ...begun, ...begun.map((three) => [...three, 0x80])].map(
      (all) => all.map(escape).join(''),
    )
    expect(texts.filter((text) => decodeUtf8(text) !== decoded(text))).toEqual([])
  })

  it('is so beside what is not, and in capitals', () => {
    const pieces = ['%', '%e2%82%ac', '%E2%82%AC', '%2f', '%ff', 'a', '+', '%c3', '%A9', '%F0%9F%98%80']
    const text = fc.array(fc.constantFrom(...pieces)).map((all) => all.join(''))
    fc.assert(
      fc.property(text, (sent) => {
        expect(decodeUtf8(sent)).toBe(decoded(sent))
      }),
    )
  })
})
