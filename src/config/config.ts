/**
 * Turns what the user wrote into what the pipeline reads, once, at start.
 *
 * A configuration is input like any other: it may be written in JavaScript, it may hold a secret in place of a name, and it
 * usually has more than one fault. One pass finds all faults and reports them together, each with a path, so that a user
 * mends everything at once. No message quotes a value that may be a secret. After this nothing in the configuration changes,
 * and the pipeline checks no option again.
 */
import * as v from 'valibot'
import { type Bindings, bindingsOf } from './rules/bindings.ts'
import { accessFaults } from './accessoptions.ts'
import { duplicateFaults } from './duplicates.ts'
import { pluginFaults } from './pluginfaults.ts'
import { type Fault, faultAt, faultOf } from './rules/fault.ts'
import type { Config, Environment } from './options.ts'
import { type CheckedOptions, optionsSchema } from './schema.ts'
import { compileZone } from './compile.ts'
import { endpointsOfLogins, loginsOf } from './logins.ts'
import { formatsOf, metersOf, railsWith } from './meters.ts'
import { formatsOfProtocols, protocolFaults } from './protocols.ts'
import type { MeterPlatform } from '../meters/plugin.ts'
import { compileLog } from './log.ts'
import { type Handler, withHandler } from './handler.ts'
import { ownHostFaults } from './ownhosts.ts'
import { compileGateKeys, missingAccountKeyFaults, missingGateFaults } from './secrets.ts'
import { fullOptions } from './singlezone.ts'
import { siteFaults } from './sitefaults.ts'
import { speakerFaults } from './speakers.ts'
import type { LaterDescribed } from '../discovery/plugin.ts'
import { isTaken } from '../discovery/rules/taken.ts'
import type { EndpointFactory } from '../endpoints/endpoint.ts'
import { problems } from '../help/endpoint.ts'
import type { TallyPlugin } from '../tallies/plugin.ts'
import type { WatchPlugin } from '../tallies/watch.ts'
import type { AnomalyPlugin } from '../anomalies/plugin.ts'
import type { UsageSink } from '../usage/sink.ts'
import { ACCESS_FIELD } from '../access/issuer.ts'
import { err, ok, type Result } from '../core/result.ts'
import { readingOf } from '../rails/carried.ts'
import type { LogPolicy } from '../requestlog.ts'
import { type Site, sitesOf } from '../site.ts'

export type { Fault } from './rules/fault.ts'

/** The path of the endpoint for events that issuers sign. */
const EVENTS_PATH = 'events'

/** A configuration without faults. Read-only. */
export interface Compiled {
  readonly sites: ReadonlyMap<string, Site>
  /** The key of the hash of accounts in the log. */
  readonly accountKey: string | undefined
  readonly log: LogPolicy
  /** The gate's own endpoints: those that the configuration lists, and those of its event sources and logins. */
  readonly endpoints: readonly EndpointFactory[]
  /** What adds up what happens; absent if no endpoint shows it. */
  readonly tallies: TallyPlugin | undefined
  /** What watches the sums; absent if no endpoint tells of it. */
  readonly watch: WatchPlugin | undefined
  /** What watches for what is not normal; absent if no endpoint shows it. */
  readonly anomalies: AnomalyPlugin | undefined
  /** The sinks that receive charges; empty if there are none. */
  readonly usage: readonly UsageSink[]
  /** The days for which ledgers keep each charge; undefined for the default. */
  readonly historyDays: number | undefined
}

export interface CompileOptions {
  /** False if the app behind the gate is its own origin. */
  readonly needsOrigin: boolean
  /** The platform that meters are created on. Without one they can say what is at fault, and no more. */
  readonly platform?: MeterPlatform
  /** The terms of one handler of an app. They replace all routes. */
  readonly handler?: Handler
}

/**
 * Checks and compiles a configuration against the variables, secrets and bindings of the environment. The error lists all
 * faults, each with its path. No fault quotes a secret.
 */
export function compile(
  config: Config,
  env: Readonly<Record<string, unknown>>,
  { needsOrigin, handler, platform = nowhere(env) }: CompileOptions,
): Result<Compiled, readonly Fault[]> {
  const bindings = bindingsOf(env)
  const options = evaluate(config, Object.fromEntries(bindings.secrets))
  if (!options.ok) return options
  const full = withHandler(fullOptions(options.value), handler)
  const parsed = v.safeParse(optionsSchema(bindings, needsOrigin), full.options)
  const faults = [
    ...(parsed.issues ?? []).map(faultOf).map((fault) => (fault.path === '' ? { ...fault, path: '(config)' } : fault)),
    ...duplicateFaults(full.options),
    ...pluginFaults(full.options, bindings),
    ...protocolFaults(full.options, bindings),
    ...missingGateFaults(full.options),
    ...accessFaults(full.options),
    ...ownHostFaults(full.options, full.answersAnyHost),
    ...missingAccountKeyFaults(full.options),
    ...speakerFaults(full.options),
  ]
  if (!parsed.success || faults.length > 0) return err(full.asWritten(faults))
  const made = compiled(parsed.output, bindings, full.answersAnyHost, platform)
  return made.ok ? made : err(full.asWritten(made.error))
}

function evaluate(config: Config, env: Environment): Result<unknown, readonly Fault[]> {
  if (typeof config !== 'function') return ok(config)
  try {
    return ok(config(env))
  } catch (error) {
    return err([
      { path: '(config)', message: `the function threw ${error instanceof Error ? error.name : 'something'}` },
    ])
  }
}

