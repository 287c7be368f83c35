import type { Bindings } from '../config/rules/bindings.ts'
import type { Fault } from '../config/rules/fault.ts'
import type { EventReceiver } from '../standing/eventreceiver.ts'
import type { EndpointFactory } from './endpoint.ts'

/**
 * Who tells a zone what became of accounts in a form of its own, as a payment provider's webhooks do. One folder or file
 * each; a zone lists those it hears under `events`. A source verifies and reads; what its events come to is applied as
 * billing's own events are, and by the endpoint.
 */
export interface EventSource {
  /** For the log: what was done by it, and by whom. */
  readonly name: string
  /** A word of lower-case letters, digits and `-`. */
  readonly path: string
  /** `POST /__faregate/events/<path>`: `sourceEndpoint(path)`. */
  readonly endpoint: EndpointFactory
  /** What is wrong with its options in this environment and zone; paths begin at the source. */
  faults(bindings: Bindings, zone: EventSourceZone): readonly Fault[]
  /** Called only if there are no faults. */
  create(bindings: Bindings): EventReceiver
}

/** The zone that lists a source. */
export interface EventSourceZone {
  /** The `iss` of each issuer whose tokens it takes. */
  readonly issuers: readonly string[]
}
