/**
 * `faregate check [folder or file]`: compiles faregate.config.ts as the Worker will, and reports every fault with its
 * path; then every fault of the wrangler.toml beside it, for each of its environments, with its line. Variables and bindings
 * are those of wrangler.toml, overlaid by .dev.vars and by the shell's environment. A secret that wrangler.toml requires and
 * that is not set here is taken to be there and long enough. With a record of what is deployed (`--record`, deployed.ts) it warns
 * of what a deploy would leave behind. With `--fetch` it asks the origin for samples: see check-origin.ts.
 */
import { dirname, join } from 'node:path'
import { type Compiled, compile } from '../../src/config/config.ts'
import { bindingsOf } from '../../src/config/rules/bindings.ts'
import { optionsSchema } from '../../src/config/schema.ts'
import { observedUntil } from '../../src/access/observation.ts'
import { type Route, routeName } from '../../src/access/route.ts'
import type { Config } from '../../src/config/options.ts'
import { CommandError, EXIT, LinesError, messageOf } from '../commanderror.ts'
import { loadConfig } from '../loadconfig.ts'
import { checkDeployment } from './check-deployment.ts'
import { type CheckedSample, checkOrigins } from './check-origin.ts'
import { checkToken, type TokenQuestion, type TokenReport } from './check-token.ts'
import { type AskedGate, livingKeyFaults } from './living-keys.ts'
import { unmarkedPaywalls } from './cloaking.ts'
import { brokenPromises, unopeningOffers } from './sold.ts'
import { deployedWarnings, placeNotes, recordDeployed, UNRECORDED } from './deployed.ts'
import { readingNotes } from './readings.ts'
import { explained, optionTree } from './suggest.ts'
import { environmentBeside, isStandIn, readEntry, readWrangler, wranglerFileIn } from './wrangler-config.ts'

export interface CheckRequest {
  /** The configuration's path. */
  readonly file: string
  /** Records what is deployed. */
  readonly record: boolean
  /** The pages to ask the origin for, besides those of routes without `*`; undefined if it is not asked at all. */
  readonly samples: readonly string[] | undefined
  /** A token to run through the configuration, and keys in place of the issuers' own. */
  readonly token?: Pick<TokenQuestion, 'token' | 'jwks'> | undefined
  /** The deployed gate to ask which API keys live. */
  readonly gate?: AskedGate | undefined
}

export interface CheckReport {
  readonly faults: readonly string[]
  readonly warnings: readonly string[]
  /** Paragraphs that describe the configuration; undefined if it has faults. */
  readonly summary: string | undefined
  /** About what is deployed. */
  readonly note: string | undefined
  readonly samples: readonly CheckedSample[]
  /** The verdict of each zone on the token; undefined if no token was given. */
  readonly tokens?: readonly TokenReport[]
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

/** The repository's own, whose names stand for those of a configuration that is deployed nowhere. */
const OWN_WRANGLER = join(import.meta.dirname, '../../wrangler.toml')

async function needsOrigin(own: string | undefined): Promise<boolean> {
  return own === undefined || (await readEntry(readWrangler(own).main))?.isMiddleware !== true
}

/** Loads the configuration and runs it once: what it throws says where, without the values of the environment. */
async function tried(file: string, env: ReadonlyMap<string, string>, known: object): Promise<Config> {
  try {
    const config = await loadConfig(file)
    if (typeof config === 'function') config(Object.fromEntries(env))
    return config
  } catch (error) {
    if (error instanceof CommandError) throw error
    const said = (error instanceof Error ? error.stack : undefined) ?? messageOf(error)
    throw new LinesError(withoutValues(said, env, known), EXIT.refused)
  }
}

/** Names of variables of the shell that are no business of the configuration's reader. */
const SECRET_NAME = /SECRET|TOKEN|KEY|PASS/i

function withoutValues(text: string, env: ReadonlyMap<string, string>, known: object): string {
  return Array.from(env)
    .filter(([name, value]) => value !== '' && (Object.hasOwn(known, name) || SECRET_NAME.test(name)))
    .toSorted(([, one], [, other]) => other.length - one.length)
    .reduce((left, [name, value]) => left.replaceAll(value, `[${name}]`), text)
}

const PLATFORM: TokenQuestion['platform'] = { clock: () => Date.now(), fetch: (input, init) => fetch(input, init) }

/** Checks a configuration and what is beside it. */
export async function checkConfig({ file, record, samples, token, gate }: CheckRequest): Promise<CheckReport> {
  const own = wranglerFileIn(dirname(file))
  const known = environmentBeside(own ?? wranglerFileIn(dirname(OWN_WRANGLER)))
  const env = { ...known, ...process.env }
  const config = await tried(file, bindingsOf(env).secrets, known)
  const isBefore = await needsOrigin(own)
  const compiled = compile(config, env, { needsOrigin: isBefore })
  const tree = optionTree(optionsSchema(bindingsOf(env), isBefore))
  const faults = [
    ...(compiled.ok
      ? []
      : compiled.error.map((fault) => `${fault.path}: ${explained(fault, tree, Object.keys(known))}`)),
    ...(own === undefined ? [] : await checkDeployment(config, own)),
  ]
  if (!compiled.ok) return { faults, warnings: [], summary: undefined, note: undefined, samples: [] }
  if (gate !== undefined) faults.push(...(await livingKeyFaults(compiled.value, gate)))
  const isRecorded = record && faults.length === 0
  const note = isRecorded ? recordDeployed(compiled.value, file) : undefined
  const warnings = isRecorded ? [] : deployedWarnings(compiled.value, file)
  return {
    faults,
    warnings: [
      ...(warnings ?? []),
      ...unopeningOffers(compiled.value),
      ...brokenPromises(compiled.value),
      ...unmarkedPaywalls(compiled.value),
    ],
    summary: faults.length === 0 ? describe(compiled.value).join('\n\n') : undefined,
    note: warnings === undefined ? UNRECORDED : note,
    samples: samples === undefined ? [] : await checkOrigins(compiled.value, samples, isStandIn),
    ...(token && {
      tokens: await checkToken(compiled.value.sites.values(), { ...token, isStandIn, platform: PLATFORM }),
    }),
  }
}
