import type { Check, Reason } from '../core/problem.ts'
import type { Result } from '../core/result.ts'
import type { Platform } from '../ports.ts'
import type { BillingEvent } from './rules/event.ts'

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
