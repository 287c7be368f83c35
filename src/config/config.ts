import * as v from 'valibot'
import { type Bindings, bindingsOf } from './rules/bindings.ts'
import { duplicateFaults } from './duplicates.ts'
import { pluginFaults } from './pluginfaults.ts'
import { type Fault, faultOf } from './rules/fault.ts'
import type { Config, Environment } from './options.ts'
import { type CheckedOptions, optionsSchema } from './schema.ts'
import { compileZone } from './compile.ts'
import type { UsageSink } from '../usage/sink.ts'
import { err, ok, type Result } from '../core/result.ts'
import { bearer } from '../rails/bearer.ts'
import type { Site } from '../site.ts'

export type { Fault } from './rules/fault.ts'

/** A configuration that has no faults, ready to serve. Nothing in it changes any more. */
export interface Compiled {
  readonly sites: ReadonlyMap<string, Site>
  /** Keys the hash of accounts in the log. */
  readonly accountKey: string | undefined
  /** Who is told of charges; nobody if it is empty. */
  readonly usage: readonly UsageSink[]
}

export interface CompileOptions {
  /** False where the app behind the gate is its own origin. */
  readonly needsOrigin: boolean
}

/**
 * Checks and compiles a configuration against the variables, secrets and bindings of the environment.
 * Error: all its faults, each with its path. No fault quotes a secret.
 */
export function compile(
  config: Config,
  env: Readonly<Record<string, unknown>>,
  { needsOrigin }: CompileOptions,
): Result<Compiled, readonly Fault[]> {
  const bindings = bindingsOf(env)
  const options = evaluate(config, Object.fromEntries(bindings.secrets))
  if (!options.ok) return options
  const parsed = v.safeParse(optionsSchema(bindings, needsOrigin), options.value)
  const faults = [
    ...(parsed.issues ?? []).map(faultOf).map((fault) => (fault.path === '' ? { ...fault, path: '(config)' } : fault)),
    ...duplicateFaults(options.value),
    ...pluginFaults(options.value, bindings),
  ]
  if (!parsed.success || faults.length > 0) return err(faults)
  return ok(compiled(parsed.output, bindings))
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

function compiled(options: CheckedOptions, bindings: Bindings): Compiled {
  const { secrets } = bindings
  const sites = new Map<string, Site>()
  for (const zone of options.zones) {
    const site: Site = {
      zone: compileZone(zone, secrets),
      rails: zone.rails ?? [bearer()],
      events: (zone.events ?? []).map((source) => source.create(bindings)),
      refusals: zone.refusals ?? [],
    }
    for (const host of zone.hosts) sites.set(host, site)
  }
  const accountKey = options.log?.accountKey
  return { sites, accountKey: accountKey && secrets.get(accountKey), usage: options.usage ?? [] }
}
