import type { Bindings } from '../config/rules/bindings.ts'
import type { Fault } from '../config/rules/fault.ts'
import type { Check, Reason } from '../core/problem.ts'
import type { Result } from '../core/result.ts'
import type { Platform } from '../ports.ts'
import type { BillingEvent } from './rules/event.ts'

/**
 * Who tells a zone what became of accounts in a form of its own, as a payment provider's webhooks do. One folder or file
 * each; a zone lists those it hears under `events`. A source verifies and reads; what its events come to is applied as
 * billing's own events are, and by the endpoint.
 */
export interface EventSource {
  /** For the log: what was done by it, and by whom. */
  readonly name: string
  /** Its endpoint is `POST /__faregate/events/<path>`. */
  readonly path: string
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

/** A source of one zone, with its secrets. */
export interface EventReceiver {
  readonly name: string
  readonly path: string
  /** Longer bodies are answered 413. */
  readonly maxBytes: number
  /** Why a request is refused whatever its body is; its body is not read then. */
  refuseUnread(fields: Headers): EventRefusal | undefined
  /**
   * Verifies and reads a body. Undefined: it is genuine, and nothing that this zone has a use for. The error must quote
   * nothing of the body.
   */
  read(body: Uint8Array, fields: Headers, call: EventCall): Promise<Result<GenuineEvent | undefined, EventRefusal>>
}

export interface EventCall extends Pick<Platform, 'clock' | 'fetch'> {
  /** When the request came: milliseconds since 1970. */
  readonly now: number
}

/** An event whose sender is known. */
export interface GenuineEvent {
  readonly id: string
  /** Finds out what it comes to. Undefined: nothing that is known of an account. */
  resolve(): Promise<Result<BillingEvent | undefined, EventRefusal>>
}

/** Why an event is not applied. `refused`: it never will be. `again`: it has to be sent again. */
export interface EventRefusal {
  readonly kind: 'refused' | 'again'
  readonly detail: string
  readonly reason?: Reason
  readonly check?: Check
}
