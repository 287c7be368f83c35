/**
 * Upper bounds of the tokens of one picture, by provider and generation of models. Providers shrink pictures before they count;
 * shrinking only lowers the number of patches or tiles, so most bounds are taken from the size as sent.
 */
import type { ImageSize } from './media.ts'

/**
 * How a model counts pictures. `openai`: patches of 32 pixels × 1.2, or up to eight tiles of older models. `openai-small`: the
 * same for models named mini or nano, which count up to 2.46 for a patch. `openai-4o-mini`: tiles that count 33 times. `claude`:
 * patches of 28 pixels, at most 4,784. `gemini`: at most 2,240 whatever the size. `gemini-tiles`: before Gemini 3, 258 for each tile.
 */
export type ImageRule = 'openai' | 'openai-small' | 'openai-4o-mini' | 'claude' | 'gemini' | 'gemini-tiles'

/** Returns how a model of OpenAI counts pictures. */
export function openaiImages(model: string): ImageRule {
  if (/^(?:ft:)?gpt-4o-mini/.test(model)) return 'openai-4o-mini'
  return /(?:^|[-.])(?:mini|nano)(?:$|[-.])/.test(model) ? 'openai-small' : 'openai'
}

/** Returns how a model of Gemini counts pictures. */
export function geminiImages(model: string): ImageRule {
  return /^gemini-[12][.-]/.test(model) ? 'gemini-tiles' : 'gemini'
}

/** Returns an upper bound of what a picture counts; undefined if nothing but the limit of the model bounds it. */
export function imageTokens(rule: ImageRule, size: ImageSize | undefined): bigint | undefined {
  switch (rule) {
    case 'openai':
      return size === undefined ? undefined : most(scaled(patches(size, 32), 120n), 85n + 170n * TILES)
    case 'openai-small':
      return size === undefined ? undefined : most(scaled(patches(size, 32), 246n), 85n + 170n * TILES)
    case 'openai-4o-mini':
      return 2833n + 5667n * TILES
    case 'claude':
      return size === undefined ? CLAUDE_MOST : least(CLAUDE_MOST, most(patches(size, 28), byArea(size)))
    case 'gemini':
      return 2240n
    case 'gemini-tiles':
      return size === undefined ? undefined : 258n * tiles(size)
  }
}

/** A picture that fits in 2,048 × 768 pixels has at most eight tiles of 512. */
const TILES = 8n
const CLAUDE_MOST = 4784n

function patches({ width, height }: ImageSize, edge: number): bigint {
  return BigInt(Math.ceil(width / edge)) * BigInt(Math.ceil(height / edge))
}

function scaled(tokens: bigint, percent: bigint): bigint {
  return (tokens * percent + 99n) / 100n
}

/** Claude before patches: an area of 750 pixels each. */
function byArea({ width, height }: ImageSize): bigint {
  return (BigInt(width) * BigInt(height) + 749n) / 750n
}

/** Gemini cuts a picture into tiles of two thirds of its shorter edge, of 256 to 768 pixels. */
function tiles(size: ImageSize): bigint {
  const edge = Math.min(768, Math.max(256, Math.floor(Math.min(size.width, size.height) / 1.5)))
  return patches(size, edge)
}

function most(one: bigint, other: bigint): bigint {
  return one > other ? one : other
}

function least(one: bigint, other: bigint): bigint {
  return one < other ? one : other
}
