import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { configurationFaults, createFolder, isConfiguration, KINDS, packaged, typeFaults } from './compiling.ts'
import { type Block, root } from './markdown.ts'

/** The interfaces that a user or the author of a plug-in writes against, beside those that the package exports. */
const MAIN: readonly (readonly [name: string, file: string])[] = [
  ['Config', 'src/config/options.ts'],
  ['Options', 'src/config/options.ts'],
  ['SingleZoneOptions', 'src/config/options.ts'],
  ['ZoneOptions', 'src/config/options.ts'],
  ['RouteOptions', 'src/config/routeoptions.ts'],
  ['IssuerOptions', 'src/config/signers.ts'],
  ['Rail', 'src/rails/rail.ts'],
  ['Meter', 'src/access/meter.ts'],
  ['RefusalFormat', 'src/refusals/format.ts'],
  ['UsageSink', 'src/usage/sink.ts'],
  ['EventSource', 'src/endpoints/eventsource.ts'],
  ['LoginPlugin', 'src/endpoints/loginplugin.ts'],
  ['Login', 'src/rails/login.ts'],
  ['Endpoint', 'src/endpoints/endpoint.ts'],
  ['Platform', 'src/ports.ts'],
]

interface Export {
  readonly name: string
  readonly file: string
  /** The docblock right before the declaration; empty if there is none. */
  readonly doc: string
  readonly isFunction: boolean
}

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}

function declarationOf(name: string, file: string): Export | undefined {
  const declared = new RegExp(
    String.raw`(?:/\*\*((?:(?!\*/)[\s\S])*)\*/\n)?^export (?:abstract )?(function|async function|const|class|interface|type) ${name}\b`,
    'm',
  )
  const found = declared.exec(read(file))
  return found === null
    ? undefined
    : { name, file, doc: found[1] ?? '', isFunction: (found[2] ?? '').endsWith('function') }
}

/** Returns all that a module exports: its own declarations, and those of the modules that it exports from. */
function exportsOf(file: string): Export[] {
  const text = read(file)
  const own = Array.from(
    text.matchAll(/^export (?:async )?(?:function|const|class|interface|type) (\w+)/gm),
    ([, name = '']) => ({
      name,
      file,
    }),
  )
  const lists = text.matchAll(/^export (?:type )?\{([^}]*)\} from '([^']+)'/gm)
  const listed = Array.from(lists, ([, list = '', from = '']) =>
    list
      .split(',')
      .map(
        (item) =>
          item
            .trim()
            .replace(/^type /, '')
            .split(' as ')[0] ?? '',
      )
      .filter((name) => name !== '')
      .map((name) => ({ name, file: relative(root, join(root, dirname(file), from)) })),
  ).flat()
  const all = Array.from(text.matchAll(/^export (?:type )?\* from '([^']+)'/gm), ([, from = '']) =>
    exportsOf(relative(root, join(root, dirname(file), from))),
  ).flat()
  return [...[...own, ...listed].flatMap((one) => declarationOf(one.name, one.file) ?? []), ...all]
}

/** Returns the examples of a source file, each without the margin of its docblock. */
function examplesOf(file: string): Block[] {
  const text = read(file)
  const fences = /^( *)\* ```(\w*) ?(\w*)\n((?:\1\*(?: (?!```).*)?\n)*)\1\* ```$/gm
  return Array.from(text.matchAll(fences), (found) => {
    const [, , language = '', kind = '', lines = ''] = found
    const line = text.slice(0, found.index).split('\n').length
    return { where: `${file}:${line}`, language, kind, text: lines.replaceAll(/^ *\* ?/gm, '') }
  })
}

const exported = packaged.flatMap(({ source }) => exportsOf(source.replace('./', '')))
const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.ts'),
)
const examples = sources.toSorted().flatMap((name) => examplesOf(join('src', name)))

let folder: string
beforeAll(() => {
  folder = createFolder()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the docblocks', () => {
  it('describe every name that the package exports', () => {
    expect(exported.length).toBeGreaterThan(40)
    expect(exported.filter(({ doc }) => doc === '').map(({ name, file }) => `${name} (${file})`)).toEqual([])
  })

  it('of every exported function have an example', () => {
    const functions = exported.filter(({ isFunction }) => isFunction)
    expect(functions.length).toBeGreaterThan(20)
    expect(functions.filter(({ doc }) => !doc.includes('@example')).map(({ name }) => name)).toEqual([])
  })

  it.each(MAIN)('of %s have an example', (name, file) => {
    expect(declarationOf(name, file)?.doc).toContain('@example')
  })
})

describe('the examples in docblocks', () => {
  it('are TypeScript, and say whether they are members of a zone or of the whole', () => {
    const marked = sources.flatMap((name) => Array.from(read(join('src', name)).matchAll(/\* @example\b/g)))
    expect(examples.length).toBe(marked.length)
    const unknown = examples.filter(({ language, kind }) => language !== 'ts' || (kind !== '' && !(kind in KINDS)))
    expect(unknown.map(({ where }) => where)).toEqual([])
  })

  it('fit the types of the package', () => {
    expect(typeFaults(folder, examples)).toEqual([])
  })
  it.each(examples.filter(isConfiguration))('at $where are a configuration without faults', async (block) => {
    expect(await configurationFaults(folder, block, examples)).toEqual([])
  })
})
