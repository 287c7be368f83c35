/** The Wrangler configuration of a folder, as wrangler itself reads it, and what a Worker finds in its environment by it. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { parseEnv } from 'node:util'
import type { Unstable_Config } from 'wrangler'
import { EXIT, LinesError } from '../commanderror.ts'
import { esbuildOf, wranglerOf } from '../toolchain.ts'

/** In place of a secret that is not known here. */
const STAND_IN = 'x'.repeat(64)

/** No two secrets stand in for each other: some must not be the same. */
function standInFor(name: string): string {
  return `${STAND_IN} ${name}`
}

export function isStandIn(value: string): boolean {
  return value.startsWith(STAND_IN)
}

/** In the order in which wrangler looks for them. */
const NAMES = ['wrangler.json', 'wrangler.jsonc', 'wrangler.toml']

export function wranglerFileIn(folder: string): string | undefined {
  return NAMES.map((name) => join(folder, name)).find((file) => existsSync(file))
}

/** With defaults and with what an environment inherits. Wrangler prints what it finds odd, of the top level alone. */
export function readWrangler(file: string, environment?: string): Unstable_Config {
  const { unstable_readConfig: read } = wranglerOf(dirname(file))
  return environment === undefined
    ? read({ config: file })
    : read({ config: file, env: environment }, { hideWarnings: true })
}

/** What wrangler cannot read, in lines with the place where it says one. */
export function unreadable(error: unknown, file: string): string[] {
  if (!(error instanceof Error)) throw error
  const { location } = error as { location?: { line?: unknown } | null }
  const place = typeof location?.line === 'number' ? `${file}:${location.line}` : file
  const [first = '', ...more] = error.message.split(/\n\s*- /)
  return (more.length === 0 ? [first] : more).map((message) => `${place}: ${message.replace(/\s+/g, ' ')}`)
}

export interface DevVars {
  readonly file: string
  readonly vars: Readonly<Record<string, string>>
}

/** What wrangler reads beside the file for `wrangler dev`: an environment's own, or that of all. */
export function readDevVars(wranglerFile: string, environment?: string): DevVars {
  const common = join(dirname(wranglerFile), '.dev.vars')
  const own = environment === undefined ? common : `${common}.${environment}`
  const file = existsSync(own) ? own : common
  return { file, vars: existsSync(file) ? definedIn(readFileSync(file, 'utf8')) : {} }
}

function definedIn(text: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(parseEnv(text)).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}

/** What a deployed Worker finds. A secret that is required is taken to be there and long enough. */
export function deployedEnvironment(config: Unstable_Config): Record<string, unknown> {
  const { vars, services, ratelimits, secrets, queues } = config
  return {
    ...Object.fromEntries((secrets?.required ?? []).map((name) => [name, standInFor(name)])),
    ...Object.fromEntries((services ?? []).map(({ binding }) => [binding, { fetch: () => undefined }])),
    ...Object.fromEntries((queues.producers ?? []).map(({ binding }) => [binding, { sendBatch: () => undefined }])),
    ...Object.fromEntries((ratelimits ?? []).map(({ name }) => [name, { limit: () => undefined }])),
    ...vars,
  }
}

/** Returns what is known of the environment beside a Wrangler configuration, if there is one. */
export function environmentBeside(wranglerFile: string | undefined): Record<string, unknown> {
  if (wranglerFile === undefined) return {}
  try {
    return { ...deployedEnvironment(readWrangler(wranglerFile)), ...readDevVars(wranglerFile).vars }
  } catch (error) {
    throw new LinesError(unreadable(error, relative(process.cwd(), wranglerFile)).join('\n'), EXIT.refused)
  }
}

/** What is known of a Worker's module. */
export interface EntryModule {
  readonly exports: ReadonlySet<string>
  /** True for an app with the gate before it, which is its own origin. */
  readonly isMiddleware: boolean
}

/** As a package, or as source that is mapped to it. */
const MIDDLEWARE = /^faregate\/hono$|(?:^|\/)platform\/hono\/index\.[jt]s$/

/** Reads the Worker's module. Returns undefined if it cannot be bundled. */
export async function readEntry(main: string | undefined): Promise<EntryModule | undefined> {
  if (main === undefined || !existsSync(main)) return undefined
  try {
    const { metafile } = await esbuildOf(dirname(main)).build({
      entryPoints: [main],
      bundle: true,
      write: false,
      metafile: true,
      format: 'esm',
      packages: 'external',
      outfile: 'worker.js',
      logLevel: 'silent',
    })
    const outputs = Object.values(metafile.outputs)
    return {
      exports: new Set(outputs.flatMap((output) => output.exports)),
      isMiddleware: [
        ...outputs.flatMap(({ imports }) => imports.map(({ path }) => path)),
        ...Object.keys(metafile.inputs),
      ].some((path) => MIDDLEWARE.test(path)),
    }
  } catch {
    return undefined
  }
}
