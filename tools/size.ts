/**
 * `npm run size [-- --folders]`: fails if a Worker outgrows its budget: one whose configuration names `bearer()` and
 * `receipt()` alone, and one that names whatever there is. `--folders` shows what each consists of.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { bundle } from './bundle.ts'
import { exportedNames } from './docs-config.ts'

const root = resolve(import.meta.dirname, '..')

interface Sized {
  readonly name: string
  /** Bytes of the Worker, compressed by gzip. */
  readonly budget: number
  /** What its configuration names, by the module of `src` that exports it. */
  readonly names: Readonly<Record<string, readonly string[]>>
}

const INDEXES = ['index.ts', 'stripe/index.ts']
const WORKERS: readonly Sized[] = [
  { name: 'minimal', budget: 192_000, names: { 'index.ts': ['bearer', 'receipt'] } },
  {
    name: 'everything',
    budget: 465_000,
    names: Object.fromEntries(INDEXES.map((file) => [file, exportedNames(file)])),
  },
]

/** Bundles a Worker as a deployment would, and returns its module and what wrangler tells of that. */
async function bundled({ name, names }: Sized): Promise<{ readonly code: Buffer; readonly meta: unknown }> {
  const folder = join(root, '.faregate/size', name)
  mkdirSync(folder, { recursive: true })
  const imports = Object.entries(names).map(
    ([file, list]) => `import { ${list.join(', ')} } from '../../../src/${file}'`,
  )
  const entry = join(folder, 'worker.ts')
  writeFileSync(
    entry,
    `${imports.join('\n')}
import { faregate } from '../../../src/platform/cloudflare/index.ts'
const { Gate, Origin, Ledger } = faregate((env) => env.options(${Object.values(names).flat().join(', ')}))
export { Gate as default, Ledger, Origin }
`,
  )
  const code = readFileSync(await bundle({ entry, outdir: join(folder, 'out') }))
  return { code, meta: JSON.parse(readFileSync(join(folder, 'out/bundle-meta.json'), 'utf8')) }
}

/** Bytes of each folder of the source, and of each package, before compression. */
function folders(meta: unknown): Map<string, number> {
  const found = new Map<string, number>()
  const { outputs } = meta as { outputs: Record<string, { inputs: Record<string, { bytesInOutput: number }> }> }
  for (const { inputs } of Object.values(outputs))
    for (const [file, { bytesInOutput }] of Object.entries(inputs)) {
      const name = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? /src\/(.*)\/[^/]+$/.exec(file)?.[1] ?? 'src'
      found.set(name, (found.get(name) ?? 0) + bytesInOutput)
    }
  return found
}

const inKilobytes = (bytes: number): string => (bytes / 1000).toFixed(1)

for (const sized of WORKERS) {
  const { code, meta } = await bundled(sized)
  const { length } = gzipSync(code, { level: 9 })
  console.log(`${sized.name}: ${inKilobytes(length)} kB gzip, of ${inKilobytes(sized.budget)}`)
  if (length > sized.budget) process.exitCode = 1
  if (!process.argv.includes('--folders')) continue
  // What is compressed together has no size of its own: each gets its share.
  const rows = [...folders(meta)].filter(([, bytes]) => bytes > 0).toSorted(([, one], [, other]) => other - one)
  for (const [name, bytes] of rows) console.log(`${inKilobytes((bytes * length) / code.length).padStart(7)}  ${name}`)
}
