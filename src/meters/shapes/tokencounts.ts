import type { JsonMembers } from '../../core/json.ts'
import type { TokenUsage } from '../llm/rules/tokenusage.ts'
import { objectFrom } from './members.ts'

/** The counts of a report in which cached and written tokens are part of the input, as OpenAI counts. Undefined: not reported. */
export interface OverlappingCounts {
  readonly input: unknown
  readonly output: unknown
  readonly total?: unknown
  readonly cached?: unknown
  readonly written?: unknown
  /** The part of `written` that is kept for hours. */
  readonly writtenLong?: unknown
  readonly inputAudio?: unknown
  readonly inputImage?: unknown
  readonly outputAudio?: unknown
  readonly outputImage?: unknown
}

/**
 * Returns the tokens in disjoint classes: of the input what was neither cached nor written nor another modality, of the output
 * what was no other modality. Reasoning and rejected predictions are inside the output already. Undefined for a report that
 * contradicts itself, or that has no token at all.
 *
 * Some servers leave reasoning out of the output and have it in the total alone: then the total counts.
 */
export function disjoint(counts: OverlappingCounts): TokenUsage['tokens'] | undefined {
  const input = countFrom(counts.input)
  const output = countFrom(counts.output)
  if (input === undefined || output === undefined) return undefined
  const generated = larger(output, (countFrom(counts.total) ?? 0n) - input)
  const incoming = split(input, counts)
  const outgoing = splitOutput(generated, counts)
  if (incoming === undefined || outgoing === undefined || input + generated === 0n) return undefined
  return { ...incoming, ...outgoing }
}

/** Audio and pictures cost the most, so what is both cached and audio counts as audio. */
function split(input: bigint, counts: OverlappingCounts): TokenUsage['tokens'] | undefined {
  const [cached, written, long, audio, image] = parts(
    counts.cached,
    counts.written,
    counts.writtenLong,
    counts.inputAudio,
    counts.inputImage,
  )
  if (
    cached + written > input ||
    long > written ||
    audio + image > input ||
    least(cached, written, long, audio, image) < 0n
  )
    return undefined
  const text = input - audio - image
  const cacheWriteLong = smaller(long, text)
  const cacheWrite = smaller(written - long, text - cacheWriteLong)
  const cacheRead = smaller(cached, text - cacheWriteLong - cacheWrite)
  return occurring({
    input: text - cacheWriteLong - cacheWrite - cacheRead,
    cacheRead,
    cacheWrite,
    cacheWriteLong,
    inputAudio: audio,
    inputImage: image,
  })
}

function splitOutput(output: bigint, counts: OverlappingCounts): TokenUsage['tokens'] | undefined {
  const [audio, image] = parts(counts.outputAudio, counts.outputImage)
  if (least(audio, image) < 0n || audio + image > output) return undefined
  return occurring({ output: output - audio - image, outputAudio: audio, outputImage: image })
}

/** A count that is there and none: it makes the report one that contradicts itself. */
const NO_COUNT = -1n

function parts<T extends readonly unknown[]>(...values: T): { [Name in keyof T]: bigint } {
  return values.map((value) => (value === undefined || value === null ? 0n : (countFrom(value) ?? NO_COUNT))) as {
    [Name in keyof T]: bigint
  }
}

/** Returns a whole number that is not negative. */
export function countFrom(value: unknown): bigint | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? BigInt(value) : undefined
}

/** Leaves out the classes, or the pieces, that were not used. */
export function occurring<T extends Readonly<Partial<Record<string, bigint>>>>(counts: T): Partial<T> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0n)) as Partial<T>
}

/** Returns the fees of a usage, if there are any. */
export function feesIn(fees: NonNullable<TokenUsage['fees']>): Pick<TokenUsage, 'fees'> {
  const paid = occurring(fees)
  return Object.keys(paid).length === 0 ? {} : { fees: paid }
}

const larger = (one: bigint, other: bigint): bigint => (one > other ? one : other)
const smaller = (one: bigint, other: bigint): bigint => (one < other ? one : other)
const least = (...counts: readonly bigint[]): bigint => counts.reduce(smaller)

/** Returns the counts of `usage` in chats, completions and embeddings: `prompt_tokens` and `completion_tokens`. */
export function promptCounts(usage: JsonMembers): OverlappingCounts {
  const input = objectFrom(usage['prompt_tokens_details']) ?? objectFrom(usage['prompt_token_details'])
  const output = objectFrom(usage['completion_tokens_details'])
  return {
    input: usage['prompt_tokens'],
    output: usage['completion_tokens'] ?? 0,
    total: usage['total_tokens'],
    cached: input?.['cached_tokens'] ?? usage['num_cached_tokens'],
    written: input?.['cache_write_tokens'],
    inputAudio: input?.['audio_tokens'],
    outputAudio: output?.['audio_tokens'],
  }
}

/** Returns the counts of `usage` in Responses: `input_tokens` and `output_tokens`. */
export function responseCounts(usage: JsonMembers): OverlappingCounts {
  const input = objectFrom(usage['input_tokens_details'])
  return {
    input: usage['input_tokens'],
    output: usage['output_tokens'],
    total: usage['total_tokens'],
    cached: input?.['cached_tokens'],
    written: input?.['cache_write_tokens'],
    writtenLong: objectFrom(input?.['cache_write_tokens_details'])?.['ttl_12h_tokens'],
  }
}

/** Returns the tokens that OpenAI's counter says; undefined for an answer that does not say them. */
export function countedTokens(answer: unknown): bigint | undefined {
  return countFrom(objectFrom(answer)?.['input_tokens'])
}
