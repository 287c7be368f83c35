import * as v from 'valibot'
import { bindingsOf } from './rules/bindings.ts'
import { duplicateFaults } from './duplicates.ts'
import type { Fault } from './rules/fault.ts'
import type { Config, Environment } from './options.ts'
import { type CheckedOptions, optionsSchema } from './schema.ts'
import { compileZone } from './compile.ts'
import type { UsageTarget } from '../usage/config.ts'
import { err, ok, type Result } from '../core/result.ts'
import { bearer } from '../rails/bearer.ts'
import type { Site } from '../rails/site.ts'

export type { Fault } from './rules/fault.ts'

/** A configuration that has no faults, ready to serve. Nothing in it changes any more. */
export interface Compiled {
  readonly sites: ReadonlyMap<string, Site>
  /** Keys the hash of accounts in the log. */
  readonly accountKey: string | undefined
  /** Where billing is told of charges. */
  readonly usage: UsageTarget | undefined
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
  const faults = [...(parsed.issues ?? []).map(faultOf), ...duplicateFaults(options.value)]
  if (!parsed.success || faults.length > 0) return err(faults)
  return ok(compiled(parsed.output, bindings.secrets))
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

function compiled(options: CheckedOptions, secrets: ReadonlyMap<string, string>): Compiled {
  const sites = new Map<string, Site>()
  for (const zone of options.zones) {
    const site: Site = { zone: compileZone(zone, secrets), rails: zone.rails ?? [bearer()] }
    for (const host of zone.hosts) sites.set(host, site)
  }
  const accountKey = options.log?.accountKey
  return { sites, accountKey: accountKey && secrets.get(accountKey), usage: options.usage }
}

/** Of a union its own issue, and not those of its members: its path names the option, and its message the choices. */
function faultOf(issue: v.BaseIssue<unknown>): Fault {
  const keys = (issue.path ?? []).map((item) => item.key)
  const path = keys
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : index === 0 ? String(key) : `.${String(key)}`))
    .join('')
  return { path: path === '' ? '(config)' : path, message: messageOf(issue) }
}

const KINDS: Readonly<Record<string, string>> = { Object: 'an object', Array: 'a list', string: 'a string' }

/** The schema library's own words quote what they found, which may be a secret. */
function messageOf(issue: v.BaseIssue<unknown>): string {
  const { expected, message, path, received, type } = issue
  if (type === 'strict_object' && path !== undefined) {
    if (expected === 'never') return 'is not an option here'
    if (received === 'undefined') return 'is missing'
  }
  if (!message.startsWith('Invalid ')) return message
  return `expected ${KINDS[expected ?? ''] ?? expected ?? 'something else'}`
}
