import type { EventSourceZone } from '../endpoints/eventsource.ts'
import type { LoginZone } from '../endpoints/loginplugin.ts'
import type { Bindings } from './rules/bindings.ts'
import { type Fault, faultAt } from './rules/fault.ts'
import { listAt, memberAt, textAt } from './unchecked.ts'

/**
 * Returns the faults that plug-ins report of their own options. The options may have another shape than expected: malformed
 * parts are skipped, and both kinds of faults are reported together.
 */
export function pluginFaults(options: unknown, bindings: Bindings): Fault[] {
  const ofSinks = listAt(options, 'usage').flatMap((sink, index) => faultsOf(sink, `usage[${index}]`, bindings))
  const ofEndpoints = listAt(options, 'endpoints').flatMap((one, at) => faultsOf(one, `endpoints[${at}]`, bindings))
  const ofSources = listAt(options, 'zones').flatMap((zone, index) => {
    const issuers = listAt(zone, 'issuers').flatMap((issuer) => textAt(issuer, 'issuer') ?? [])
    return listAt(zone, 'events').flatMap((source, at) =>
      faultsOf(source, `zones[${index}].events[${at}]`, bindings, { issuers }),
    )
  })
  const ofExemptions = listAt(options, 'zones').flatMap((zone, index) =>
    listAt(zone, 'exemptions').flatMap((exemption, at) =>
      faultsOf(exemption, `zones[${index}].exemptions[${at}]`, bindings),
    ),
  )
  const ofRails = listAt(options, 'zones').flatMap((zone, index) =>
    listAt(zone, 'rails').flatMap((rail, at) => faultsOf(rail, `zones[${index}].rails[${at}]`, bindings)),
  )
  return [
    ...ofRails,
    ...ofSources,
    ...ofExemptions,
    ...loginFaults(options, bindings),
    ...meterFaults(options, bindings),
    ...ofSinks,
    ...ofEndpoints,
  ]
}

function loginFaults(options: unknown, bindings: Bindings): Fault[] {
  return listAt(options, 'zones').flatMap((zone, index) => {
    const listed = listAt(zone, 'logins').map((login, at) => [login, `zones[${index}].logins[${at}]`] as const)
    const ofSources = listAt(zone, 'events').flatMap((source, at) => {
      const login = memberAt(source, 'login')
      return login === undefined ? [] : [[login, `zones[${index}].events[${at}]`] as const]
    })
    const issuers = listAt(zone, 'issuers').flatMap((issuer) => textAt(issuer, 'issuer') ?? [])
    const rails = new Set(listAt(zone, 'rails').map((rail) => textAt(rail, 'name')))
    return [...listed, ...ofSources].flatMap(([login, place]) => [
      ...faultsOf(login, place, bindings, { issuers }),
      ...listAt(login, 'rails')
        .filter((name) => typeof name === 'string' && !rails.has(name))
        .map((name) => ({ path: `zones[${index}].rails`, message: `expected ${String(name)}() for ${place}` })),
    ])
  })
}

function meterFaults(options: unknown, bindings: Bindings): Fault[] {
  return listAt(options, 'zones').flatMap((zone, index) => {
    const ofRoutes = listAt(zone, 'routes').flatMap((route, at) =>
      faultsOf(memberAt(route, 'meter'), `zones[${index}].routes[${at}].meter`, bindings),
    )
    const unmatched = memberAt(memberAt(zone, 'unmatched'), 'meter')
    return [...ofRoutes, ...faultsOf(unmatched, `zones[${index}].unmatched.meter`, bindings)]
  })
}

interface Plugin {
  faults(bindings: Bindings, zone?: EventSourceZone & LoginZone): readonly Fault[]
}

function faultsOf(plugin: unknown, place: string, bindings: Bindings, zone?: EventSourceZone): Fault[] {
  return isPlugin(plugin) ? plugin.faults(bindings, zone).map((fault) => faultAt(place, fault)) : []
}

/** Skips other values: the schema reports them. */
function isPlugin(value: unknown): value is Plugin {
  return typeof value === 'object' && value !== null && 'faults' in value && typeof value.faults === 'function'
}
