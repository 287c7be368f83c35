/** What is wrong with a Worker as wrangler would deploy it: doors beside the gate, a cache before it, what it lacks to count. */
import type { Unstable_Config } from 'wrangler'
import type { Compiled } from '../../src/config/config.ts'
import { isLoopback } from '../../src/http/rules/exchange.ts'
import { routeName, type Route } from '../../src/access/route.ts'
import type { EntryModule } from './wrangler-config.ts'

/** A fault of the Wrangler configuration, at the keys that lead to it. */
export interface Finding {
  readonly keys: readonly string[]
  readonly message: string
}

/** What a deployment has to fit. */
export interface Gate {
  /** Hosts of all zones; undefined where they are not known. */
  readonly hosts: readonly string[] | undefined
  /** Something that only a ledger can count; undefined where nothing is counted. */
  readonly counted: string | undefined
  /** The Worker's module; undefined where that is not known. */
  readonly entry: EntryModule | undefined
}

/** Nothing is tested with an older one: the date of the repository's own wrangler.toml. */
const OLDEST_DATE = '2026-10-20'
const FLAG = 'enable_request_signal'

export function deploymentFindings(config: Unstable_Config, gate: Gate): Finding[] {
  return [
    ...cacheFindings(config),
    ...doorFindings(config, gate.hosts),
    ...routesOf(config).flatMap((route) => routeFindings(route, gate.hosts)),
    ...compatibilityFindings(config),
    ...exportFindings(config, gate.entry),
    ...ledgerFindings(config, gate.counted),
    ...loopbackFindings(config),
  ]
}

/** What a deployment has to fit that serves this configuration. */
export function gateOf({ sites, endpoints }: Compiled, entry: EntryModule | undefined): Gate {
  const isAnyHost = [...sites.values()].some(({ zone }) => zone.answersAnyHost)
  const own = endpoints.flatMap(({ host }) => host ?? [])
  return { hosts: isAnyHost ? undefined : [...sites.keys(), ...own], counted: countedIn(sites), entry }
}

function countedIn(sites: Compiled['sites']): string | undefined {
  for (const { zone, rails, events } of sites.values()) {
    if (rails.some(({ kinds }) => kinds.includes('payment'))) return `the receipts of zone ${zone.name}`
    const [source] = events
    if (source !== undefined) return `what ${source.name} says to zone ${zone.name}`
    const routes = [...zone.routes.entries.map(({ route }) => route), zone.routes.unmatched]
    const metered = routes.find((route) => isMetered(route))
    if (metered !== undefined) return `what ${routeName(metered)} of zone ${zone.name} meters`
  }
  return undefined
}

function isMetered({ terms }: Route): boolean {
  if (terms.kind !== 'paid') return false
  return terms.offer.price !== undefined || terms.metering.quotas.length > 0 || (terms.rates?.exact ?? []).length > 0
}

function cacheFindings({ cache, exports }: Unstable_Config): Finding[] {
  const entry = exports['default']
  const own = entry?.type === 'worker' ? entry.cache?.enabled : undefined
  const findings: Finding[] = []
  if (own ?? cache?.enabled ?? false)
    findings.push({
      keys: own === undefined ? ['cache', 'enabled'] : ['exports', 'default', 'cache', 'enabled'],
      message:
        'a cache before the gate answers without a look at who asks: write [exports.default] with type = "worker" and cache = { enabled = false }',
    })
  if (cache?.cross_version_cache === true)
    findings.push({
      keys: ['cache', 'cross_version_cache'],
      message: 'copies that were made under an earlier configuration would still be served: leave it out',
    })
  return findings
}

/** Where a zone has an address of the platform, it is no second door but the one. */
function doorFindings(config: Unstable_Config, hosts: readonly string[] = []): Finding[] {
  if (hosts.some((host) => host.endsWith('.workers.dev'))) return []
  const findings: Finding[] = []
  const unset = 'is not set, and may be on by default'
  if (config.workers_dev ?? routesOf(config).length === 0)
    findings.push({
      keys: ['workers_dev'],
      message: `${config.workers_dev === undefined ? unset : 'is on'}: a second door beside your hosts; write workers_dev = false`,
    })
  if (config.preview_urls !== false)
    findings.push({
      keys: ['preview_urls'],
      message: `${config.preview_urls === undefined ? unset : 'is on'}: each earlier version keeps a door of its own, with what it asked for; write preview_urls = false`,
    })
  return findings
}

interface RouteEntry {
  readonly keys: readonly string[]
  readonly pattern: string
  readonly isCustomDomain: boolean
}

function routesOf({ route, routes = [] }: Unstable_Config): RouteEntry[] {
  const all = route === undefined ? routes : [route, ...routes]
  return all.map((entry, index) => ({
    keys: route === undefined ? ['routes', `${index}`] : ['route'],
    pattern: typeof entry === 'string' ? entry : entry.pattern,
    isCustomDomain: typeof entry === 'object' && 'custom_domain' in entry && entry.custom_domain === true,
  }))
}

