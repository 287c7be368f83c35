import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { configurationFaults, createFolder, isConfiguration, KINDS, typeFaults } from './compiling.ts'
import { readPages } from './markdown.ts'

const blocks = readPages().flatMap((page) => page.blocks)
/** `js` is run by `test/payments`. */
const LANGUAGES = ['console', 'diff', 'js', 'json', 'python', 'sh', 'text', 'toml', 'ts', 'yaml']

let folder: string
beforeAll(() => {
  folder = createFolder()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const code = blocks.filter(({ language }) => language === 'ts')

describe('the code blocks', () => {
  it('say what they are', () => {
    const unknown = blocks.filter(
      ({ language, kind }) => !LANGUAGES.includes(language) || (kind !== '' && !(kind in KINDS)),
    )
    expect(unknown.map(({ where, language, kind }) => `${where}: ${language} ${kind}`)).toEqual([])
  })

  it('in TypeScript fit the types of the package', () => {
    expect(code.length).toBeGreaterThan(15)
    expect(typeFaults(folder, code)).toEqual([])
  })

  const configurations = code.filter(isConfiguration)

  it.each(configurations)('at $where are a configuration without faults', async (block) => {
    expect(await configurationFaults(folder, block, code)).toEqual([])
  })

  it('in JSON can be read', () => {
    for (const { language, text, where } of blocks)
      if (language === 'json') expect(() => JSON.parse(text) as unknown, where).not.toThrow()
  })
})
