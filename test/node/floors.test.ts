import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { describe, expect, it } from 'vitest'

const src = join(import.meta.dirname, '../../src')

/** Each floor and those it may stand on, beside itself. `config/` belongs to config.ts. */
const floors: Record<string, readonly string[]> = {
  core: [],
  'ports.ts': ['core'],
  tokens: ['core', 'ports.ts'],
  rails: ['core', 'ports.ts', 'tokens'],
  pages: ['core', 'ports.ts'],
  edge: ['core', 'ports.ts', 'tokens', 'rails', 'pages'],
  'paywall.ts': ['core', 'ports.ts', 'tokens', 'rails', 'edge'],
  platform: ['core', 'ports.ts'],
  config: ['core', 'rails'],
  'index.ts': ['config', 'rails'],
  'config.ts': ['config', 'core', 'rails', 'paywall.ts'],
  'explain.ts': ['core', 'ports.ts', 'edge', 'paywall.ts'],
  'operator.ts': ['core', 'ports.ts', 'tokens', 'edge', 'paywall.ts'],
  'account.ts': ['core', 'ports.ts', 'tokens', 'edge', 'paywall.ts', 'operator.ts'],
  'confirm.ts': ['core', 'ports.ts', 'tokens', 'edge', 'paywall.ts', 'operator.ts'],
  'purge.ts': ['core', 'ports.ts', 'edge', 'paywall.ts', 'operator.ts'],
  'credit.ts': ['core', 'edge', 'paywall.ts', 'operator.ts'],
  'hold.ts': ['core', 'ports.ts', 'edge', 'paywall.ts', 'operator.ts'],
  'events.ts': ['core', 'ports.ts', 'tokens', 'edge', 'paywall.ts', 'operator.ts'],
  'stripe.ts': ['core', 'edge', 'paywall.ts', 'operator.ts'],
  'app.ts': [
    'core',
    'ports.ts',
    'edge',
    'account.ts',
    'confirm.ts',
    'credit.ts',
    'events.ts',
    'explain.ts',
    'hold.ts',
    'operator.ts',
    'paywall.ts',
    'purge.ts',
    'stripe.ts',
  ],
  'house.ts': ['core', 'ports.ts', 'tokens', 'edge', 'paywall.ts', 'config.ts'],
  'origin.ts': ['core', 'edge', 'config.ts', 'platform'],
  'behind.ts': ['core', 'ports.ts', 'edge', 'app.ts', 'platform'],
  'hono.ts': ['core', 'ports.ts', 'edge', 'app.ts', 'config', 'config.ts', 'house.ts', 'platform'],
  'cloudflare.ts': ['core', 'edge', 'app.ts', 'behind.ts', 'config', 'config.ts', 'house.ts', 'origin.ts', 'platform'],
  'worker.ts': ['cloudflare.ts'],
}

/** Packages that a floor may use; the others may use any that package.json has. */
const packages: Record<string, RegExp> = {
  core: /^structured-headers$/,
  'ports.ts': /^$/,
  tokens: /^jose$/,
  rails: /^jose$/,
  pages: /^hono\/html$/,
  edge: /^(?:jose|structured-headers|hono\/utils\/accept)$/,
  platform: /^cloudflare:/,
}

interface Import {
  readonly file: string
  readonly specifier: string
}

function imports(): Import[] {
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
  return files.flatMap((file) => {
    const found = readFileSync(join(src, file), 'utf8').matchAll(
      /(?:^|\n)\s*(?:import|export)\b[^'"]*?from\s+'([^']+)'|import\('([^']+)'\)/g,
    )
    return Array.from(found, (match) => ({ file, specifier: match[1] ?? match[2] ?? '' }))
  })
}

const floorOf = (path: string): string => path.split('/')[0] ?? ''

describe('the house', () => {
  const all = imports()

  it('has a floor for every file', () => {
    const found = new Set(all.map(({ file }) => floorOf(file)))
    expect([...found].filter((floor) => !(floor in floors))).toEqual([])
    expect(all.length).toBeGreaterThan(100)
  })

  it('is imported downwards only', () => {
    const upwards = all.filter(({ file, specifier }) => {
      if (!specifier.startsWith('.')) return false
      const target = relative('.', normalize(join(dirname(file), specifier)))
      if (target.startsWith('..')) return file !== 'worker.ts' // the composition root reads faregate.config.ts
      const [from, to] = [floorOf(file), floorOf(target)]
      return from !== to && !floors[from]?.includes(to)
    })
    expect(upwards).toEqual([])
  })

  it('uses packages only where they belong', () => {
    const foreign = all.filter(
      ({ file, specifier }) => !specifier.startsWith('.') && !(packages[floorOf(file)]?.test(specifier) ?? true),
    )
    expect(foreign).toEqual([])
  })
})
