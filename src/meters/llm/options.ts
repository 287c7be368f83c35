import type { ModelRates } from './rules/ratecard.ts'
import type { ServiceTier } from './rules/tokenusage.ts'

/** What every provider of language models is told. */
export interface LlmOptions {
  /** The name of the secret with the operator's key at the provider. */
  secret: string
  /** ISO 4217: the currency of every rate here, and of the credit that is charged. */
  currency: string
  /**
   * The models on sale, by exact id. `catalogue`: every model of this provider that the built-in price list has. Any other model is
   * refused with 404.
   */
  models: 'catalogue' | Record<string, ModelOptions>
  /** What a client may write in place of an id: `{ 'gpt-latest': 'gpt-5.6' }`. */
  aliases?: Record<string, string>
  /** A decimal string: every rate times this, in the same single rounding. Default `1`. */
  markup?: string
  /**
   * What happens to a request whose upper bound exceeds what is left. `shrink`: its cap on output is lowered to what is left, and
   * the answer says so in `Faregate-Max-Tokens`. Default `refuse`.
   */
  onShort?: 'refuse' | 'shrink'
  /**
   * How the input is bounded. `ask`: by bytes, and by the provider's free counter if that bound does not fit. `bytes`: by bytes
   * alone. Default `ask`.
   */
  count?: 'bytes' | 'ask'
  /**
   * How long the rest of an answer is read after its client has left, where only its end says what it used. 0 to 25. Default 20.
   */
  onAbort?: { drainSeconds: number }
  /** The service tiers that may be asked for. Others are refused. Default `['default']`. */
  tiers?: ServiceTier[]
  /** Tools run by the provider that may be asked for, by type. Default: none. */
  tools?: string[]
  /** Members of requests that may go upstream beside those known. Whoever lists one answers for its price. Default: none. */
  members?: string[]
  /** Further values of `anthropic-beta` or `openai-beta` that may go upstream. Default: none. */
  betas?: string[]
  /** The largest request, in bytes. Default 4194304. */
  maxBytes?: number
  /**
   * True to end streams with a comment that says what was charged. Default true. Streams of Gemini never have one: Google's SDK for
   * Python fails on comments.
   */
  receipts?: boolean
  /** Where the provider answers, if not at its own address: a proxy, a region. https only, except on loopback. */
  url?: string
}

/** One model on sale. */
export interface ModelOptions {
  /** `catalogue`: as in the built-in price list. */
  rates: 'catalogue' | ModelRates
  /** The most tokens in and out. Needed unless the price list has them. */
  limit?: { input: number; output: number }
  /** The cap that is written into a request without one. */
  defaultOutput?: number
  /** Any one of these entitlements opens the model, beside those of the route. */
  requires?: string | string[]
  /** Models of this route to ask instead, in this order, before the first byte of an answer. The dearest is reserved. */
  fallbacks?: string[]
  /**
   * The most tokens that the model generates in a second. A client that leaves a thinking model before the first byte pays for the time
   * that it has waited, at this speed. Default 500.
   */
  topSpeed?: number
}
