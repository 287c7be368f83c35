import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { GrowingBytes, joinBytes } from '../../src/core/bytes.ts'

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
