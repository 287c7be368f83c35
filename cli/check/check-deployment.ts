/** The faults of a Wrangler configuration, of its top level and of each of its environments, one line each with its place. */
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import type { Unstable_Config } from 'wrangler'
import { type Compiled, compile, type Fault } from '../../src/config/config.ts'
import type { Config } from '../../src/config/options.ts'
import { bindingsOf } from '../../src/config/rules/bindings.ts'
import type { Result } from '../../src/core/result.ts'
import {
  deploymentFindings,
  type Finding,
  gateOf,
  inheritanceFindings,
  isDeployed,
  leadsHere,
  uncoveredHosts,
} from './deployment.ts'
import { isSet, lineOf } from './toml-places.ts'
import {
  type DevVars,
  deployedEnvironment,
  type EntryModule,
  readDevVars,
  readEntry,
  readWrangler,
} from './wrangler-config.ts'

/** What an environment does not take from the top level. */
const OWN_ALONE = new Set(['vars', 'secrets', 'durable_objects'])

interface Source {
  readonly file: string
  readonly text: string
}

export async function checkDeployment(config: Config, file: string): Promise<string[]> {
  const source = { file, text: file.endsWith('.toml') ? readFileSync(file, 'utf8') : '' }
  const top = readWrangler(file)
  const names = [undefined, ...(top.definedEnvironments ?? [])]
  const configs = names.map((name) => ({ name, wrangler: name === undefined ? top : readWrangler(file, name) }))
  const entry = await readEntry(top.main)
  const deployed = compilerOf(config, entry?.isMiddleware !== true)
  const lines: string[] = []
  const hosts = new Set<string>()
  for (const { name, wrangler } of configs) {
    const compiled = deployed(environmentOf(wrangler, readDevVars(file, name)))
    if (compiled.ok) for (const host of compiled.value.sites.keys()) hosts.add(host)
    const found = [
      ...findingsOf(wrangler, compiled, wrangler.main === top.main ? entry : await readEntry(wrangler.main)),
      ...(name === undefined ? [] : inheritanceFindings(top, wrangler, hasRoutes(source, name))),
      ...secretFindings(deployed, wrangler, readDevVars(file, name)),
    ]
    lines.push(...found.map((finding) => lineFor(finding, source, name)))
    lines.push(...optionLines(config, wrangler, compiled, name), ...devVarLines(wrangler, readDevVars(file, name)))
  }
  const uncovered = uncoveredHosts(
    configs.map(({ wrangler }) => wrangler),
    [...hosts],
  )
  const stray = uncovered.map((host) => ({
    keys: ['routes'],
    message: `has no pattern for ${host}, a host of a zone: what is asked for there passes the gate by`,
  }))
  return [...new Set([...lines, ...stray.map((finding) => lineFor(finding, source, undefined))])]
}

type Compiler = (env: Readonly<Record<string, unknown>>) => Result<Compiled, readonly Fault[]>

function compilerOf(config: Config, needsOrigin: boolean): Compiler {
  return (env) => compile(config, env, { needsOrigin })
}

function environmentOf(wrangler: Unstable_Config, { vars }: DevVars): Readonly<Record<string, unknown>> {
  return { ...deployedEnvironment(wrangler), ...vars, ...process.env }
}

/** Where the configuration itself has faults, what needs its hosts and routes is not judged. */
function findingsOf(
  wrangler: Unstable_Config,
  compiled: Result<Compiled, readonly Fault[]>,
  entry: EntryModule | undefined,
): Finding[] {
  if (compiled.ok) return deploymentFindings(wrangler, gateOf(compiled.value, entry))
  return deploymentFindings(wrangler, { hosts: undefined, counted: undefined, entry })
}

function hasRoutes({ file, text }: Source, name: string): boolean {
  return !file.endsWith('.toml') || ['routes', 'route'].some((key) => isSet(text, ['env', name, key]))
}

/** `wrangler.toml:12: vars.ORIGIN_URL: …`, with the line where it is known. */
function lineFor({ keys, message }: Finding, { file, text }: Source, name: string | undefined): string {
  const inside = name === undefined ? keys : ['env', name, ...keys]
  const isInherited = name !== undefined && !isSet(text, inside) && !OWN_ALONE.has(keys[0] ?? '') && isSet(text, keys)
  const place = isInherited ? keys : inside
  const line = lineOf(text, place)
  const path = place.map((key, index) => (/^\d+$/.test(key) ? `[${key}]` : index === 0 ? key : `.${key}`)).join('')
  return `${shownFile(file)}${line === undefined ? '' : `:${line}`}: ${path}: ${message}`
}

