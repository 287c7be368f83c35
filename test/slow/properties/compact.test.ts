import * as fc from 'fast-check'
import { base64url } from 'jose'
import { describe, expect, it } from 'vitest'
import { readCompact } from '../../../src/tokens/jws.ts'
import { encode } from '../../support/issuer.ts'
import { anyText } from '../../support/anytext.ts'

const HEADER = encode('{"alg":"ES256"}')
const PAYLOAD = encode('{"iss":"https://billing.example"}')

const json = fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue())
const signature = fc.uint8Array({ minLength: 1, maxLength: 80 })
const token = fc.tuple(json, json, signature).map(([header, payload, bytes]) => {
  const parts = [JSON.stringify(header), JSON.stringify(payload)].map((part) => encode(part))
  return `${parts.join('.')}.${encode(bytes)}`
})

describe('readCompact', () => {
  it('reads back whatever was encoded', () => {
    fc.assert(
      fc.property(json, json, signature, (header, payload, bytes) => {
        const text = [JSON.stringify(header), JSON.stringify(payload)].map((part) => encode(part)).join('.')
        const read = readCompact(`${text}.${encode(bytes)}`)
        const expected = { header, payload }
        expect(read.ok && JSON.stringify(read.value)).toBe(JSON.stringify(expected))
      }),
    )
  })

  it('never throws, and accepts the canonical spelling alone', () => {
    const pieces = fc.constantFrom(
      '.',
      '..',
      HEADER,
      PAYLOAD,
      'AA',
      'AB',
      '=',
      '+',
      '/',
      '-',
      '_',
      ' ',
      '\n',
      '%2E',
      '{}',
    )
    const anything = fc.oneof(
      fc.string(),
      anyText,
      fc.array(pieces, { maxLength: 8 }).map((list) => list.join('')),
      fc.base64String(),
      token,
    )
    fc.assert(
      fc.property(anything, (text) => {
        const read = readCompact(text)
        if (!read.ok) return
        const parts = text.split('.')
        expect(parts).toHaveLength(3)
        expect(parts.map((part) => encode(base64url.decode(part)))).toEqual(parts)
      }),
      { numRuns: 3000 },
    )
  })

  it('refuses every respelling of one part that decodes to the same bytes', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    fc.assert(
      fc.property(token, fc.nat(2), fc.nat(14), (text, which, bits) => {
        const parts = text.split('.')
        const part = parts[which] ?? ''
        // The bits of the last character that no byte takes: four after one byte of three, two after two.
        const unused = [0, 0, 15, 3][part.length % 4] ?? 0
        fc.pre(unused > 0)
        const other = alphabet.charAt(alphabet.indexOf(part.slice(-1)) ^ (1 + (bits % unused)))
        expect(atobUrl(part.slice(0, -1) + other)).toBe(atobUrl(part))
        const respelt = parts.with(which, part.slice(0, -1) + other).join('.')
        expect(readCompact(respelt).ok).toBe(false)
      }),
      { numRuns: 500 },
    )
  })
})

function atobUrl(part: string): string {
  return atob(part.replaceAll('-', '+').replaceAll('_', '/'))
}
