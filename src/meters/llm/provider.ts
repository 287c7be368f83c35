import type { JsonMembers } from '../../core/json.ts'
import type { Refusal } from '../../core/problem.ts'
import type { Result } from '../../core/result.ts'
import type { RefusedView } from '../../refusals/describe.ts'
import type { Members } from '../../rails/rail.ts'
import type { ImageRule } from './rules/imagetokens.ts'
import type { JsonEdit, ModelRequest, RequestChanges } from './rules/request.ts'
import type { FeeName, TokenUsage } from './rules/tokenusage.ts'

/**
 * A provider of language models: what its API looks like. Holds no money, no streams and no clock; everything here is a value
 * or a function of one. One file for each, all under one contract suite.
 */
export interface ModelProvider {
  readonly name: string
  /** Where the provider answers, without the path of `endpoint`. */
  readonly url: string
  /** Returns what a request below the route is; undefined for what is closed: it cannot be metered. */
  endpoint(method: string, path: string, query: string): ProviderEndpoint | undefined
  /** Adds the operator's key, in the provider's own field. `path`: the one asked for, where that decides on the field. */
  authorize(headers: Headers, secret: string, path: string): void
  /** The request fields that may go upstream, in lower case. Everything else stays at the gate. */
  readonly requestFields: readonly string[]
  /**
   * The values that may go upstream in fields that can change a price or an API (`anthropic-beta`), by field in lower case. Other
   * values are left out of the list, unless the operator allows them.
   */
  readonly fieldValues?: Readonly<Record<string, readonly string[]>>
  /** The response fields that may leave, in lower case, beside the standard ones of content. */
  readonly responseFields: readonly string[]
  readonly errors: ErrorShape
  /** False if an SDK of this provider fails on a comment in a stream: then no receipt ends its streams. Default true. */
  readonly takesComments?: false
  /** Returns how a model counts pictures; undefined if that is not known: then only the limit of the model bounds a picture. */
  images?(model: string): ImageRule | undefined
  /** What it reports by the piece and charges nothing for. It is free here too, unless the operator's rates have it. */
  readonly freeFees?: readonly FeeName[]
  /** Writes the answer to the list of models, or to one model of it. */
  models(ids: readonly string[], one: string | undefined): JsonMembers
}

/** What a request below a route is. `path`: where the provider has it, with the parameters of the query that may go there, and no others. */
export type ProviderEndpoint =
  | { readonly kind: 'metered'; readonly api: ModelApi; readonly path: string }
  /** Counts tokens for free: forwarded with the operator's key, and judged as a request to the model is. */
  | { readonly kind: 'counter'; readonly api: ModelApi; readonly path: string }
  /** Other requests without a price, whose content is passed on as it is. */
  | { readonly kind: 'free'; readonly path: string }
  /** Answered by the gate itself. `id`: the one model asked for. */
  | { readonly kind: 'models'; readonly id: string | undefined }

/** One API of a provider: how a request is bounded and changed, and how usage is read in its answers. */
export interface ModelApi {
  /** `chat`, `responses`, `messages`, `generate`, `embeddings`, … */
  readonly name: string
  /** The members of a request that may go upstream. Any other is 400, unless the operator lists it. */
  readonly members: readonly string[]
  /**
   * Reads the facts that bound a request. `target`: the path and query below the route, which name the model in some APIs.
   * Errors: `request-malformed`, for what the API would not take either; `not-for-sale`, for what cannot be metered or would
   * reach what others of the operator's customers own.
   */
  read(body: JsonMembers, target: { readonly path: string; readonly query: string }): Result<ModelRequest, Refusal>
  /** Returns the edits that make the changes in the request, and those that the gate always makes (`store: false`). */
  edit(body: JsonMembers, changes: RequestChanges): readonly JsonEdit[]
  /** Returns the path of a request for the model, for an API that has the model in its path. */
  pathFor?(path: string, model: string): string
  /** Returns the provider's free counter for a request; undefined if it has none. Its answer is read by `countIn`. */
  counter?(body: JsonMembers, model: string): CounterRequest | undefined
  /** Returns the tokens that the counter has counted; undefined for an answer that does not say it. */
  countIn?(answer: unknown): bigint | undefined
  /** Creates the reader of one answer. */
  reader(request: ModelRequest): UsageReader
}

/** A request to the free counter of a provider. `fields`: request fields it needs beside the key and the type of the content. */
export interface CounterRequest {
  readonly path: string
  readonly body: JsonMembers
  readonly fields?: readonly (readonly [string, string])[]
}

/** Reads what one answer used, event by event or as a whole. Must not keep what it is shown. */
export interface UsageReader {
  /**
   * Returns true if an event may matter to the reader: it is then parsed and shown to `event`. Called once for each event, in
   * order, so that a reader can count here what an event delivers. Cheap.
   */
  mayMatter(data: string): boolean
  /**
   * Reads an event. `error`: the provider reports a failure in it. `usage-only`: nothing but usage is in it, so it is dropped
   * towards a client that did not ask for usage.
   */
  event(name: string | undefined, data: unknown): 'content' | 'usage-only' | 'error'
  /** Reads the answer as a whole. */
  whole(answer: unknown): void
  /** Returns what the answer used; undefined as long as the provider has not said it to the end. */
  final(): TokenUsage | undefined
  /**
   * Returns an upper bound of what was used so far, for an answer that was cut off; undefined if nothing bounds it.
   * `bytes`: all bytes of events that have come.
   */
  soFar(bytes: number): TokenUsage | undefined
  /**
   * Returns true if `soFar` now bounds well what was used: after its client has left, an answer is then cancelled at once. Otherwise
   * the rest is read for the report at its end. Default: never.
   */
  isRunning?(): boolean
}

/** How a provider writes errors: what its SDKs make their exceptions of. */
export interface ErrorShape {
  /** Writes a refusal. What SDKs show comes first. */
  body(facts: ErrorFacts): JsonMembers
  /** Response fields beside `Content-Type`. */
  fields?(facts: ErrorFacts): readonly (readonly [string, string])[]
  /** Writes the event that ends a stream of this API which breaks off after its head. Never the mark of a complete stream. */
  terminal(api: string, facts: ErrorFacts): string
}

export interface ErrorFacts {
  readonly refused: RefusedView
  readonly refusal: Refusal
  /** What rails add to the body. */
  readonly members: Members
  /** One sentence for people, with amounts and a link. */
  readonly message: string
}
