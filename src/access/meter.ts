import type { Eventually } from '../core/eventually.ts'
import type { Money } from '../core/money.ts'
import type { Refusal } from '../core/problem.ts'
import type { Result } from '../core/result.ts'
import type { Bindings } from '../config/rules/bindings.ts'
import type { Fault } from '../config/rules/fault.ts'
import type { Exchange } from '../http/rules/exchange.ts'
import type { Entitlement } from './entitlement.ts'

/**
 * Says what a request may use at most before it is answered, and what it did use after. A gate that counts afterwards alone
 * can be overspent by whoever asks twice at once; so the bound is reserved first, the response is sent as it comes, and what
 * was measured is committed, which may only lower it. What stays unknown costs the reservation.
 */
export interface Meter extends MeteredUnits {
  readonly name: string
  /**
   * Fields by which meter and origin talk. None of a response leaves, whatever became of the request, and none of a request
   * reaches the origin. A meter reads them in `measure`.
   */
  readonly fields?: readonly string[]
  /**
   * Says what of the route is metered. `free` costs nothing to whoever may read it, but takes its place under the route's
   * rates; `closed` is refused (`not-for-sale`).
   */
  classify(asked: Pick<Exchange, 'method' | 'target'>): 'metered' | 'free' | 'closed'
  /** Set if the content of a request has to be read to bound it: who cannot pay is refused before that. Not that of a GET. */
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
  /** Tells what is wrong with its options in this environment; paths begin at the meter. */
  faults?(bindings: Bindings): readonly Fault[]
}

/** What a meter counts, as it is known before any request. */
export interface MeteredUnits {
  /** The names of all that it counts: limits and quotas speak of them, by name or unit. */
  readonly counted: readonly string[]
  /** The ISO 4217 code of what it takes from credit. Absent if it takes none. */
  readonly currency?: string
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
  /** Of names that the meter counts; one that is left out is not counted for this request. */
  readonly amount: MeteredAmount
  /** Any one of these entitlements is needed beside those of the route. */
  readonly requires?: readonly string[]
  /** Made one after the other until one is answered. Default: the request as it came, to the zone's servers. */
  readonly attempts?: readonly Attempt[]
  /**
   * Returns a lower bound that fits what is available, or undefined. Called once, if the bound is more than that. `available`
   * has the names of `amount` that some limit counts, and a price if the bound has one.
   */
  tighten?(available: MeteredAmount): Eventually<Bound | undefined>
}

/** One way to send a request. Content that was not read can be sent once: there is no second attempt with it. */
export interface Attempt {
  /**
   * The server of the zone's pool that is to answer, by its URL or the name of its binding; one that the pool has not is
   * `misconfigured`. Default: the pool chooses. An app behind the middleware is the only server there is.
   */
  readonly server?: string
  /** Sent in place of the content of the request. */
  readonly content?: Uint8Array<ArrayBuffer>
  /** Makes the request to send of the one that the gate would send: other fields, never other content. */
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
   * Tells what the request used. Called at most once, after the response has left or its client has, and only if that costs
   * anything: a 2xx whose account is charged. May take 25 s to drain what is still coming. What it leaves out costs the
   * reservation, and so does undefined, a rejection or a longer time.
   */
  used(): Eventually<MeteredAmount | undefined>
}
