/** Compiles code of the documentation against the package's own sources. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { pathToFileURL } from 'node:url'
import { bearer } from '../../../src/rails/bearer.ts'
import { compile, type Fault } from '../../../src/config/config.ts'
import type { Config, Options, ZoneOptions } from '../../../src/config/options.ts'
import { exportedNames } from '../../../tools/docs-config.ts'
import { type Block, readPage, root } from './markdown.ts'

/** `ts zone` is members of a zone, `ts options` members of the whole; `ts` alone is a module. */
export const KINDS: Readonly<Record<string, { type: string; whole: (part: object) => Options }>> = {
  zone: {
    type: 'Partial<ZoneOptions>',
    whole: (part) => ({ zones: [{ ...zone(), ...part }], secrets: SECRETS }),
  },
  options: {
    type: 'Partial<Options>',
    whole: (part) => ({ zones: [zone()], secrets: SECRETS, ...part }),
  },
}

/** Some plug-ins need it. */
const SECRETS = { gate: 'GATE_SECRET' }

/** The zone that the members of a block are laid over. */
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
export const packaged = Object.entries(exported).map(([name, { types }]) => ({
  name: `faregate${name.slice(1)}`,
  source: types.replace('./dist/', './').replace('.d.ts', '.ts'),
}))

/** Creates a folder below the root, so that code in it finds the packages. */
export function createFolder(): string {
  mkdirSync(join(root, '.faregate'), { recursive: true })
  return mkdtempSync(join(root, '.faregate/docs-'))
}

/** Returns the module of a block: its own text, or its members with the type of the whole. `code` are the blocks shown with it. */
function moduleOf({ kind, text }: Block, code: readonly Block[]): string {
  const known = KINDS[kind]
  if (known === undefined) return `${asIfIn(text, code)}export {}\n`
  const imports = [
    `import { ${exportedNames('index.ts').join(', ')}, type Options, type ZoneOptions } from 'faregate'`,
    `import { ${exportedNames('stripe/index.ts').join(', ')} } from 'faregate/stripe'`,
  ].join('\n')
  return `${imports}\nexport default {\n${text}} satisfies ${known.type}\n`
}

/** Returns the file that a block names in its first line: `// src/rails/partner.ts`. */
function fileOf(text: string): string | undefined {
  return /^\/\/ ((?:src|test)\/\S+\.ts)$/m.exec(text.split('\n', 1)[0] ?? '')?.[1]
}

/** Resolves imports by path from the file that the text names. A file that another block shows is imported from that block. */
function asIfIn(text: string, code: readonly Block[]): string {
  const file = fileOf(text)
  if (file === undefined) return text
  return text.replaceAll(/(?<=from ')\.[^']+/g, (specifier) => {
    const target = normalize(join(dirname(file), specifier))
    const shown = code.find((block) => fileOf(block.text) === target)
    return shown === undefined ? `../../${target}` : `./${nameOf(shown)}.ts`
  })
}

/** Declared for every block. */
const AMBIENT = `
declare const privateKey: CryptoKey
declare const publicKey: CryptoKey
`

function nameOf({ where }: Block): string {
  return where.replaceAll(/[^\w]+/g, '-')
}

/** Writes the blocks to the folder as modules, compiles them together, and returns the errors in them. */
export function typeFaults(folder: string, code: readonly Block[]): string[] {
  const [first] = readPage('README.md').blocks.filter(({ text }) => text.includes('export default defineConfig'))
  writeFileSync(join(folder, 'faregate.config.ts'), first?.text ?? '')
  writeFileSync(join(folder, 'ambient.d.ts'), AMBIENT)
  for (const block of code) writeFileSync(join(folder, `${nameOf(block)}.ts`), moduleOf(block, code))
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
  // The modules that they import are compiled with them, and have a command of their own.
  return stdout.split('\n').filter((line) => line.startsWith('.faregate/') || line.startsWith('error'))
}

/** Returns true if the block is a configuration, or members of one. */
export function isConfiguration({ kind, text }: Block): boolean {
  return kind in KINDS || text.includes('export default defineConfig')
}

/** Returns the faults of a configuration, in an environment that has everything it names. */
export async function configurationFaults(
  folder: string,
  block: Block,
  code: readonly Block[],
): Promise<readonly Fault[]> {
  const file = join(folder, `run-${nameOf(block)}.ts`)
  let text = moduleOf(block, code)
  for (const { name, source } of packaged) text = text.replaceAll(`from '${name}'`, `from '../../${source}'`)
  writeFileSync(file, text)
  const { default: given }: { default: Config } = await import(pathToFileURL(file).href)
  const config = KINDS[block.kind]?.whole(given) ?? given
  const compiled = compile(config, environmentOf(block.text), { needsOrigin: false })
  return compiled.ok ? [] : compiled.error
}

/** Returns what a configuration names: secrets that are long enough, and bindings of the kind that is meant. */
function environmentOf(text: string): Record<string, unknown> {
  const environment: Record<string, unknown> = { GATE_SECRET: standIn('GATE_SECRET') }
  for (const found of text.matchAll(/(env\[)?'([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)'(, seconds)?/g)) {
    const [, variable, name = '', rate] = found
    const before = text.slice(0, found.index)
    if (variable !== undefined || name.length < 4) continue
    if (rate !== undefined) environment[name] = { limit: () => undefined }
    else if (/queue(?:\(\{ \w+)?: $/.test(before)) environment[name] = { sendBatch: () => undefined }
    else if (before.endsWith('binding: ')) environment[name] = { fetch: () => undefined }
    else environment[name] = standIn(name)
  }
  return environment
}

/** A secret long enough for every use, in the letters of a bearer token. */
function standIn(name: string): string {
  return `a-stand-in-for-${name}-of-enough-bytes`
}
