import type { Eventually } from '../core/eventually.ts'
import type { Refusal } from '../core/problem.ts'
import type { Result } from '../core/result.ts'
import type { Exchange } from '../http/rules/exchange.ts'
import type { Presented } from './proof.ts'
import type { Route } from './route.ts'

/**
 * The protocol that the requests of a route speak, where the content of a request says what it asks for.
 *
 * A path alone has one price. Where one path takes calls of many kinds, the terms of a request follow from its content, and
 * credentials may lie there too. So the content is read before anyone is known, within bounds, and the match is refined: from
 * then on the request has the route, the fields and the content that the protocol found. Rails, ledger and idempotency know
 * nothing of it.
 */
export interface Protocol {
  readonly name: string
  /** The methods of its requests: what the answer to a preflight names. */
  readonly methods: readonly string[]
  /** Refines a request. Nobody is known yet, so nothing costly may follow from it. Errors: any refusal of the request. */
  refine(asked: UnrefinedRequest): Eventually<Result<RefinedRequest, Refusal>>
}

/** A request on the route that its path has matched. */
export interface UnrefinedRequest {
  readonly request: Request
  readonly exchange: Exchange
  readonly route: Route
  /** Origins whose pages may send requests, beside the request's own. */
  readonly origins: ReadonlySet<string>
  /** Reads the content, decoded, within the memory for anonymous senders. Called at most once. Errors: those of reading content. */
  read(limits: ContentLimits): Promise<Result<ReadContent, Refusal>>
}

export interface ContentLimits {
  readonly maxBytes: number
  readonly mostMs: number
}

/** Content in memory, and the request to be sent on with it. */
export interface ReadContent {
  readonly request: Request
  readonly content: Uint8Array<ArrayBuffer>
}

/** A request with what its content says. */
export interface RefinedRequest {
  /** The route with the terms of what is asked for. Its offer is an object of its own, and the same for the same terms. */
  readonly route: Route
  /** The exchange with the credentials of its content in the fields that rails read. */
  readonly exchange: Exchange
  /** The request to be sent on: without these credentials. What a payment or key is bound to is the content of this one. */
  readonly request: Request
  /**
   * Judges a request that is to be served, by what was presented. Returns how the protocol answers. Errors: any refusal.
   */
  admit(presented: Presented | undefined): Result<Answering, Refusal>
  /**
   * Looks into a good answer that has been reserved for: it may tell of a failure, and a failure costs nothing. Content is read no
   * further than the protocol says.
   */
  judge?(response: Response): Eventually<JudgedAnswer>
}

/** An answer to be sent, and whether it costs nothing. */
export interface JudgedAnswer {
  readonly response: Response
  readonly isFailed: boolean
}

/** How a protocol answers one request. */
export interface Answering {
  /** Shapes the response, which is paid for and on its way. Content is read no further than the protocol says. */
  shape(response: Response): Eventually<Response>
}

/** Returns true for one route, though its terms may be those of what a request asks for by its content. */
export function isSameRoute(one: Route, other: Route): boolean {
  return one === other || (one.protocol !== undefined && one.protocol === other.protocol)
}
