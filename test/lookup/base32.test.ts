import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeBase32, encodeBase32 } from '../../src/lookup/rules/base32.ts'

describe('bytes for people', () => {
  it.each([
    ['', ''],
    ['f', 'CR'],
    ['fo', 'CSQG'],
    ['foo', 'CSQP-Y'],
    ['foob', 'CSQP-YRG'],
    ['fooba', 'CSQP-YRK1'],
    ['foobar', 'CSQP-YRK1-E8'],
  ])('%j are %j', (text, written) => {
    const given = new TextEncoder().encode(text)
    expect(encodeBase32(given)).toBe(written)
    expect(decodeBase32(written, given.length)).toEqual(given)
  })

  it('come back as they were, however a person types them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 8, maxLength: 64 }), fc.nat(7), (given, style) => {
        let typed = encodeBase32(given)
        if (style & 1) typed = typed.toLowerCase()
        if (style & 2) typed = typed.replaceAll('-', ' ')
        if (style & 4) typed = typed.replaceAll('0', 'o').replaceAll('1', 'l')
        expect(decodeBase32(` ${typed}\n`, given.length)).toEqual(given)
      }),
    )
  })

  it.each(['CSQP-YRK1-E', 'CSQP-YRK1-E8C', 'CSQP-YRK1-E9', 'CSQP-YRU1-E8', 'CSQP_YRK1_E8', '', 'é'.repeat(10)])(
    'are not %j',
    (text) => {
      expect(decodeBase32(text, 6)).toBeUndefined()
    },
  )
})