function routeFindings({ keys, pattern, isCustomDomain }: RouteEntry, hosts: readonly string[] | undefined): Finding[] {
  const [, scheme = '', host = '', path = ''] = /^([a-z]+:\/\/)?([^/]*)(.*)$/i.exec(pattern) ?? []
  const found: Finding[] = []
  const shown = JSON.stringify(pattern)
  const whole = `write "${host}/*"`
  if (scheme !== '')
    found.push({ keys, message: `${shown}: requests of the other scheme would pass the gate by; ${whole}` })
  if (!isCustomDomain && path !== '/*')
    found.push({
      keys,
      message: `${shown} has not all paths of its host: the others pass the gate by, and other spellings of these too; ${whole}`,
    })
  if (hosts?.some((known) => isCovered(known, host)) === false)
    found.push({ keys, message: `${shown}: no zone has this host, so its requests are answered 421 host-unknown` })
  return found
}

/** A pattern's host may begin with `*`, which stands for anything. */
function isCovered(host: string, pattern: string): boolean {
  return pattern.startsWith('*') ? host.endsWith(pattern.slice(1)) : host === pattern.toLowerCase()
}

/** The hosts of zones to which no deployment has a route: what is asked for there passes the gate by. */
export function uncoveredHosts(configs: readonly Unstable_Config[], hosts: readonly string[]): string[] {
  const patterns = configs.flatMap((config) =>
    routesOf(config).map(({ pattern }) => pattern.replace(/^[a-z]+:\/\//i, '')),
  )
  if (patterns.length === 0) return []
  return hosts.filter(
    (host) => !isLoopback(host) && !patterns.some((pattern) => isCovered(host, pattern.split('/')[0] ?? '')),
  )
}

function compatibilityFindings({ compatibility_date: date, compatibility_flags: flags }: Unstable_Config): Finding[] {
  const found: Finding[] = []
  if (date === undefined || date < OLDEST_DATE)
    found.push({
      keys: ['compatibility_date'],
      message: `${date === undefined ? 'is not set' : `${date} is too old`}: write ${OLDEST_DATE} or later`,
    })
  if (!flags.includes(FLAG))
    found.push({
      keys: ['compatibility_flags'],
      message: `lacks "${FLAG}": without it, what a client was charged who leaves early stays open until it is closed as unsettled`,
    })
  return found
}

function exportFindings({ durable_objects }: Unstable_Config, entry: EntryModule | undefined): Finding[] {
  if (entry === undefined) return []
  const own = ledgerOf(durable_objects)
  const ledger = own === undefined || own.script_name !== undefined ? [] : [own.class_name]
  const isApp = entry.isMiddleware
  const names = isApp ? ['default', ...ledger] : ['default', 'Origin', ...ledger]
  const advice = isApp
    ? 'write export const Ledger = ledger(config), and export default your app'
    : 'write export { Gate as default, Ledger, Origin } of what faregate(config) gives'
  return names
    .filter((name) => name !== undefined && !entry.exports.has(name))
    .map((name) => ({
      keys: ['main'],
      message: `exports no "${name}": ${advice}`,
    }))
}

function ledgerOf({
  bindings,
}: Unstable_Config['durable_objects']): Unstable_Config['durable_objects']['bindings'][number] | undefined {
  return bindings.find(({ name }) => name === 'LEDGER')
}

function ledgerFindings(
  { durable_objects, exports, migrations }: Unstable_Config,
  counted: string | undefined,
): Finding[] {
  const bound = ledgerOf(durable_objects)
  if (bound === undefined) {
    if (counted === undefined) return []
    return [{ keys: ['durable_objects'], message: `nothing is bound as LEDGER, so ${counted} is answered 503` }]
  }
  const { class_name: name } = bound
  if (name === undefined || bound.script_name !== undefined) return []
  const entry = exports[name]
  const isMigrated = migrations.some(({ new_sqlite_classes: made = [], renamed_classes: renamed = [] }) =>
    [...made, ...renamed.map(({ to }) => to)].includes(name),
  )
  if (isMigrated || (entry?.type === 'durable-object' && 'storage' in entry && entry.storage === 'sqlite')) return []
  return [
    {
      keys: entry === undefined ? ['durable_objects'] : ['exports', name],
      message: `the class of LEDGER has no SQLite: write [exports.${name}] with type = "durable-object" and storage = "sqlite"`,
    },
  ]
}

/** This machine, or any that the Worker happens to run on. */
export function leadsHere(value: string): boolean {
  const host = /^[a-z][a-z\d+.-]*:\/\//i.test(value) ? URL.parse(value)?.hostname : undefined
  return host !== undefined && (isLoopback(host) || host === '0.0.0.0' || host === '[::]')
}

/** True where requests from elsewhere reach it. */
export function isDeployed(config: Unstable_Config): boolean {
  return routesOf(config).length > 0 || config.workers_dev !== false
}

function loopbackFindings(config: Unstable_Config): Finding[] {
  if (!isDeployed(config)) return []
  return Object.entries(config.vars)
    .filter(([, value]) => typeof value === 'string' && leadsHere(value))
    .map(([name]) => ({
      keys: ['vars', name],
      message: 'is deployed, and leads to this machine: for npm run dev, set it in .dev.vars',
    }))
}

/** Of what is not inherited, an environment has only what it says itself. */
export function inheritanceFindings(top: Unstable_Config, config: Unstable_Config, hasRoutes: boolean): Finding[] {
  const lost = Object.keys(top.vars).filter((name) => !Object.hasOwn(config.vars, name))
  const found: Finding[] = lost.map((name) => ({
    keys: ['vars'],
    message: `${name} is not inherited from [vars], and is undefined here`,
  }))
  if (!hasRoutes && routesOf(config).length > 0)
    found.push({
      keys: [],
      message: 'has no routes of its own, and takes those of the top level: its deploy takes them over',
    })
  return found
}
