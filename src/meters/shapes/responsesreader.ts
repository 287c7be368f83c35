import type { JsonMembers } from '../../core/json.ts'
import type { UsageReader } from '../llm/provider.ts'
import type { ModelRequest } from '../llm/rules/request.ts'
import type { TokenUsage } from '../llm/rules/tokenusage.ts'
import { listFrom, objectFrom, textFrom } from './members.ts'
import { deliveredInTexts } from './skim.ts'
import { servedTier, type TierSpellings } from './tier.ts'
import { countFrom, disjoint, responseCounts } from './tokencounts.ts'

const ENDS = new Set(['response.completed', 'response.incomplete', 'response.failed'])
/** A report or an error. Events without have them as null. */
const MATTERS = /"(?:usage|error)"\s*:\s*[^n\s]|"type"\s*:\s*"error"/

/** Reads usage in responses: whole, or in the event that ends their stream, which also those that fail or are cut short have. */
export class ResponsesReader implements UsageReader {
  readonly #request: ModelRequest
  readonly #tiers: TierSpellings
  readonly #isVisible: boolean
  #report: TokenUsage | undefined
  #delivered = 0
  #isStream = false

  /** `isVisible`: false if the model generates what it does not deliver. */
  constructor(request: ModelRequest, tiers: TierSpellings, isVisible: boolean) {
    this.#request = request
    this.#tiers = tiers
    this.#isVisible = isVisible
  }

  mayMatter(data: string): boolean {
    this.#isStream = true
    if (this.#isVisible) this.#delivered += deliveredInTexts(data, '"delta"')
    return MATTERS.test(data)
  }

  event(name: string | undefined, data: unknown): 'content' | 'usage-only' | 'error' {
    const event = objectFrom(data)
    const type = textFrom(event?.['type']) ?? name
    if (type === 'error' || objectFrom(event?.['error']) !== undefined) return 'error'
    const response = objectFrom(event?.['response'])
    if (type === undefined || !ENDS.has(type) || response === undefined) return 'content'
    this.whole(response)
    return type === 'response.failed' && hasUsedNothing(response['usage']) ? 'error' : 'content'
  }

  whole(answer: unknown): void {
    const response = objectFrom(answer)
    const usage = objectFrom(response?.['usage'])
    if (response !== undefined && usage !== undefined)
      this.#report = reportOf(response, usage, this.#tiers, this.#request)
  }

  final(): TokenUsage | undefined {
    return this.#report
  }

  soFar(bytes: number): TokenUsage | undefined {
    // What tools that the provider runs have used is in no event, and of an answer that is one text nothing was counted.
    if (!this.#isVisible || this.#request.tools.length > 0 || (bytes > 0 && !this.#isStream)) return undefined
    return { tokens: this.#delivered === 0 ? {} : { output: BigInt(this.#delivered) }, isInputUnknown: true }
  }
}

/** Returns true if a response failed before it used anything. */
function hasUsedNothing(usage: unknown): boolean {
  const report = objectFrom(usage)
  return report === undefined || (report['input_tokens'] === 0 && report['output_tokens'] === 0)
}

function reportOf(
  response: JsonMembers,
  usage: JsonMembers,
  tiers: TierSpellings,
  request: ModelRequest,
): TokenUsage | undefined {
  const tokens = disjoint(responseCounts(usage))
  const tier = servedTier(tiers, response['service_tier'])
  const webSearch = searchesIn(response, request)
  const drawn = drawnIn(response)
  if (tokens === undefined || tier === 'unknown' || webSearch === undefined || drawn === 'unreadable') return undefined
  const model = textFrom(response['model'])
  return {
    tokens,
    ...(webSearch === 0n ? {} : { fees: { webSearch } }),
    ...(model === undefined || model === '' ? {} : { model }),
    ...(tier === undefined ? {} : { tier }),
    ...(drawn === undefined ? {} : { also: [drawn] }),
  }
}

/**
 * Returns how many searches are to be paid: those that OpenAI reports, else all in the output. Merely declaring the tool costs
 * nothing. Undefined for a report that is no count.
 */
function searchesIn(response: JsonMembers, { tools }: ModelRequest): bigint | undefined {
  const report = objectFrom(objectFrom(response['tool_usage'])?.['web_search'])
  if (report !== undefined) return countFrom(report['num_requests'])
  if (!tools.some((type) => type.startsWith('web_search'))) return 0n
  const calls = listFrom(response['output']).filter((item) => objectFrom(item)?.['type'] === 'web_search_call')
  return BigInt(calls.length)
}

/** Returns what the image model of a tool used (openai-node 7.59, `Response.ToolUsage.ImageGen`); undefined for nothing. */
function drawnIn(response: JsonMembers): (TokenUsage & { readonly model: string }) | 'unreadable' | undefined {
  const report = objectFrom(objectFrom(response['tool_usage'])?.['image_gen'])
  if (report === undefined || (report['input_tokens'] === 0 && report['output_tokens'] === 0)) return undefined
  const tool = listFrom(response['tools'])
    .map(objectFrom)
    .find((each) => each?.['type'] === 'image_generation')
  const model = textFrom(tool?.['model'])
  const tokens = disjoint(imageCounts(report))
  return model === undefined || tokens === undefined ? 'unreadable' : { model, tokens }
}

/** Returns the counts of a report on pictures. Without a split, all output is a picture. */
export function imageCounts(report: JsonMembers): Parameters<typeof disjoint>[0] {
  const input = objectFrom(report['input_tokens_details'])
  const output = objectFrom(report['output_tokens_details'])
  return {
    input: report['input_tokens'],
    output: report['output_tokens'],
    cached: report['cached_tokens'] ?? input?.['cached_tokens'],
    inputImage: input?.['image_tokens'],
    outputImage: output === undefined ? report['output_tokens'] : output['image_tokens'],
  }
}
