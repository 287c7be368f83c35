import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bearer } from '../../../src/rails/bearer.ts'
import { compile } from '../../../src/config/config.ts'
import type { Config, Options, ZoneOptions } from '../../../src/config/options.ts'
import { exportedNames } from '../../../tools/docs-config.ts'
import { type Block, readPage, readPages, root } from './markdown.ts'

const blocks = readPages().flatMap((page) => page.blocks)
const LANGUAGES = ['console', 'diff', 'json', 'sh', 'text', 'toml', 'ts']

/** `ts zone` is members of a zone, `ts options` members of the whole; `ts` alone is a module. */
const KINDS: Readonly<Record<string, { type: string; whole: (part: object) => Options }>> = {
  zone: {
    type: 'Partial<ZoneOptions>',
    whole: (part) => ({ zones: [{ ...zone(), ...part }] }),
  },
  options: {
    type: 'Partial<Options>',
    whole: (part) => ({ zones: [zone()], ...part }),
  },
}

/** What members that a page shows are laid over. */
function zone(): ZoneOptions {
  return {
    name: 'www',
    hosts: ['www.example.com'],
    audience: 'https://www.example.com',
    issuers: [{ issuer: 'https://billing.example.com', jwks: { url: 'https://billing.example.com/jwks.json' } }],
    origin: { servers: [{ url: 'https://origin.example.com' }] },
    rails: [bearer()],
    routes: [],
    unmatched: 'free',
    remedies: { documentation: 'https://www.example.com/problems' },
  }
}

const exported = (
  JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { exports: Record<string, { types: string }> }
).exports
/** The package as its own sources: `faregate/hono` is `src/platform/hono/index.ts`. */
const packaged = Object.entries(exported).map(([name, { types }]) => ({
  name: `faregate${name.slice(1)}`,
  source: types.replace('./dist/', './src/').replace('.d.ts', '.ts'),
}))

let folder: string
beforeAll(() => {
  mkdirSync(join(root, '.faregate'), { recursive: true })
  folder = mkdtempSync(join(root, '.faregate/docs-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const code = blocks.filter(({ language }) => language === 'ts')
/** Its own text, or its members with the type of the whole. */
function moduleOf({ kind, text }: Block): string {
  const known = KINDS[kind]
  if (known === undefined) return `${asIfIn(text)}export {}\n`
  const imports = [
    `import { ${exportedNames('index.ts').join(', ')}, type Options, type ZoneOptions } from 'faregate'`,
    `import { ${exportedNames('stripe/index.ts').join(', ')} } from 'faregate/stripe'`,
  ].join('\n')
  return `${imports}\nexport default {\n${text}} satisfies ${known.type}\n`
}

/** The file that a block says it is, as in `// src/rails/partner.ts`. */
function fileOf(text: string): string | undefined {
  return /^\/\/ ((?:src|test)\/\S+\.ts)$/m.exec(text.split('\n', 1)[0] ?? '')?.[1]
}

/** What it imports by paths from where it says that it is. What another block says it is comes from that block. */
function asIfIn(text: string): string {
  const file = fileOf(text)
  if (file === undefined) return text
  return text.replaceAll(/(?<=from ')\.[^']+/g, (specifier) => {
    const target = normalize(join(dirname(file), specifier))
    const shown = code.find((block) => fileOf(block.text) === target)
    return shown === undefined ? `../../${target}` : `./${nameOf(shown)}.ts`
  })
}

/** What blocks take for granted, so that they need not say it. */
const AMBIENT = `
declare const privateKey: CryptoKey
declare const publicKey: CryptoKey
`

function nameOf({ where }: Block): string {
  return where.replaceAll(/[^\w]+/g, '-')
}

describe('the code blocks', () => {
  it('say what they are', () => {
    const unknown = blocks.filter(
      ({ language, kind }) => !LANGUAGES.includes(language) || (kind !== '' && !(kind in KINDS)),
    )
    expect(unknown.map(({ where, language, kind }) => `${where}: ${language} ${kind}`)).toEqual([])
  })

  it('in TypeScript fit the types of the package', () => {
    expect(code.length).toBeGreaterThan(15)
    const [first] = readPage('README.md').blocks.filter(({ text }) => text.includes('export default defineConfig'))
    writeFileSync(join(folder, 'faregate.config.ts'), first?.text ?? '')
    writeFileSync(join(folder, 'ambient.d.ts'), AMBIENT)
    for (const block of code) writeFileSync(join(folder, `${nameOf(block)}.ts`), moduleOf(block))
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({
        extends: '../../examples/tsconfig.json',
        compilerOptions: {
          noUnusedLocals: false,
          noUnusedParameters: false,
          paths: Object.fromEntries(packaged.map(({ name, source }) => [name, [`../../${source}`]])),
        },
        include: ['*.ts'],
      }),
    )
    const tsc = join(root, 'node_modules/typescript/bin/tsc')
    const { stdout } = spawnSync(process.execPath, [tsc, '-p', folder], { cwd: root, encoding: 'utf8' })
    // What they import is compiled with them, and has a command of its own.
    const faults = stdout.split('\n').filter((line) => line.startsWith('.faregate/') || line.startsWith('error'))
    expect(faults).toEqual([])
  })

  const configurations = code.filter(({ kind, text }) => kind in KINDS || text.includes('export default defineConfig'))

  it.each(configurations)('at $where are a configuration without faults', async (block) => {
    const file = join(folder, `run-${nameOf(block)}.ts`)
    let text = moduleOf(block)
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
