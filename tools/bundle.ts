import { spawn } from 'node:child_process'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { stripVTControlCharacters } from 'node:util'

const root = resolve(import.meta.dirname, '..')
const require = createRequire(import.meta.url)

export type BundleOptions = {
  /** The Worker's source; the default is what the configuration names as `main`. */
  readonly entry?: string
  /** Where the bundle goes. Two bundles built at once need two folders. */
  readonly outdir?: string
  /** The wrangler configuration; the default is the repository's own, less what only its own entry has. */
  readonly config?: string
}

/**
 * The path of the JavaScript module that a deployment would upload. Relative paths start at the repository.
 * Rejects with what wrangler printed, so that a syntax error reads as one.
 */
export async function bundle(options: BundleOptions = {}): Promise<string> {
  const outdir = resolve(root, options.outdir ?? '.faregate/build')
  const metafile = join(outdir, 'bundle-meta.json')
  await mkdir(outdir, { recursive: true })
  await rm(metafile, { force: true })
  const config = await configFor(options, outdir)
  const entry = options.entry === undefined ? [] : [resolve(root, options.entry)]
  const { code, output } = await wrangler(
    ['deploy', ...entry, '--dry-run', '--config', config, '--outdir', outdir, '--metafile', metafile],
    dirname(config),
  )
  if (code !== 0) throw new Error(`could not bundle the Worker:\n${output.trim()}`)
  return join(outdir, entryModule(await readFile(metafile, 'utf8')))
}

/** What is deployed names the objects that its entry exports; another entry need not export them. */
async function configFor({ entry, config }: BundleOptions, outdir: string): Promise<string> {
  const deployed = resolve(root, config ?? 'wrangler.toml')
  if (entry === undefined || config !== undefined) return deployed
  const kept = /^(?:name|compatibility_date|compatibility_flags|minify|keep_names) = .*$/gm
  const lean = join(outdir, 'wrangler.toml')
  const [beforeTables = ''] = (await readFile(deployed, 'utf8')).split(/^\[/m)
  await writeFile(lean, `${beforeTables.match(kept)?.join('\n') ?? ''}\n`)
  return lean
}

/** Runs wrangler's own script rather than its `bin`, which would run it in a grandchild. */
async function wrangler(args: readonly string[], cwd: string): Promise<{ code: number | null; output: string }> {
  const packageFile = require.resolve('wrangler/package.json')
  const cli = join(dirname(packageFile), 'bin/wrangler.js')
  const child = spawn(process.execPath, [cli, ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      CI: 'true',
      WRANGLER_HIDE_BANNER: 'true',
      WRANGLER_LOG_SANITIZE: 'true',
      WRANGLER_SEND_METRICS: 'false',
      WRANGLER_SEND_ERROR_REPORTS: 'false',
      WRANGLER_WRITE_LOGS: 'false',
    },
  })
  const exit = new Promise<number | null>((done, failed) => child.on('error', failed).on('exit', done))
  const [code, stdout, stderr] = await Promise.all([exit, text(child.stdout), text(child.stderr)])
  return { code, output: stripVTControlCharacters(`${stdout}\n${stderr}`) }
}

/** The file that the metafile says was built from an entry point; the folder may hold older bundles too. */
function entryModule(metafile: string): string {
  const meta: unknown = JSON.parse(metafile)
  const outputs = typeof meta === 'object' && meta !== null && 'outputs' in meta ? meta.outputs : undefined
  for (const [path, output] of Object.entries(outputs ?? {})) {
    if (typeof output === 'object' && output !== null && 'entryPoint' in output) return basename(path)
  }
  throw new Error('could not bundle the Worker: wrangler named no entry point')
}
