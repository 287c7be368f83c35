import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { compileToken } from '../../tools/payments/token/compile.ts'

describe('the token that stands for USDC', () => {
  it('is what its source compiles to', async () => {
    const committed = await readFile(join(import.meta.dirname, '../../tools/payments/token/Token.hex'), 'utf8')
    expect(await compileToken()).toBe(committed.trim())
  })
})
