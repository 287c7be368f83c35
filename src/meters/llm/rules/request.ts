import type { FeeName, ServiceTier } from './tokenusage.ts'

/** The facts of one request to a model from which its upper bound follows. */
export interface ModelRequest {
  /** The model, as the client wrote it. */
  readonly model: string
  /** True if the answer is asked for as a stream of events. */
  readonly isStream: boolean
  /** False if usage is reported in a stream only if it is asked for, and the client did not. */
  readonly isUsageAsked: boolean
  readonly input: InputFacts
  readonly output: OutputFacts
  /** The tools run by the provider that the request names, by type: `web_search`. */
  readonly tools: readonly string[]
  /** The tier that is asked for; `auto` if the provider is to choose. Undefined if none is named. */
  readonly tier: ServiceTier | 'auto' | undefined
  /** False if the model generates nothing before the first event of its answer. Default: it may think. */
  readonly mayThink?: boolean
  /** True if the request asks for a cache entry that lasts an hour. */
  readonly writesLongCache: boolean
}

/** What the input of a request is bounded by. */
export interface InputFacts {
  /** Bytes of UTF-8 of everything that may become text tokens. Data of `media` is not part of it. */
  readonly bytes: number
  readonly media: readonly Media[]
  /**
   * Names what is read but is not in the request, as `file_id` or `web_search`: then only the model's own limit bounds the
   * input. Undefined if all is there.
   */
  readonly indirect: string | undefined
  /**
   * How often the model may read up to its own limit: each prompt of a list is one reading, and each round of tools run by the provider.
   * Default 1.
   */
  readonly readings?: number
  /** True if the request declares tools: some providers add a prompt of their own for them. */
  readonly hasTools: boolean
}

/** A piece of media in the request. The size of a picture is undefined if its header does not say it. */
export type Media =
  | { readonly kind: 'image'; readonly size: { readonly width: number; readonly height: number } | undefined }
  | { readonly kind: 'audio' | 'video' | 'document' }

/** What the output of a request is bounded by. */
export interface OutputFacts {
  /** The client's cap on output tokens of one choice; undefined if there is none. */
  readonly cap: bigint | undefined
  /** The most tokens that one answer of this API has, whatever its model can do in several. Default: the limit of the model. */
  readonly most?: bigint
  /** How many choices are generated. 0n if no tokens are. */
  readonly choices: bigint
  /** The least cap with which the request still works, above 0. */
  readonly leastCap: bigint
  /** Upper bounds of what is priced by the piece: `{ image: 4n }`. Undefined in place of a number: nothing bounds it. */
  readonly fees: Readonly<Partial<Record<FeeName, bigint | undefined>>>
}

/** The changes that the gate makes to a request. What is undefined stays as it came. */
export interface RequestChanges {
  /** The id to send in place of what the client wrote. */
  readonly model?: string
  /** The cap on output tokens of one choice. */
  readonly cap?: bigint
  readonly tier?: ServiceTier
  /** True to ask for usage in the stream. */
  readonly asksUsage?: boolean
  /** True to ask for usage in every event, from servers that can. */
  readonly asksRunningUsage?: boolean
  /** Replaces what names a customer towards the provider. Returns undefined to leave it out. */
  readonly pseudonym?: (value: string) => string | undefined
}

/** A change of JSON in place. `path`: names and positions from the top. */
export interface JsonEdit {
  readonly path: readonly (string | number)[]
  /** The JSON text to put there: in place of what is there, or as the last member of its object. Undefined removes the member. */
  readonly text: string | undefined
}
