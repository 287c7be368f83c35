import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { asId, GrowingBytes, joinBytes } from '../../src/core/bytes.ts'

it('bytes that come in pieces are those of all pieces together, and are not changed by their sender later', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 10 }), (pieces) => {
      const whole = joinBytes(pieces)
      const bytes = new GrowingBytes()
      for (const piece of pieces) {
        bytes.append(piece)
        piece.fill(0)
      }
      expect(bytes.length).toBe(whole.byteLength)
      expect(bytes.toBytes()).toEqual(whole)
    }),
  )
})

it('an id of random bytes never begins with a hyphen, which a command line would read as an option', () => {
  for (let first = 0; first < 256; first++) {
    const text = Buffer.from(asId(Uint8Array.of(first, 255, 255))).toString('base64url')
    expect(text.startsWith('-'), text).toBe(false)
  }
  expect([...asId(Uint8Array.of(1, 2, 3))]).toEqual([1, 2, 3])
})
