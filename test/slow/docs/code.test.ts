import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compile } from '../../../src/config/config.ts'
import type { Config } from '../../../src/config/options.ts'
import { createFolder, KINDS, moduleOf, nameOf, packaged, typeFaults } from './compiling.ts'
import { readPages } from './markdown.ts'

const blocks = readPages().flatMap((page) => page.blocks)
const LANGUAGES = ['console', 'diff', 'json', 'sh', 'text', 'toml', 'ts']

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

  const configurations = code.filter(({ kind, text }) => kind in KINDS || text.includes('export default defineConfig'))

  it.each(configurations)('at $where are a configuration without faults', async (block) => {
    const file = join(folder, `run-${nameOf(block)}.ts`)
    let text = moduleOf(block, code)
    for (const { name, source } of packaged) text = text.replaceAll(`from '${name}'`, `from '../../${source}'`)
    writeFileSync(file, text)
    const { default: given }: { default: Config } = await import(pathToFileURL(file).href)
    const known = KINDS[block.kind]
    const config = known === undefined ? given : known.whole(given)
    expect(compile(config, environmentOf(block.text), { needsOrigin: false })).toMatchObject({ ok: true })
  })

  it('in JSON can be read', () => {
    for (const { language, text, where } of blocks)
      if (language === 'json') expect(() => JSON.parse(text) as unknown, where).not.toThrow()
  })
})

/** What a configuration names: secrets that are long enough, and bindings of the kind that is meant. */
function environmentOf(text: string): Record<string, unknown> {
  const environment: Record<string, unknown> = {}
  for (const found of text.matchAll(/(env\[)?'([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)'(, seconds)?/g)) {
    const [, variable, name = '', rate] = found
    const before = text.slice(0, found.index)
    if (variable !== undefined || name.length < 4) continue
    if (rate !== undefined) environment[name] = { limit: () => undefined }
    else if (/queue(?:\(\{ \w+)?: $/.test(before)) environment[name] = { sendBatch: () => undefined }
    else if (before.endsWith('binding: ')) environment[name] = { fetch: () => undefined }
    else environment[name] = 'a stand-in for a secret, of enough bytes'
  }
  return environment
}
