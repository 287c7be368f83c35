import type { Terms } from '../access/offer.ts'
import type { Protocol } from '../access/protocol.ts'
import type { Route } from '../access/route.ts'
import type { Bindings } from '../config/rules/bindings.ts'
import type { Fault } from '../config/rules/fault.ts'
import type { RefusalFormat } from '../refusals/format.ts'
import type { GateKeys } from '../secrets/gatekeys.ts'

/** A protocol as a configuration names it on a route. */
export interface ProtocolPlugin {
  readonly name: string
  /** Terms of what requests may ask for. They are checked and compiled as those of a route are. */
  readonly terms: readonly NamedTerms[]
  /** Reports faults of its options in this environment; paths begin at the plug-in. */
  faults(bindings: Bindings): readonly Fault[]
  /** Creates the protocol of one route. */
  create(made: MadeRoute): CreatedProtocol
  /** True if the protocol works with keys of the gate: a configuration without `secrets.gate` is at fault then. */
  readonly needsGateKey?: true
}

/** Terms as they were written. `path`: where they stand in the options. */
export interface NamedTerms {
  readonly name: string
  readonly path: string
  readonly given: unknown
}

/** The route that a protocol is created for. */
export interface MadeRoute {
  readonly route: Route
  /** The path of the route, without `/*`. */
  readonly mount: string
  /** The compiled terms, by name. */
  readonly terms: ReadonlyMap<string, Terms>
  /** True if a rail of the zone moves money: a client may then pay without an account. */
  readonly isPayable: boolean
  readonly bindings: Bindings
  readonly zoneId: string
  /** Undefined while the configuration is only checked, or names none. */
  readonly gateKeys: GateKeys | undefined
}

/** A protocol, and what it adds to its zone. */
export interface CreatedProtocol {
  readonly protocol: Protocol
  /** Write the refusals of the route, each if it accepts the exchange. */
  readonly refusals: readonly RefusalFormat[]
  /** Routes of its own. Those of the configuration come first. */
  readonly routes: readonly Route[]
}
