import type { Eventually } from '../core/eventually.ts'
import type { Money } from '../core/money.ts'
import type { CredentialStatus, Refusal } from '../core/problem.ts'
import type { Result } from '../core/result.ts'
import type { Bindings } from '../config/rules/bindings.ts'
import type { Fault } from '../config/rules/fault.ts'
import type { Exchange } from '../http/rules/exchange.ts'
import type { Entitlement } from './entitlement.ts'

/**
 * Bounds a request before it is answered, and measures it afterwards.
 *
 * A gate that only counts afterwards can be overspent by two requests at once. So the bound is reserved first, the response
 * is sent as it comes, and the measured amount is committed, which may only lower the bound. An unknown amount costs the
 * reservation.
 *
 * @example
 * ```ts
 * import type { Meter } from 'faregate'
 *
 * // Counts the bytes that the origin announces.
 * export function announced(most: bigint): Meter {
 *   return {
 *     name: 'announced',
 *     counted: ['bytes'],
 *     classify: () => 'metered',
 *     bound: () => ({ ok: true, value: { amount: { counts: [{ name: 'bytes', units: most }] } } }),
 *     measure(response) {
 *       const length = response.headers.get('content-length')
 *       const used = () => (length === null ? undefined : { counts: [{ name: 'bytes', units: BigInt(length) }] })
 *       return { ok: true, value: { response, used } }
 *     },
 *   }
 * }
 * ```
 */
export interface Meter extends MeteredUnits {
  readonly name: string
  /**
   * Fields by which meter and origin talk. They are removed from every response, whatever became of the request, and from
   * every request to the origin. A meter reads them in `measure`.
   */
  readonly fields?: readonly string[]
  /**
   * Classifies a request on the route. `free` costs nothing to a reader who may have it, but takes its place under the
   * route's rates; `closed` is refused (`not-for-sale`).
   */
  classify(exchange: Pick<Exchange, 'method' | 'target'>): 'metered' | 'free' | 'closed'
  /**
   * Set if the content of a request has to be read for its bound. Clients that cannot pay are refused before the content is
   * read, unless it is short. The content of a GET is not read. With `decodes`, compressed content is decoded within `maxBytes` and sent on decoded, and
   * codings other than gzip and deflate are refused (`content-encoding-unsupported`).
   */
  readonly content?: { readonly maxBytes: number; readonly mostMs: number; readonly decodes?: true }
  /** Bounds a request. Errors: any refusal of the request. */
  bound(request: BoundedRequest): Eventually<Result<Bound, Refusal>>
  /**
   * Looks at the answer to one attempt before its first byte leaves. Errors: a refusal; `next-attempt`, if nothing of the
   * answer may be sent and another attempt is to be made. After the last attempt that is answered `origin-unreachable`.
   */
  measure(
    response: Response,
    attempt: Attempt,
    options: MeasureOptions,
  ): Eventually<Result<Metered, Refusal | 'next-attempt'>>
  /**
   * Prices an attempt that was sent and given up before it was answered: its server was at work, and somebody pays for that.
   * Undefined costs the reservation. Absent: what is not answered costs nothing.
   */
  unanswered?(attempt: Attempt): Eventually<MeteredAmount | undefined>
  /** Reports faults of its options in this environment; paths begin at the meter. */
  faults?(bindings: Bindings): readonly Fault[]
  /** True if free requests are bounded as well, for the sake of their attempts. Nothing of such a bound is charged. */
  readonly boundsFree?: true
  /**
   * Returns true if a client says that it sends a request again by itself, without an `Idempotency-Key`. Present for a meter whose
   * clients do: such a request continues the charge of the one before, if that broke off.
   */
  isRetry?(exchange: Exchange): boolean
  /** The entitlements that it may ask for beside those of its route. */
  readonly wants?: readonly string[]
  /** The servers of the meter's own, by URL. Requests reach them by an attempt that names one, and in no other way. */
  readonly servers?: readonly string[]
  /** The providers that it calls and the models that it sells, by the names under which an operator may close them. */
  readonly calls?: { readonly providers: readonly string[]; readonly models: readonly string[] }
  /** The time for an answer on its routes, in milliseconds, unless the route says another. */
  readonly responseMs?: number
  /** The status of `credential-*` on its routes, unless the route says another. */
  readonly credentialStatus?: CredentialStatus
  /** True if it adds a credential of the operator's to requests: its routes serve nobody unknown, not even while they are observed. */
  readonly addsCredential?: true
}

/** The names that a meter counts, known before any request. */
export interface MeteredUnits {
  /** The names of everything counted: limits and quotas refer to them by name or unit. */
  readonly counted: readonly string[]
  /** The ISO 4217 code of the money taken from credit. Absent if none is taken. */
  readonly currency?: string
}

/** The facts that a bound is computed from. */
export interface BoundedRequest {
  readonly exchange: Exchange
  /** The request's content, if the meter asks for content. */
  readonly content: Uint8Array<ArrayBuffer> | undefined
  /** The account that asks; undefined for a receipt or payment, which pays for one request whatever the request uses. */
  readonly account: Entitlement | undefined
  /** What an operator has closed of what the meter calls: nothing of it is attempted. */
  readonly closing?: Closing
}

