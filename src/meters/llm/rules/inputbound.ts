import { type ImageRule, imageTokens } from './imagetokens.ts'
import type { InputFacts, Media } from './request.ts'

/** An upper bound of the tokens that a request has a model read. */
export interface InputBound {
  readonly tokens: bigint
  /**
   * True if the provider's counter can say less: everything that is read is in the request. What a request only points at may be
   * another thing when it is counted than when it is read.
   */
  readonly isCountable: boolean
}

/** The prompts that providers add to requests with tools: 313 to 900 tokens. */
const TOOL_PROMPT_TOKENS = 1000n

/**
 * Bounds the input of a request. Each token stands for one byte or more, so text is bounded by its bytes, and pictures by
 * `imageRule`; undefined if it is not known how the model counts them. What nothing else bounds is bounded by `limit`, the most
 * tokens that the model reads at once.
 */
export function inputBound(facts: InputFacts, limit: bigint, imageRule: ImageRule | undefined): InputBound {
  const readings = BigInt(facts.readings ?? 1)
  const ceiling = readings * limit
  if (facts.indirect !== undefined) return { tokens: ceiling, isCountable: false }
  const media = mediaTokens(facts.media, imageRule)
  if (media === undefined) return { tokens: ceiling, isCountable: true }
  const tokens = BigInt(facts.bytes) + media + (facts.hasTools ? readings * TOOL_PROMPT_TOKENS : 0n)
  return { tokens: tokens < ceiling ? tokens : ceiling, isCountable: true }
}

/** Returns an upper bound of all media together; undefined if one of them has none. */
function mediaTokens(media: readonly Media[], rule: ImageRule | undefined): bigint | undefined {
  let sum = 0n
  for (const each of media) {
    const tokens = each.kind === 'image' && rule !== undefined ? imageTokens(rule, each.size) : undefined
    if (tokens === undefined) return undefined
    sum += tokens
  }
  return sum
}
