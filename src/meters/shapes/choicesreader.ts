import type { JsonMembers } from '../../core/json.ts'
import type { UsageReader } from '../llm/provider.ts'
import type { ModelRequest } from '../llm/rules/request.ts'
import type { TokenUsage } from '../llm/rules/tokenusage.ts'
import { listFrom, objectFrom, textFrom } from './members.ts'
import { servedTier, type TierSpellings } from './tier.ts'
import { countFrom, disjoint, promptCounts } from './tokencounts.ts'

/** How the answers to one request are read. */
export interface ChoicesReaderOptions {
  readonly request: ModelRequest
  readonly tiers: TierSpellings
  /** True if every event of a stream may have the usage so far: of the one choice that it is about. */
  readonly isRunning: boolean
  /** Returns an upper bound of the bytes that an event delivers; undefined if the model generates what it does not deliver. */
  readonly delivered: ((data: string) => number) | undefined
}

/** A report, the end of a choice, or an error. Most events have the first two as null. */
const MATTERS = /"(?:usage|finish_reason)"\s*:\s*[^n\s]|"error/

/**
 * Reads usage in answers that have `choices` and `usage`: of chats, completions and embeddings. The last report counts. It is final
 * once it comes without choices, or once all choices have ended.
 */
export class ChoicesReader implements UsageReader {
  readonly #options: ChoicesReaderOptions
  readonly #ended = new Set<unknown>()
  #report: TokenUsage | undefined
  #isFinal = false
  #hasReport = false
  #isStream = false
  #delivered = 0
  #tier: unknown

  constructor(options: ChoicesReaderOptions) {
    this.#options = options
  }

  mayMatter(data: string): boolean {
    this.#isStream = true
    if (this.#options.delivered !== undefined) this.#delivered += this.#options.delivered(data)
    return MATTERS.test(data)
  }

  event(name: string | undefined, data: unknown): 'content' | 'usage-only' | 'error' {
    const event = objectFrom(data)
    if (event === undefined) return name === 'error' ? 'error' : 'content'
    if (name === 'error' || isError(event)) return 'error'
    const choices = listFrom(event['choices']).map(objectFrom)
    for (const choice of choices) if (textFrom(choice?.['finish_reason'])) this.#ended.add(choice?.['index'] ?? 0)
    const isReport = this.#read(event)
    const isAlone = isReport && choices.length === 0
    if (isAlone || (this.#hasReport && !this.#isOfEach && this.#ended.size >= this.#options.request.output.choices))
      this.#isFinal = true
    return isAlone && objectFrom(event['moderation']) === undefined ? 'usage-only' : 'content'
  }

  whole(answer: unknown): void {
    const object = objectFrom(answer)
    if (object !== undefined) this.#isFinal = this.#read(object)
  }

  /** A report of no output, where there was some, is none. */
  final(): TokenUsage | undefined {
    const { output, outputAudio } = this.#report?.tokens ?? {}
    const isLacking = this.#delivered > 0 && output === undefined && outputAudio === undefined
    return this.#isFinal && !isLacking ? this.#report : undefined
  }

  soFar(bytes: number): TokenUsage | undefined {
    if (this.isRunning()) return this.#report
    const { delivered, request } = this.#options
    // What tools that the provider runs have used is in no event, and of an answer that is one text nothing was counted.
    if (delivered === undefined || request.tools.length > 0 || (bytes > 0 && !this.#isStream)) return undefined
    return { tokens: this.#delivered === 0 ? {} : { output: BigInt(this.#delivered) }, isInputUnknown: true }
  }

  isRunning(): boolean {
    return this.#options.isRunning && !this.#isOfEach && this.#report !== undefined
  }

  /** True if reports are about one of several choices: none of them is about the answer, except the one at the end. */
  get #isOfEach(): boolean {
    return this.#options.isRunning && this.#options.request.output.choices > 1n
  }

  /** Returns true if there is a report, readable or not. */
  #read(answer: JsonMembers): boolean {
    this.#tier = answer['service_tier'] ?? this.#tier
    const usage = objectFrom(answer['usage'])
    if (usage === undefined) return false
    this.#hasReport = true
    this.#report = reportOf(usage, this.#options, textFrom(answer['model']), usage['service_tier'] ?? this.#tier)
    return true
  }
}

/** Returns true for an answer that is an error, in the spellings of the servers that have this API. */
function isError(event: JsonMembers): boolean {
  const error = event['error'] ?? event['error_code']
  return (error !== undefined && error !== null) || event['object'] === 'error'
}

function reportOf(
  usage: JsonMembers,
  { request, tiers }: ChoicesReaderOptions,
  model: string | undefined,
  served: unknown,
): TokenUsage | undefined {
  const tokens = disjoint(promptCounts(usage))
  const tier = servedTier(tiers, served)
  // Only where nothing is generated a report may say nothing of that.
  const isLacking = request.output.choices > 0n && (usage['completion_tokens'] ?? null) === null
  if (tokens === undefined || tier === 'unknown' || isLacking) return undefined
  const fees = feesOf(usage, request)
  return {
    tokens,
    ...(fees === undefined ? {} : { fees }),
    ...(model === undefined || model === '' ? {} : { model }),
    ...(tier === undefined ? {} : { tier }),
  }
}

/** The one search of a chat is not reported; seconds of sound are, by Mistral. */
function feesOf(usage: JsonMembers, { output }: ModelRequest): TokenUsage['fees'] {
  const second = countFrom(usage['prompt_audio_seconds']) ?? 0n
  const webSearch = output.fees.webSearch ?? 0n
  if (second === 0n && webSearch === 0n) return undefined
  return { ...(second === 0n ? {} : { second }), ...(webSearch === 0n ? {} : { webSearch }) }
}
