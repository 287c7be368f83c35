/** What the protocols of a zone's routes bring with them, and the terms of what their requests may ask for. */
import * as v from 'valibot'
import type { Terms } from '../access/offer.ts'
import type { Protocol } from '../access/protocol.ts'
import type { Route } from '../access/route.ts'
import type { NamedTerms, ProtocolPlugin } from '../protocols/plugin.ts'
import type { GateKeys } from '../secrets/gatekeys.ts'
import type { RefusalFormat } from '../refusals/format.ts'
import { type Bindings, bindingsOf } from './rules/bindings.ts'
import { type Fault, faultAt, faultOf } from './rules/fault.ts'
import { ratesSchema } from './rates.ts'
import type { CheckedTerms } from './schema.ts'
import { termsSchema } from './terms.ts'
import { listAt, memberAt } from './unchecked.ts'

/** Returns the faults of protocols and of the terms in them. */
export function protocolFaults(options: unknown, bindings: Bindings): readonly Fault[] {
  const schema = termsSchema(ratesSchema(bindings.rates))
  return listAt(options, 'zones').flatMap((zone, index) =>
    listAt(zone, 'routes').flatMap((route, at) => {
      const plugin = memberAt(route, 'protocol')
      if (!isProtocol(plugin)) return []
      const ofTerms = plugin.terms.flatMap(({ path, given }) =>
        (v.safeParse(schema, given).issues ?? []).map((issue) => faultAt(path, faultOf(issue))),
      )
      const place = `zones[${index}].routes[${at}].protocol`
      return [...plugin.faults(bindings), ...ofTerms].map((fault) => faultAt(place, fault))
    }),
  )
}

/** Skips other values: the schema reports them. */
function isProtocol(value: unknown): value is ProtocolPlugin {
  return typeof value === 'object' && value !== null && 'terms' in value && 'create' in value && 'faults' in value
}

/** A route with its protocol, and what that adds to the zone. */
export interface ProtocolRoute {
  readonly route: Route
  readonly routes: readonly Route[]
  readonly refusals: readonly RefusalFormat[]
}

export interface ProtocolFacts {
  readonly env: Readonly<Record<string, unknown>>
  readonly isPayable: boolean
  readonly zoneId: string
  readonly gateKeys: GateKeys | undefined
  /** Compiles terms. `name` tells them from others of the route. */
  compileTerms(given: CheckedTerms, name: string): Terms
}

/** Creates the protocol of a route. */
export function withProtocol(plugin: ProtocolPlugin, route: Route, facts: ProtocolFacts): ProtocolRoute {
  const bindings = bindingsOf(facts.env)
  const schema = termsSchema(ratesSchema(bindings.rates))
  const compiled = ({ name, given }: NamedTerms) => [name, facts.compileTerms(v.parse(schema, given), name)] as const
  const { protocol, refusals, routes } = plugin.create({
    route,
    mount: route.path.replace(/\/\*$/, ''),
    terms: new Map(plugin.terms.map(compiled)),
    isPayable: facts.isPayable,
    zoneId: facts.zoneId,
    gateKeys: facts.gateKeys,
    bindings,
  })
  formats.set(protocol, refusals)
  return { route: { ...route, protocol }, routes, refusals }
}

const formats = new WeakMap<Protocol, readonly RefusalFormat[]>()

/** Returns the formats that the protocols of these routes bring. */
export function formatsOfProtocols(routes: readonly Route[]): readonly RefusalFormat[] {
  return routes.flatMap(({ protocol }) => (protocol && formats.get(protocol)) ?? [])
}
