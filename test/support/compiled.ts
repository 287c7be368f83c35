import { bearer } from '../../src/rails/bearer.ts'
import { compile, type Compiled, type Fault } from '../../src/config/config.ts'
import type { Config, Environment, Options, ZoneOptions } from '../../src/config/options.ts'
import type { Zone } from '../../src/zone.ts'
import type { MeterPlatform } from '../../src/meters/plugin.ts'
import type { Site } from '../../src/site.ts'

type Bindings = Readonly<Record<string, unknown>>

/** Meters fetch as the platform does: what a test puts in the place of `fetch` is used. */
function platformOf(bindings: Bindings): MeterPlatform {
  return { bindings, clock: () => Date.now(), fetch: (input, init) => fetch(input, init) }
}

/** The configuration, ready to serve. One that has faults fails the test, and is shown with them. */
export function compiled(config: Config, env: Bindings = {}, needsOrigin = true): Compiled {
  const found = compile(config, env, { needsOrigin, platform: platformOf(env) })
  if (!found.ok) throw new Error(JSON.stringify(found.error))
  return found.value
}

/** The options of a configuration that lists its zones. */
export function listed(config: Config, env: Environment = {}): Options {
  const options = typeof config === 'function' ? config(env) : config
  if ('zones' in options) return options
  throw new Error('a zone by itself')
}

/** What is wrong with options that the types may not even allow. */
export function faultsOf(options: unknown, env: Bindings = {}, needsOrigin = true): readonly Fault[] {
  const found = compile(options as Options, env, { needsOrigin })
  return found.ok ? [] : found.error
}

/** The site of this host. */
export function siteAt({ sites }: Pick<Compiled, 'sites'>, host: string): Site {
  const site = sites.get(host)
  if (site === undefined) throw new Error(`no site at ${host}`)
  return site
}

/** A zone at `a.test` that says only what it must, for a test to lay over it what it is about. */
export const ZONE: ZoneOptions & Required<Pick<ZoneOptions, 'issuers'>> = {
  name: 'a',
  hosts: ['a.test'],
  audience: 'https://a.test',
  issuers: [{ issuer: 'https://i.test', jwks: { url: 'https://i.test/jwks' } }],
  origin: { servers: [{ url: 'https://o.test' }] },
  rails: [bearer()],
  routes: [],
  unmatched: 'free',
  remedies: { documentation: 'https://d.test/' },
}

/** That zone with this laid over it, as it is served. */
export function zoneOf(
  change: Readonly<Record<string, unknown>>,
  env?: Bindings,
  shared: Readonly<Record<string, unknown>> = {},
): Zone {
  return siteAt(compiled({ zones: [{ ...ZONE, ...change }], ...shared }, env), 'a.test').zone
}

/** What is wrong with that zone once this is laid over it. */
export function zoneFaults(change: Readonly<Record<string, unknown>>, env?: Bindings): readonly Fault[] {
  return faultsOf({ zones: [{ ...ZONE, ...change }] }, env)
}