/** What an operator has closed for a time of what a meter calls. */
export interface Closing {
  /** Returns the refusal of a model or provider that is closed. */
  of(part: 'model' | 'provider', name: string): Refusal | undefined
  /** Returns the refusal if there are attempts, and what each is at is closed. */
  ofAll(attempts: readonly Attempt[] | undefined): Refusal | undefined
}

/** Units by name, and money from credit. */
export interface MeteredAmount {
  readonly counts: readonly { readonly name: string; readonly units: bigint }[]
  readonly price?: Money
  /** How the amount came about, for the account and for billing. At most 2 kB as JSON. */
  readonly breakdown?: Breakdown
}

/** How a metered amount came about. */
export interface Breakdown {
  /** What was used, such as the id of a model. */
  readonly of: string
  /**
   * `measured`: by the report of who answered. `bounded`: by what had come when the answer was cut off. `reserved`: nothing is
   * known, so the reservation was kept.
   */
  readonly basis: 'measured' | 'bounded' | 'reserved'
  /** What was used by class. `rate`: a decimal string, for each million or each piece, in the currency of the price. */
  readonly lines: readonly { readonly name: string; readonly units: bigint; readonly rate?: string }[]
  /** Where the rates are from: `configured`, or the built-in list and its date. */
  readonly rates?: string
  readonly tier?: string
}

/** An upper bound of a request's usage, and the ways to send the request. */
export interface Bound {
  /** Amounts of names that the meter counts. A name left out is not counted for this request. */
  readonly amount: MeteredAmount
  /** Any one of these entitlements is needed beside those of the route. */
  readonly requires?: readonly string[]
  /** Tried in order until one is answered. Default: the request as it came, to the zone's servers. */
  readonly attempts?: readonly Attempt[]
  /** Answers in place of any server. */
  readonly answer?: () => Response
  /**
   * Answers where no attempt was answered, in place of a refusal. `answered`: what a server did answer, if the meter calls this itself,
   * in `measure`, for an answer that will not do.
   */
  readonly otherwise?: (answered?: Response) => Response
  /**
   * Returns a lower bound that fits what is available, or undefined. Called if the bound exceeds what is left. `available` has
   * the names of `amount` that some limit counts, and a price if the bound has one. Called again, with less, if `available` was
   * what other requests of the account may give back as well, and they did not.
   */
  tighten?(available: MeteredAmount, options: TightenOptions): Eventually<Bound | undefined>
  /**
   * Explains the bound to its account. Nobody is asked, and nothing is charged. `available`: what is left, if that is known and the
   * bound exceeds it.
   */
  explain?(available: MeteredAmount | undefined): BoundExplanation
}

/** What a bound is made of, and what would fit in its place. */
export interface BoundExplanation {
  /** The dearest outcome. */
  readonly breakdown?: Breakdown
  /** The most that such a request may ask for to fit what is available. Absent if nothing would fit. */
  readonly fitting?: Fitting
}

/** How a bound may be lowered. */
export interface TightenOptions {
  /** False while all that was asked for may still fit: then only a closer bound of the same is of use. */
  readonly mayShrink: boolean
}

/** The most that a request may ask for to fit what is left. */
export interface Fitting {
  /** By name: `output-tokens`. */
  readonly counts: MeteredAmount['counts']
  /** True if the meter lowers a request to that by itself (`tighten`). */
  readonly isApplied: boolean
}

/** One way to send a request. Content that was not read can be sent once: no second attempt has it. */
export interface Attempt {
  /**
   * The server of the zone's pool to send to, by its URL or the name of its binding. A server unknown to the pool is
   * `misconfigured`. Default: the pool chooses. Behind the middleware the app is the only
   * server, beside those that meters bring.
   */
  readonly server?: string
  /** Path and query to ask that server for, in place of the target's. */
  readonly path?: string
  /** What it calls, by the names of the meter's `calls`. */
  readonly at?: { readonly model?: string; readonly providers: readonly string[] }
  /** Sent in place of the request's content. */
  readonly content?: Uint8Array<ArrayBuffer>
  /** Changes the request that the gate would send: its fields, never its content. */
  request?(outgoing: Request): Request
}

/** The means of a measurement. */
export interface MeasureOptions {
  /** Aborted once the client has left. */
  readonly left: AbortSignal
  /** Keeps the runtime alive until the work is done, even if the client has left. */
  readonly waitUntil: (work: Promise<unknown>) => void
  readonly bound: Bound
  /** The id of the charge; undefined if nothing is charged. */
  readonly charge?: string | undefined
  /** Reads what an app behind the middleware has reported so far. */
  readonly reported?: (() => Readonly<Record<string, bigint>> | undefined) | undefined
}

/** A response to send, with a way to learn its usage. */
export interface Metered {
  readonly response: Response
  /** True if the response is no server's: no copy of what a server answered is kept for it. */
  readonly isOwn?: true
  /**
   * Returns what the request used. Called at most once, after the response or the client has left, and only for a 2xx whose
   * account is charged. May take 25 s to drain the rest. Names left out cost the reservation, and so do undefined, a
   * rejection and a longer time.
   */
  used(): Eventually<MeteredAmount | undefined>
}

/** A request that is under way. */
export interface NotesCost {
  /** Notes what the request costs from now on if nothing of an answer is sent, since a server is at work; undefined for nothing. */
  readonly noteCost?: (used: Metered['used'] | undefined) => void
}
