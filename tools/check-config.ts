/**
 * `npm run check:config [folder or file]`: compiles faregate.config.ts as the Worker will, and reports every fault with its
 * path; then every fault of the wrangler.toml beside it, for each of its environments, with its line. Variables and bindings
 * are those of wrangler.toml, overlaid by .dev.vars and by the shell's environment. A secret that wrangler.toml requires and
 * that is not set here is taken to be there and long enough. With a record of what is deployed (`--record`, deployed.ts) it warns
 * of what a deploy would leave behind. With `--fetch` it asks the origin for samples: see check-origin.ts.
 */
import { existsSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { type Compiled, compile } from '../src/config/config.ts'
import { bindingsOf } from '../src/config/rules/bindings.ts'
import type { Config } from '../src/config/options.ts'
import { optionsSchema } from '../src/config/schema.ts'
import { observedUntil } from '../src/access/observation.ts'
import { type Route, routeName } from '../src/access/route.ts'
import { checkOrigins } from './check-origin.ts'
import { deployedWarnings, placeNotes, recordDeployed, UNRECORDED } from './deployed.ts'
import { readingNotes } from './readings.ts'
import { explained, optionTree } from './suggest.ts'
const root = resolve(import.meta.dirname, '..')

const usage = `Reports every fault of a configuration with its path, and of the wrangler.toml beside it with its line.

Usage: npm run check:config -- [options] [folder or file]

  without one          faregate.config.ts here
  --fetch [<path> …]   asks the origin for these pages too, as the gate does for a shared copy, and warns where the
                       answer looks like the origin's own teaser; paid routes without "*" are asked for in any case
  --record             writes the ids of the zones and the jurisdictions of their ledgers to faregate.deployed.json, as what
                       is deployed: a later check warns of what would be left behind
  --help               this text
`

async function load(file: string): Promise<Config> {
  const module: { default?: Config } = await import(pathToFileURL(file).href)
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
    const heading = `${zone.name} (${zone.answersAnyHost ? 'any host' : zone.hosts.join(', ')}): ${rails.map(({ name }) => name).join(', ')}`
    const takesReceipts = rails.some(({ kinds, role }) => role === 'payment' || kinds.includes('payment'))
    const notes = [...placeNotes(zone, takesReceipts), ...readingNotes(zone.routes)].map((note) => `  note: ${note}`)
    return [heading, ...routes, `  ${'anything else'.padEnd(24)} ${termsOf(zone.routes.unmatched)}`, ...notes].join(
      '\n',
    )
  })
}

/** A mistake in the command line is worth one line, not a stack. */
function quit(message: string): never {
  console.error(`check:config: ${message}`)
  process.exit(2)
}

function parse() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        fetch: { type: 'boolean', default: false },
        record: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
  } catch (error) {
    return quit(`${error instanceof Error ? error.message : String(error)}; see --help`)
  }
}

const { values: asked, positionals } = parse()
if (asked.help) {
  console.log(usage.trimEnd())
  process.exit(0)
}
const isSample = (given: string): boolean =>
  asked.fetch && /^(?:\/(?![^?]*\.[cm]?ts$)|https?:)/.test(given) && !existsSync(given)
const [given, ...more] = positionals.filter((each) => !isSample(each))
if (more.length > 0) quit(`one folder or file at a time, not also "${more.join('" and "')}"`)
const named = given === undefined ? root : resolve(given)
const file = existsSync(named) && statSync(named).isDirectory() ? join(named, 'faregate.config.ts') : named
if (!existsSync(file)) quit(`there is no ${file}`)

// Wrangler takes a second to load, which whoever mistypes a name need not wait for.
const { checkDeployment } = await import('./check-deployment.ts')
const { deployedEnvironment, readDevVars, readWrangler, isStandIn, unreadable, wranglerFileIn } = await import(
  './wrangler-config.ts'
)

function deployed(): Record<string, unknown> {
  try {
    return deployedEnvironment(readWrangler(wranglerFile))
  } catch (error) {
    for (const line of unreadable(error, relative(process.cwd(), wranglerFile))) console.error(line)
    process.exit(1)
  }
}

const config = await load(file)
// The demo has no wrangler.toml of its own, and is deployed nowhere: it is checked with the names of ours.
const own = wranglerFileIn(dirname(file))
const wranglerFile = own ?? join(root, 'wrangler.toml')
const known = { ...deployed(), ...readDevVars(wranglerFile).vars }
const env = { ...known, ...process.env }
// What it throws says where: the gate itself keeps that back, since it may quote a secret.
if (typeof config === 'function') config(Object.fromEntries(bindingsOf(env).secrets))
const compiled = compile(config, env, { needsOrigin: true })
const tree = optionTree(optionsSchema(bindingsOf(env), true))
const faults = [
  ...(compiled.ok ? [] : compiled.error.map((fault) => `${fault.path}: ${explained(fault, tree, Object.keys(known))}`)),
  ...(own === undefined ? [] : await checkDeployment(config, own)),
]
if (compiled.ok && faults.length === 0)
  console.log(`The configuration has no faults.\n\n${describe(compiled.value).join('\n\n')}`)
else {
  for (const fault of faults) console.error(fault)
  console.error(`${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}`)
  process.exitCode = 1
}
if (compiled.ok && asked.record && faults.length === 0) console.log(`\n${recordDeployed(compiled.value, file)}`)
else if (compiled.ok) {
  const warnings = deployedWarnings(compiled.value, file)
  if (warnings === undefined) console.log(`\n${UNRECORDED}`)
  for (const warning of warnings ?? []) console.error(`warning: ${warning}`)
}
if (compiled.ok && asked.fetch) {
  console.log('')
  for (const { isWarning, line } of await checkOrigins(compiled.value, positionals.filter(isSample), isStandIn)) {
    if (isWarning) console.error(`warning: ${line}`)
    else console.log(line)
  }
}