/** Stands for the platform where there is none, as for a check of the configuration. */
function nowhere(bindings: MeterPlatform['bindings']): MeterPlatform {
  return { bindings, clock: () => 0, fetch: () => Promise.reject(new Error('nothing is fetched here')) }
}

function compiled(
  options: CheckedOptions,
  bindings: Bindings,
  answersAnyHost: boolean,
  platform: MeterPlatform,
): Result<Compiled, readonly Fault[]> {
  const { secrets } = bindings
  const credentialFields = credentialFieldsOf(options)
  const gateKeys = compileGateKeys(options.secrets, secrets)
  const shared = { answersAnyHost, credentialFields, gateKeys, ledger: options.ledger }
  const takesEvents = options.endpoints?.some(({ path }) => path === EVENTS_PATH) === true
  const all = options.zones.map(({ rails: given, events = [], refusals = [], ...options }): Site => {
    const receivers = events.map((source) => source.create(bindings))
    const logins = loginsOf({ ...options, events }).map((login) => login.create(bindings, platform))
    const meters = metersOf(options)
    const named = given.map((rail) => rail.beside?.(given) ?? rail)
    const { discovery = [] } = options
    const described: LaterDescribed = {}
    const rails = [...railsWith(meters, named), ...discovery.flatMap(({ link }) => link ?? [])]
    const zone = compileZone({ rails: named, events, ...options }, secrets, {
      ...shared,
      takesEvents,
      receivers,
      logins,
      platform,
      documentRoutes: (routes, limits) =>
        discovery.filter(({ path }) => !isTaken(path, routes)).map((document) => document.routeAt(limits, described)),
    })
    described.site = { zone, rails }
    const ofProtocols = formatsOfProtocols(zone.routes.entries.map(({ route }) => route))
    return {
      zone,
      rails,
      reading: readingOf(zone, rails),
      events: receivers,
      ...(logins.length > 0 && { logins }),
      ...(options.exemptions && {
        exemptions: options.exemptions.map((exemption) => exemption.create(bindings, platform)),
      }),
      refusals: [...ofProtocols, ...formatsOf(meters), ...refusals],
    }
  })
  const endpoints = endpointsOf(options)
  const faults = options.zones.flatMap((zone, index) => {
    const site = all[index]
    return site === undefined ? [] : siteFaults(site, zone, endpoints).map((fault) => faultAt(`zones[${index}]`, fault))
  })
  if (faults.length > 0) return err(faults)
  const accountKey = options.log?.accountKey
  const sites = sitesOf(all)
  return ok({
    sites,
    accountKey: accountKey && secrets.get(accountKey),
    log: compileLog(options.log),
    endpoints,
    ...shownOf(endpoints, sites, bindings, options.usage, accountKey && secrets.get(accountKey)),
    levers: endpoints.find((endpoint) => endpoint.levers !== undefined)?.levers,
    historyDays: options.ledger?.history,
  })
}

/** Returns the request fields that hold a credential of a reader, or of an operator, in any zone. */
function credentialFieldsOf({ zones }: CheckedOptions): readonly string[] {
  const ofRails = zones.flatMap(({ rails }) => rails.flatMap((rail) => rail.credentialFields ?? []))
  const hasAccess = zones.some(({ operators = [] }) => operators.some(({ access }) => access !== undefined))
  return hasAccess ? [...ofRails, ACCESS_FIELD] : ofRails
}

/** Returns what adds up and what watches for the endpoints that show it; what adds up is told of charges as billing is. */
function shownOf(
  endpoints: readonly EndpointFactory[],
  sites: Compiled['sites'],
  bindings: Bindings,
  usage: readonly UsageSink[] = [],
  accountKey: string | undefined,
): Pick<Compiled, 'tallies' | 'watch' | 'anomalies' | 'usage'> {
  const tallies = endpoints.find((endpoint) => endpoint.tallies !== undefined)?.tallies
  const watch = endpoints.find((endpoint) => endpoint.watch !== undefined)?.watch
  const sinks = watch === undefined ? usage : usage.map((sink) => watch.watchedSink(sink, sites))
  const anomalies = endpoints.find((endpoint) => endpoint.anomalies !== undefined)?.anomalies?.(bindings)
  if (tallies === undefined) return { tallies, watch, anomalies, usage: sinks }
  const listsNear = endpoints.some((endpoint) => endpoint.listsNear === true)
  return { tallies, watch, anomalies, usage: [...sinks, tallies.sinkFor(sites, { accountKey, listsNear })] }
}

/** Returns all endpoints. Logins bring some that a configuration may list as well; every gate has its help page. */
function endpointsOf(options: CheckedOptions): readonly EndpointFactory[] {
  const listed = [...(options.endpoints ?? []), ...sourceEndpoints(options)]
  const paths = new Set(listed.map(({ path }) => path))
  const brought = [...endpointsOfLogins(options.zones), problems()]
  return [...listed, ...brought.filter(({ path }) => !paths.has(path))]
}

/** Returns one endpoint for each path, even if several zones have a source there. */
function sourceEndpoints({ zones }: CheckedOptions): Iterable<EndpointFactory> {
  const sources = zones.flatMap(({ events = [] }) => events)
  return new Map(sources.map(({ path, endpoint }) => [path, endpoint])).values()
}
