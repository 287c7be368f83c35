import { describe, expect, it, vi } from 'vitest'
import { inflate } from '../../../src/tokens/inflate.ts'
import { zipped } from '../../support/statuslist.ts'

const MIB = 1024 * 1024

describe('what unpacks to far more than it may', () => {
  it('is not unpacked to its end', async () => {
    const bomb = await zipped(new Uint8Array(100 * MIB))
    const writing = vi.spyOn(WritableStreamDefaultWriter.prototype, 'write')
    const bytes = Uint8Array.from(atob(bomb.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0))
    expect(await inflate(bytes, 8 * MIB)).toBeUndefined()
    const taken = writing.mock.calls.reduce((sum, [chunk]) => sum + (chunk as Uint8Array).byteLength, 0)
    writing.mockRestore()
    expect(bytes.byteLength).toBeGreaterThan(100_000)
    expect(taken).toBeGreaterThan(0)
    expect(taken).toBeLessThanOrEqual(2 * 8192)
  })
})
