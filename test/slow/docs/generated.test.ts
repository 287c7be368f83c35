import { describe, expect, it } from 'vitest'
import { generatedPages } from '../../../tools/docs.ts'

describe('a page that is made from something else', () => {
  it.each(generatedPages())('is committed as it is made: $path', ({ is, shouldBe }) => {
    // `npm run docs` writes it.
    expect(is).toBe(shouldBe)
  })
})
