import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type DecodedCoding, decodeBody } from '../../src/http/decode.ts'

/** Returns the bytes in a coding. */
export async function encoded(bytes: Uint8Array, coding: DecodedCoding): Promise<Uint8Array<ArrayBuffer>> {
  const body = new Response(new Uint8Array(bytes)).body as ReadableStream<Uint8Array<ArrayBuffer>>
  return new Uint8Array(await new Response(body.pipeThrough(new CompressionStream(coding))).arrayBuffer())
}

/** The bytes as a stream, in pieces of this length, with how many bytes were taken of it. */
export function piecesOf(bytes: Uint8Array, length: number): { body: ReadableStream<Uint8Array>; taken: () => number } {
  let at = 0
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (at >= bytes.length) return controller.close()
        controller.enqueue(bytes.slice(at, at + length))
        at += length
      },
    },
    { highWaterMark: 0 },
  )
  return { body, taken: () => Math.min(at, bytes.length) }
}

/** Bytes that no coding makes fewer. */
function noise(length: number): Uint8Array {
  let state = 1
  return Uint8Array.from({ length }, () => {
    state = Math.imul(state, 1_664_525) + 1_013_904_223
    return state >>> 24
  })
}

const MAX_BYTES = 100_000

async function decoded(bytes: Uint8Array, length = 1000, coding: DecodedCoding = 'gzip'): Promise<Uint8Array> {
  const { body } = piecesOf(bytes, length)
  return new Uint8Array(await new Response(decodeBody(body, coding, MAX_BYTES)).arrayBuffer())
}

/** Holds a platform to decoding request bodies with bounded memory. */
export function holdDecodingToContract(): void {
  describe('a compressed body', () => {
    it.each(['gzip', 'deflate'] as const)('is decoded by %s, whatever pieces it comes in', async (coding) => {
      const property = fc.asyncProperty(fc.uint8Array({ maxLength: 3000 }), fc.integer({ min: 1, max: 500 }), check)
      async function check(bytes: Uint8Array, length: number): Promise<void> {
        expect(await decoded(await encoded(bytes, coding), length, coding)).toEqual(new Uint8Array(bytes))
      }
      await fc.assert(property, { numRuns: 20 })
    })

    it.each([100, 8192, 30_000])('is decoded to its end in pieces of %d bytes', async (length) => {
      const bytes = noise(60_000)
      const compressed = await encoded(bytes, 'gzip')
      expect(compressed.length).toBeGreaterThan(60_000)
      expect((await decoded(compressed, length)).every((byte, index) => byte === bytes[index])).toBe(true)
    })

    it.each<readonly [string, (bytes: Uint8Array) => Uint8Array]>([
      ['is cut off', (bytes) => bytes.subarray(0, -9)],
      ['is not in its coding', () => new TextEncoder().encode('{"model":"a"}')],
      ['has a wrong checksum', (bytes) => bytes.map((byte, index) => (index === bytes.length - 8 ? byte ^ 1 : byte))],
    ])('errors if it %s', async (_, damage) => {
      const bytes = damage(await encoded(new Uint8Array(1000), 'gzip'))
      await expect(decoded(bytes)).rejects.toThrow()
    })

    it('errors if it is longer compressed than it may be decoded', async () => {
      await expect(decoded(await encoded(noise(2 * MAX_BYTES), 'gzip'))).rejects.toThrow('more compressed bytes')
    })

    it('gives its source back once nobody reads it', async () => {
      let isCancelled = false
      const body = new ReadableStream<Uint8Array>({ cancel: () => void (isCancelled = true) })
      await decodeBody(body, 'gzip', MAX_BYTES).cancel()
      expect(isCancelled).toBe(true)
    })
  })
}
