import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'

const src = join(import.meta.dirname, '../../src')

interface Source {
  /** Within `src`. */
  readonly file: string
  readonly text: string
  /** What it imports: a file within `src`, or a package. */
  readonly imports: readonly string[]
}

const IMPORT = /(?:^|\n)\s*(?:import|export)\b[^'"]*?from\s+'([^']+)'|import\('([^']+)'\)/g

function read(file: string): Source {
  const text = readFileSync(join(src, file), 'utf8')
  const code = text.replaceAll(/^ *\/\*\*[\s\S]*?\*\/$/gm, '')
  const imports = Array.from(code.matchAll(IMPORT), (match) => match[1] ?? match[2] ?? '').map((specifier) =>
    specifier.startsWith('.') ? normalize(join(dirname(file), specifier)) : specifier,
  )
  return { file, text, imports }
}

const sources = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map(read)

/** A folder; what lies in none stands for itself. */
const folderOf = (file: string): string => (file.includes('/') ? dirname(file) : file)

const isOurs = (imported: string): boolean => imported.endsWith('.ts') && !imported.startsWith('..')

function edges(): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>()
  for (const { file, imports } of sources) {
    const from = folderOf(file)
    const to = found.get(from) ?? new Set<string>()
    found.set(from, to)
    for (const imported of imports.filter(isOurs)) if (folderOf(imported) !== from) to.add(folderOf(imported))
  }
  return found
}

/** What is left when every folder is taken away that leads to none of the rest: the folders of cycles, and what leads there. */
function cyclic(all: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const left = new Map(all)
  for (let before = -1; before !== left.size; ) {
    before = left.size
    for (const [folder, to] of left) if (![...to].some((other) => left.has(other))) left.delete(folder)
  }
  return [...left.keys()]
}

/** Without comments and texts. */
const codeOf = (text: string): string =>
  text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '').replaceAll(/`[^`]*`|'[^'\n]*'/g, '')

const PURE = /^(?:core|access)\/|(?:^|\/)rules\//
/** Packages that a folder may use; the others may use any that package.json has. */
const PACKAGES: readonly (readonly [RegExp, RegExp])[] = [
  [PURE, /^(?:structured-headers|valibot|@noble\/hashes\/.+)$/],
  [/^(?:zone|ports)\.ts$/, /^$/],
  [/^(?:tokens|rails|standing|billing)\//, /^(?:jose|@noble\/hashes\/.+)$/],
  [/^platform\/cloudflare\//, /^cloudflare:/],
]

describe('the folders of the source', () => {
  it('are all there', () => {
    expect(sources.length).toBeGreaterThan(200)
    expect(sources.flatMap(({ imports }) => imports.filter(isOurs)).length).toBeGreaterThan(800)
  })

  it('make no cycle', () => {
    expect(cyclic(edges())).toEqual([])
  })

  it('would be found in a cycle', () => {
    const to = (...names: string[]): ReadonlySet<string> => new Set(names)
    expect(
      cyclic(
        new Map([
          ['a', to('b')],
          ['b', to('c')],
          ['c', to()],
        ]),
      ),
    ).toEqual([])
    expect(
      cyclic(
        new Map([
          ['a', to('b')],
          ['b', to('c', 'a')],
          ['c', to()],
        ]),
      ),
    ).toEqual(['a', 'b'])
  })

  it('import nothing but what is pure, where they are pure', () => {
    const impure = sources
      .filter(({ file }) => PURE.test(file))
      .flatMap(({ file, imports }) => imports.filter(isOurs).map((imported) => `${file} imports ${imported}`))
      .filter((found) => !PURE.test(found.split(' imports ')[1] ?? ''))
    expect(impure).toEqual([])
  })

  it('neither wait nor ask the world, where they are pure', () => {
    const WORLD =
      /\b(?:async|await)\b|\b(?:crypto|console|caches|globalThis|performance)\.|\bfetch\(|\bnew Date\b|\bDate\.|\bMath\.random\b|\bset(?:Timeout|Interval)\(/
    const impure = sources
      .filter(({ file, text }) => PURE.test(file) && WORLD.test(codeOf(text)))
      .map(({ file }) => file)
    expect(impure).toEqual([])
  })

  it('ask the world through the platform, the log and what they are given', () => {
    const WORLD = /\b(?:Date\.now|Math\.random|console)\b/
    const ASKS = /(?<![.\w])fetch\(/
    const GIVEN = /[{(,]\s*fetch\s*[,}:]/
    const asking = sources
      .filter(({ file }) => !file.startsWith('platform/') && file !== 'log.ts' && file !== 'billing/clock.ts')
      .filter(({ text }) => WORLD.test(codeOf(text)) || (ASKS.test(codeOf(text)) && !GIVEN.test(codeOf(text))))
    expect(asking.map(({ file }) => file)).toEqual([])
  })

  it('use packages only where they belong', () => {
    const foreign = sources.flatMap(({ file, imports }) => {
      const allowed = PACKAGES.find(([folders]) => folders.test(file))?.[1]
      return imports
        .filter((imported) => !imported.endsWith('.ts') && allowed?.test(imported) === false)
        .map((imported) => `${file} imports ${imported}`)
    })
    expect(foreign).toEqual([])
  })

  it('know no platform but their own', () => {
    const knowing = sources.filter(
      ({ file, imports }) =>
        !file.startsWith('platform/') &&
        file !== 'worker.ts' &&
        imports.some((imported) => imported.startsWith('platform/') || imported.startsWith('cloudflare:')),
    )
    expect(knowing.map(({ file }) => file)).toEqual([])
  })
})

describe('an exported name', () => {
  it('has one meaning in the whole source', () => {
    const meanings = new Map<string, string[]>()
    const EXPORTED = /^export (?:async )?(?:abstract )?(?:function\*?|const|interface|type|class) ([\w$]+)/gm
    for (const { file, text } of sources)
      for (const [, name = ''] of text.matchAll(EXPORTED)) {
        const files = meanings.get(name) ?? []
        if (!files.includes(file)) meanings.set(name, [...files, file])
      }
    expect([...meanings].filter(([, files]) => files.length > 1)).toEqual([])
  })
})