function shownFile(file: string): string {
  const shown = relative(process.cwd(), file)
  return shown.startsWith('..') ? file : shown
}

const ABSENT = 'the environment has no secret of the name '

function absentSecrets(compiled: Result<Compiled, readonly Fault[]>): Map<string, string> {
  const faults = compiled.ok ? [] : compiled.error
  return new Map(
    faults
      .filter(({ message }) => message.startsWith(ABSENT))
      .map(({ path, message }) => [path, message.slice(ABSENT.length)]),
  )
}

/** Secrets that are in the file for all to read, and those that no deploy asks for. */
function secretFindings(deployed: Compiler, wrangler: Unstable_Config, devVars: DevVars): Finding[] {
  const full = environmentOf(wrangler, devVars)
  const before = absentSecrets(deployed(full))
  const missing = (without: ReadonlySet<string>): [string, string][] => {
    const env = Object.fromEntries(Object.entries(full).filter(([name]) => !without.has(name)))
    return [...absentSecrets(deployed(env))].filter(([path]) => !before.has(path))
  }
  const open = Object.keys(wrangler.vars).filter((name) => missing(new Set([name])).length > 0)
  const found: Finding[] = open.map((name) => ({
    keys: ['vars', name],
    message: 'is a secret of the configuration, in a file for all to read: use npx wrangler secret put',
  }))
  const { required } = wrangler.secrets ?? {}
  if (required === undefined) return found
  const known = new Set([...Object.keys(wrangler.vars), ...required])
  const unlisted = missing(new Set(Array.from(bindingsOf(full).secrets.keys()).filter((name) => !known.has(name))))
  return [
    ...found,
    ...unlisted.map(([path, name]) => ({
      keys: ['secrets', 'required'],
      message: `does not list ${name} (${path}): no deploy asks for it, and .dev.vars is not read for it`,
    })),
  ]
}

/** With `[secrets]` wrangler reads nothing else from there. */
function devVarLines({ secrets, vars }: Unstable_Config, devVars: DevVars): string[] {
  const { required } = secrets ?? {}
  const unread = Object.keys(devVars.vars).filter(
    (name) => required?.includes(name) === false && !Object.hasOwn(vars, name),
  )
  const text = unread.length === 0 ? '' : readFileSync(devVars.file, 'utf8').replace(/^\s*export\s+/gm, '')
  return unread
    .map((name) => ({ name, line: lineOf(text, [name]) ?? 0 }))
    .toSorted((one, other) => one.line - other.line)
    .map(
      ({ name, line }) =>
        `${shownFile(devVars.file)}:${line}: ${name}: is not read: neither [vars] nor required of [secrets] has it`,
    )
}

/** What the configuration says in this deployment and in no other, and what leads to this machine. */
function optionLines(
  config: Config,
  wrangler: Unstable_Config,
  compiled: Result<Compiled, readonly Fault[]>,
  name: string | undefined,
): string[] {
  const place = name === undefined ? '' : `env.${name}: `
  const own = name === undefined || compiled.ok ? [] : compiled.error
  const told = Object.values(wrangler.vars).filter((value) => typeof value === 'string')
  const here = isDeployed(wrangler) ? loopbacks(deployedOptions(config, wrangler), '') : []
  return [
    ...own.map(({ path, message }) => `${place}${path}: ${message}`),
    ...here
      .filter(({ value }) => !told.some((url) => leadsHere(url) && value.startsWith(url)))
      .map(({ path }) => `${place}${path}: is deployed, and leads to this machine`),
  ]
}

function deployedOptions(config: Config, wrangler: Unstable_Config): unknown {
  if (typeof config !== 'function') return config
  try {
    return config(Object.fromEntries(bindingsOf(deployedEnvironment(wrangler)).secrets))
  } catch {
    return undefined
  }
}

function loopbacks(value: unknown, path: string): { path: string; value: string }[] {
  if (typeof value === 'string') return leadsHere(value) ? [{ path, value }] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) =>
    loopbacks(inner, Array.isArray(value) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`),
  )
}
