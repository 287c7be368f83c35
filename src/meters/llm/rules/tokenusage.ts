/**
 * What a call of a language model used, in disjoint classes.
 *
 * Providers count in different conventions: cached tokens are part of the prompt at one and beside it at the next. A sum over
 * classes that overlap bills a token twice. So each provider's file turns its own report into these classes, in which every
 * token is in exactly one, and nothing after that knows any convention.
 */

export const INPUT_CLASSES = ['input', 'cacheRead', 'cacheWrite', 'cacheWriteLong', 'inputAudio', 'inputImage'] as const
export const OUTPUT_CLASSES = ['output', 'outputAudio', 'outputImage'] as const
export const TOKEN_CLASSES = [...INPUT_CLASSES, ...OUTPUT_CLASSES] as const

/**
 * A class of tokens. `input`: read anew, as text. `cacheRead`: read from the provider's cache. `cacheWrite`: read and written to
 * that cache, `cacheWriteLong` for an hour. `output`: generated text, reasoning included.
 */
export type TokenClass = (typeof TOKEN_CLASSES)[number]

/** What is priced by the piece: calls, searches, pages fetched, pictures, seconds of sound, characters of text. */
export const FEES = ['request', 'webSearch', 'webFetch', 'image', 'second', 'character'] as const
export type FeeName = (typeof FEES)[number]

/** How urgently a call is answered. `fast` is what some providers name priority. */
export const SERVICE_TIERS = ['default', 'flex', 'fast', 'batch'] as const
export type ServiceTier = (typeof SERVICE_TIERS)[number]

/** What one call used, by the provider's own report. What is absent was not used. */
export interface TokenUsage {
  readonly tokens: Readonly<Partial<Record<TokenClass, bigint>>>
  readonly fees?: Readonly<Partial<Record<FeeName, bigint>>>
  /** The model that served, by its own id; undefined if the report names none. */
  readonly model?: string
  /** The tier that served; undefined if the report names none. */
  readonly tier?: ServiceTier
  /** Where the call was served, if that has its price (`us`). */
  readonly region?: string
  /** True if the report does not include the input: then the input costs what is reserved for it. Only in bounds of a cut-off answer. */
  readonly isInputUnknown?: true
  /** What other models used on the way, each priced by its own rates: a picture that a tool has drawn. */
  readonly also?: readonly (TokenUsage & { readonly model: string })[]
}
