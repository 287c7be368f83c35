import * as v from 'valibot'
import { type Bindings, bindingsOf } from './rules/bindings.ts'
import { duplicateFaults } from './duplicates.ts'
import { pluginFaults } from './pluginfaults.ts'
import { type Fault, faultOf } from './rules/fault.ts'
import type { Config, Environment } from './options.ts'
import { type CheckedOptions, optionsSchema } from './schema.ts'
import { compileZone } from './compile.ts'
import { type Handler, withHandler } from './handler.ts'
import { fullOptions } from './singlezone.ts'
import type { EndpointFactory } from '../endpoints/endpoint.ts'
import type { UsageSink } from '../usage/sink.ts'
import { err, ok, type Result } from '../core/result.ts'
import { type Site, sitesOf } from '../site.ts'

export type { Fault } from './rules/fault.ts'

/** A configuration that has no faults, ready to serve. Nothing in it changes any more. */
export interface Compiled {
  readonly sites: ReadonlyMap<string, Site>
  /** Keys the hash of accounts in the log. */
  readonly accountKey: string | undefined
  /** What the gate itself answers: the endpoints of the configuration, and those of its sources of events. */
  readonly endpoints: readonly EndpointFactory[]
  /** Who is told of charges; nobody if it is empty. */
  readonly usage: readonly UsageSink[]
}

export interface CompileOptions {
  /** False where the app behind the gate is its own origin. */
  readonly needsOrigin: boolean
  /** The terms of one handler of an app: they are the only route. */
  readonly handler?: Handler
}

/**
 * Checks and compiles a configuration against the variables, secrets and bindings of the environment.
 * Error: all its faults, each with its path. No fault quotes a secret.
 */
export function compile(
  config: Config,
  env: Readonly<Record<string, unknown>>,
  { needsOrigin, handler }: CompileOptions,
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
  ]
  if (!parsed.success || faults.length > 0) return err(full.asWritten(faults))
  return ok(compiled(parsed.output, bindings, full.answersAnyHost))
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

function compiled(options: CheckedOptions, bindings: Bindings, answersAnyHost: boolean): Compiled {
  const { secrets } = bindings
  const credentialFields = options.zones.flatMap(({ rails }) => rails.flatMap((rail) => rail.credentialFields ?? []))
  const shared = { answersAnyHost, credentialFields }
  const all = options.zones.map(
    ({ rails, events = [], refusals = [], ...zone }): Site => ({
      zone: compileZone({ rails, ...zone }, secrets, shared),
      rails,
      events: events.map((source) => source.create(bindings)),
      refusals,
    }),
  )
  const accountKey = options.log?.accountKey
  return {
    sites: sitesOf(all),
    accountKey: accountKey && secrets.get(accountKey),
    endpoints: [...(options.endpoints ?? []), ...sourceEndpoints(options)],
    usage: options.usage ?? [],
  }
}

/** One for each path, whichever zones have a source there. */
function sourceEndpoints({ zones }: CheckedOptions): Iterable<EndpointFactory> {
  const sources = zones.flatMap(({ events = [] }) => events)
  return new Map(sources.map(({ path, endpoint }) => [path, endpoint])).values()
}
