import { rmSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { copyWithout, mentionsOf, REMOVABLE, typeErrors } from '../../tools/removal.ts'

describe.each(REMOVABLE)('the source without %s', (name) => {
  it('does not name it', () => {
    expect(mentionsOf(name)).toEqual([])
  })

  it('compiles, with its tests, the demo and the tools', { timeout: 120_000 }, () => {
    const folder = copyWithout(name)
    try {
      expect(typeErrors(folder)).toBe('')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
