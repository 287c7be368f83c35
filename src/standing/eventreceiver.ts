import type { Check, Reason } from '../core/problem.ts'
import type { Result } from '../core/result.ts'
import type { Platform } from '../ports.ts'
import type { Zone } from '../zone.ts'
import type { BillingEvent } from './rules/event.ts'

/** A source of events for one zone, with its secrets. */
export interface EventReceiver {
  readonly name: string
  readonly path: string
  /** The issuer of the accounts that the events are about, if it is always the same. */
  readonly issuer?: string
  /** Longer bodies are answered 413. */
  readonly maxBytes: number
  /** Returns the refusal of a request whatever its body says, or undefined. The body of a refused request is not read. */
  refuseUnread(fields: Headers): EventRefusal | undefined
  /**
   * Verifies and reads a body. Undefined if it is genuine, but of no use to this zone. The error must quote nothing of the
   * body.
   */
  read(body: Uint8Array, fields: Headers, call: EventCall): Promise<Result<GenuineEvent | undefined, EventRefusal>>
  /** Gives money back by an operator's order. Only of a source that also sells. */
  refund?(order: RefundOrder, call: EventCall): Promise<Result<RefundMade, RefundFault>>
}

/** An order to give money back. The same order again is the same refund. */
export interface RefundOrder {
  /** The seller's id of the payment, or of the checkout that it came from. */
  readonly payment: string
  /** A decimal string in the payment's currency; absent for all that is left. */
  readonly amount?: string
  /** Tells apart two refunds of one amount. */
  readonly id?: string
}

/** A refund that was made, now or before. */
export interface RefundMade {
  /** For the operator. */
  readonly view: {
    readonly payment: string
    readonly refund: string
    /** The seller's word for the state of the refund. */
    readonly status: string
    readonly isRepeat: boolean
    /** The subscription that was ended. */
    readonly canceled?: string
  }
  /** What is taken back of what the payment gave. */
  readonly event: BillingEvent | undefined
  readonly account: string | undefined
}

/** `unknown`: the order must be sent again. `absent`: there is no such payment. `refused`: for good. */
export interface RefundFault {
  readonly kind: 'unknown' | 'absent' | 'refused'
  readonly detail: string
}

export interface EventCall extends Pick<Platform, 'clock' | 'fetch'> {
  /** The arrival of the request: milliseconds since 1970. */
  readonly now: number
  /** The zone that the event was sent to. */
  readonly zone: Zone
}

/** An event with a verified sender. */
export interface GenuineEvent {
  readonly id: string
  /** Determines the effect of the event. Undefined if it concerns no account known here. */
  resolve(): Promise<Result<BillingEvent | undefined, EventRefusal>>
  /**
   * Ends the checkout of a payment that was declined, so that nothing more is tried on it. Called once the event is applied, if
   * the trip is held. Returns false if it may go on.
   */
  endTrip?(): Promise<boolean>
}

/** An event that is not applied. `refused` means for good, `again` means to send it again. */
export interface EventRefusal {
  readonly kind: 'refused' | 'again'
  readonly detail: string
  readonly reason?: Reason
  readonly check?: Check
}
