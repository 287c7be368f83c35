/**
 * `npm run check:config [file]`: compiles faregate.config.ts as the Worker will, and reports every fault with its path.
 * Variables and bindings are those of wrangler.toml, overlaid by .dev.vars and by the shell's environment. A secret that
 * wrangler.toml requires and that is not set here is taken to be there and long enough. With `--fetch` it asks the origin for
 * samples: see check-origin.ts.
 */
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs, parseEnv } from 'node:util'
import { type Unstable_Config, unstable_readConfig } from 'wrangler'
import { type Compiled, compile } from '../src/config.ts'
import { bindingsOf } from '../src/config/bindings.ts'
import type { Config } from '../src/config/options.ts'
import { observedUntil } from '../src/core/observe.ts'
import { type Route, routeName } from '../src/core/route.ts'
import { checkOrigins } from './check-origin.ts'
import { readingNotes } from './readings.ts'

const root = resolve(import.meta.dirname, '..')

/** In place of a secret that is not known here. */
const STAND_IN = 'x'.repeat(64)

function environment(): Record<string, unknown> {
  const { vars, services, ratelimits, secrets, queues }: Unstable_Config = unstable_readConfig({
    config: resolve(root, 'wrangler.toml'),
  })
  const devVars = resolve(root, '.dev.vars')
  const stub = { fetch: () => undefined }
  return {
    ...Object.fromEntries((secrets?.required ?? []).map((name) => [name, STAND_IN])),
    ...Object.fromEntries((services ?? []).map(({ binding }) => [binding, stub])),
    ...Object.fromEntries((queues.producers ?? []).map(({ binding }) => [binding, { sendBatch: () => undefined }])),
    ...Object.fromEntries((ratelimits ?? []).map(({ name }) => [name, { limit: () => undefined }])),
    ...vars,
    ...(existsSync(devVars) ? parseEnv(readFileSync(devVars, 'utf8')) : {}),
    ...process.env,
  }
}

async function load(file: string): Promise<Config> {
  const module: { default?: Config } = await import(pathToFileURL(resolve(file)).href)
  if (module.default === undefined) throw new Error(`${file} has no default export: export default defineConfig(…)`)
  return module.default
}

/** An end that is past is not told: the route is enforced. */
function termsOf({ terms }: Route): string {
  const until = observedUntil(terms, Date.now())
  return until === undefined ? terms.kind : `${terms.kind}, only watched until ${new Date(until).toISOString()}`
}

function describe({ sites }: Compiled): string[] {
  const zones = new Map(Array.from(sites.values(), (site) => [site.zone.name, site]))
  return Array.from(zones.values(), ({ zone, rails }) => {
    const routes = zone.routes.entries.map(
      ({ route }) => `  ${routeName(route).padEnd(24)} ${termsOf(route)}, cache ${route.cache.partition}`,
    )
    const heading = `${zone.name} (${zone.hosts.join(', ')}): ${rails.map(({ name }) => name).join(', ')}`
    const notes = readingNotes(zone.routes).map((note) => `  note: ${note}`)
    return [heading, ...routes, `  ${'anything else'.padEnd(24)} ${termsOf(zone.routes.unmatched)}`, ...notes].join(
      '\n',
    )
  })
}

const { values: asked, positionals } = parseArgs({
  allowPositionals: true,
  options: { fetch: { type: 'boolean', default: false } },
})
const isSample = (given: string): boolean => asked.fetch && /^(?:\/(?![^?]*\.[cm]?ts$)|https?:)/.test(given)
const [file] = positionals.filter((given) => !isSample(given))
const config = await load(file ?? resolve(root, 'faregate.config.ts'))
const env = environment()
// What it throws says where: the gate itself keeps that back, since it may quote a secret.
if (typeof config === 'function') config(Object.fromEntries(bindingsOf(env).secrets))
const compiled = compile(config, env, { needsOrigin: true })
if (compiled.ok) console.log(`The configuration has no faults.\n\n${describe(compiled.value).join('\n\n')}`)
else {
  for (const { path, message } of compiled.error) console.error(`${path}: ${message}`)
  console.error(`${compiled.error.length} ${compiled.error.length === 1 ? 'fault' : 'faults'}`)
  process.exitCode = 1
}
if (compiled.ok && asked.fetch) {
  console.log('')
  for (const { isWarning, line } of await checkOrigins(
    compiled.value,
    positionals.filter(isSample),
    (v) => v === STAND_IN,
  )) {
    if (isWarning) console.error(`warning: ${line}`)
    else console.log(line)
  }
}
