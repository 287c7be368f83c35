import type { Eventually } from '../core/eventually.ts'
import type { Money } from '../core/money.ts'
import type { Refusal } from '../core/problem.ts'
import type { Result } from '../core/result.ts'
import type { Exchange } from '../http/rules/exchange.ts'
import type { Entitlement } from './entitlement.ts'

/**
 * Says what a request may use at most before it is answered, and what it did use after. A gate that counts afterwards alone
 * can be overspent by whoever asks twice at once; so the bound is reserved first, the response is sent as it comes, and what
 * was measured is committed, which may only lower it. What stays unknown costs the reservation.
 */
export interface Meter {
  readonly name: string
  /** What of the route is metered. `free` costs nothing to whoever may read it; `closed` is refused (`not-for-sale`). */
  classify(asked: Pick<Exchange, 'method' | 'target'>): 'metered' | 'free' | 'closed'
  /** Set if the content of a request has to be read to bound it: who cannot pay is refused before that. */
  readonly content?: { readonly maxBytes: number; readonly mostMs: number }
  /** Bounds a request. Errors: whatever the request is refused for. */
  bound(request: BoundedRequest): Eventually<Result<Bound, Refusal>>
  /**
   * Looks at the answer to one attempt before its first byte leaves. Errors: a refusal; `next-attempt`, if nothing of this
   * answer may be sent and another attempt is to be made: the last is then answered `origin-unreachable`.
   */
  measure(
    response: Response,
    attempt: Attempt,
    how: MeasureOptions,
  ): Eventually<Result<Metered, Refusal | 'next-attempt'>>
}

/** What a bound is made of. */
export interface BoundedRequest {
  readonly exchange: Exchange
  /** The content that was read, if the meter asks for it. */
  readonly content: Uint8Array | undefined
  /** The account that asks; undefined for a receipt or payment, which pay for one request whatever it uses. */
  readonly account: Entitlement | undefined
}

/** Units by name, and money from credit. */
export interface MeteredAmount {
  readonly counts: readonly { readonly name: string; readonly units: bigint }[]
  readonly price?: Money
}

/** An upper bound of what a request uses, and how it is to be sent. */
export interface Bound {
  readonly amount: MeteredAmount
  /** Any one of these entitlements is needed beside those of the route. */
  readonly requires?: readonly string[]
  /** Made one after the other until one is answered. Default: the request as it came, to the zone's servers. */
  readonly attempts?: readonly Attempt[]
  /** Returns a lower bound that fits what is available, or undefined. Called once, if the bound is more than that. */
  tighten?(available: MeteredAmount): Eventually<Bound | undefined>
}

/** One way to send a request. */
export interface Attempt {
  /** The server of the zone's pool that is to answer, by its URL. Default: the pool chooses. */
  readonly server?: string
  /** Makes the request to send of the one that the gate would send. */
  request?(outgoing: Request): Request
}

export interface MeasureOptions {
  /** Aborted when the client has left. */
  readonly left: AbortSignal
  /** Keeps the runtime alive until the work is done, though the client has left. */
  readonly waitUntil: (work: Promise<unknown>) => void
  readonly bound: Bound
  /** What an app behind the middleware has reported by now. */
  readonly reported?: (() => Readonly<Record<string, bigint>> | undefined) | undefined
}

/** A response to send, and what it comes to. */
export interface Metered {
  readonly response: Response
  /**
   * Tells what the request used. Called once, after the response has left or its client has; may take a while to drain what
   * is still coming. Undefined, or a rejection: unknown, which costs the reservation.
   */
  used(): Eventually<MeteredAmount | undefined>
}
