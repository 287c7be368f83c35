import type { UsageReader } from '../llm/provider.ts'
import type { ModelRequest } from '../llm/rules/request.ts'
import type { ServiceTier, TokenUsage } from '../llm/rules/tokenusage.ts'
import { paidSearches } from './generatecontenttools.ts'
import { listFrom, objectFrom, textFrom } from './members.ts'
import { countFrom, feesIn, occurring } from './tokencounts.ts'

/** Creates the reader of an answer of Gemini: of text, of embeddings, whole or as a stream. */
export function createGeminiReader(request: ModelRequest): UsageReader {
  return new GeminiReader(request)
}

const COUNTS = [
  'promptTokenCount',
  'cachedContentTokenCount',
  'toolUsePromptTokenCount',
  'candidatesTokenCount',
  'thoughtsTokenCount',
  'totalTokenCount',
] as const
type Count = (typeof COUNTS)[number]
const DETAILS = [
  'promptTokensDetails',
  'cacheTokensDetails',
  'toolUsePromptTokensDetails',
  'candidatesTokensDetails',
] as const
type Detail = (typeof DETAILS)[number]

/** Members of events that have to be parsed. In what a model writes each of these quotes is escaped. */
const MATTERS = /"(?:error|finishReason|groundingMetadata|inlineData|promptFeedback)"/
const REPORT = '"usageMetadata"'
const THOUGHTS = '"thoughtsTokenCount"'

/** Of the tier that served, as the API and Vertex name it. */
const SERVED: Readonly<Record<string, ServiceTier | undefined>> = {
  unspecified: undefined,
  standard: 'default',
  flex: 'flex',
  priority: 'fast',
  traffic_type_unspecified: undefined,
  on_demand: 'default',
  on_demand_flex: 'flex',
  on_demand_priority: 'fast',
  on_demand_offpeak: 'default',
  provisioned_throughput: 'default',
}

/**
 * Reads `usageMetadata`. In a stream each event has all that was used so far, so the last one counts; a count that it leaves out stays as
 * it was.
 */
class GeminiReader implements UsageReader {
  readonly #request: ModelRequest
  readonly #counts = new Map<Count, bigint>()
  readonly #details = new Map<Detail, ReadonlyMap<string, bigint>>()
  readonly #finished = new Set<number>()
  readonly #queries = new Set<string>()
  /** The end of the last event, from its report on: each report is about all before it, so only the last one has to be parsed. */
  #unread = ''
  #model: string | undefined
  #tier: ServiceTier | undefined
  #draws = false
  #isEnded = false
  /** True if something in the report has no meaning here: then no price is made of it. */
  #isUnreadable = false

  constructor(request: ModelRequest) {
    this.#request = request
  }

  mayMatter(data: string): boolean {
    if (MATTERS.test(data)) return true
    const at = data.lastIndexOf(REPORT)
    if (at === -1) return false
    const report = data.slice(at)
    if (this.#unread.includes(THOUGHTS) && !report.includes(THOUGHTS)) this.#flush()
    this.#unread = report
    return false
  }

  event(_name: string | undefined, data: unknown): 'content' | 'error' {
    const answer = objectFrom(data)
    if (answer === undefined) return 'content'
    if (objectFrom(answer['error']) !== undefined) return 'error'
    this.#flush()
    this.#read(answer)
    return 'content'
  }

  whole(answer: unknown): void {
    this.#read(objectFrom(answer) ?? {})
    this.#isEnded = true
  }

  final(): TokenUsage | undefined {
    this.#flush()
    return this.#isEnded || this.#finished.size >= Number(this.#request.output.choices) ? this.#used() : undefined
  }

  soFar(): TokenUsage | undefined {
    // What was searched for is told at the end.
    return this.final() ?? (this.#request.tools.length > 0 ? undefined : this.#used())
  }

  isRunning(): boolean {
    return this.soFar() !== undefined
  }

  /** Reads the report that was kept back. */
  #flush(): void {
    if (this.#unread === '') return
    const members = `{${this.#unread}`
    this.#unread = ''
    try {
      this.#read(JSON.parse(members))
    } catch {
      this.#isUnreadable = true
    }
  }

  #read(answer: Readonly<Record<string, unknown>>): void {
    this.#model = textFrom(answer['modelVersion'])?.replace(/^models\//, '') ?? this.#model
    if (textFrom(objectFrom(answer['promptFeedback'])?.['blockReason']) !== undefined) this.#isEnded = true
    for (const [index, candidate] of listFrom(answer['candidates']).entries())
      this.#candidate(objectFrom(candidate) ?? {}, index)
    const usage = objectFrom(answer['usageMetadata'])
    if (usage !== undefined) this.#usage(usage)
  }

  #candidate(candidate: Readonly<Record<string, unknown>>, position: number): void {
    if (textFrom(candidate['finishReason']) !== undefined) this.#finished.add(Number(candidate['index'] ?? position))
    for (const query of listFrom(objectFrom(candidate['groundingMetadata'])?.['webSearchQueries']))
      if (typeof query === 'string' && query !== '') this.#queries.add(query)
    for (const part of listFrom(objectFrom(candidate['content'])?.['parts']))
      if (textFrom(objectFrom(objectFrom(part)?.['inlineData'])?.['mimeType'])?.startsWith('image/')) this.#draws = true
  }

  #usage(usage: Readonly<Record<string, unknown>>): void {
    for (const name of COUNTS)
      this.#count(name, usage[name] ?? (name === 'candidatesTokenCount' ? usage['responseTokenCount'] : null))
    for (const name of DETAILS) if (Array.isArray(usage[name])) this.#details.set(name, this.#byModality(usage[name]))
    for (const value of [usage['serviceTier'], usage['trafficType']]) this.#served(textFrom(value)?.toLowerCase())
  }

  #count(name: Count, value: unknown): void {
    if (value === undefined || value === null) return
    const count = countFrom(value)
    if (count === undefined) this.#isUnreadable = true
    else this.#counts.set(name, count)
  }

  #byModality(details: readonly unknown[]): ReadonlyMap<string, bigint> {
    const sums = new Map<string, bigint>()
    for (const detail of details) {
      const modality = textFrom(objectFrom(detail)?.['modality']) ?? ''
      const count = countFrom(objectFrom(detail)?.['tokenCount'] ?? 0)
      if (count === undefined || !MODALITIES.has(modality)) this.#isUnreadable = true
      else sums.set(modality, (sums.get(modality) ?? 0n) + count)
    }
    return sums
  }

  #served(tier: string | undefined): void {
    if (tier === undefined) return
    if (!Object.hasOwn(SERVED, tier)) this.#isUnreadable = true
    this.#tier = SERVED[tier] ?? this.#tier
  }

  #of(name: Count): bigint {
    return this.#counts.get(name) ?? 0n
  }

  #in(name: Detail, ...modalities: readonly string[]): bigint {
    return modalities.reduce((sum, modality) => sum + (this.#details.get(name)?.get(modality) ?? 0n), 0n)
  }

  #used(): TokenUsage | undefined {
    if (this.#isUnreadable || !this.#counts.has('promptTokenCount')) return undefined
    const [input, output] = [this.#input(), this.#output()]
    if (input === undefined || output === undefined) return undefined
    const model = this.#model ?? this.#request.model
    return {
      tokens: occurring({ ...input, ...output }),
      ...feesIn({ webSearch: paidSearches(this.#queries, model) }),
      ...(this.#model === undefined ? {} : { model: this.#model }),
      ...(this.#tier === undefined ? {} : { tier: this.#tier }),
    }
  }

  /** Sound costs the most, so what is both cached and sound counts as sound. */
  #input(): TokenUsage['tokens'] | undefined {
    const [prompt, cached] = [this.#of('promptTokenCount'), this.#of('cachedContentTokenCount')]
    const total = prompt + this.#of('toolUsePromptTokenCount')
    const inputAudio = this.#in('promptTokensDetails', 'AUDIO') + this.#in('toolUsePromptTokensDetails', 'AUDIO')
    const seen = this.#in('promptTokensDetails', ...SEEN) + this.#in('toolUsePromptTokensDetails', ...SEEN)
    const cachedText = cached - least(cached, this.#in('cacheTokensDetails', 'AUDIO', ...SEEN))
    if (cached > prompt || inputAudio + seen > total) return undefined
    const cacheRead = least(cachedText, total - inputAudio - seen)
    return { input: total - inputAudio - seen - cacheRead, cacheRead, inputAudio, inputImage: seen }
  }

  /** What the total has beyond all parts was generated: some models leave thoughts out of every other count. */
  #output(): TokenUsage['tokens'] | undefined {
    const [candidates, thoughts] = [this.#of('candidatesTokenCount'), this.#of('thoughtsTokenCount')]
    const rest = this.#of('totalTokenCount') - this.#of('promptTokenCount') - this.#of('toolUsePromptTokenCount')
    const generated = candidates + thoughts > rest ? candidates + thoughts : rest
    const outputAudio = this.#in('candidatesTokensDetails', 'AUDIO')
    const isSplit = this.#details.has('candidatesTokensDetails')
    const outputImage = this.#draws && !isSplit ? candidates : this.#in('candidatesTokensDetails', 'IMAGE')
    if (outputAudio + outputImage > generated || this.#in('candidatesTokensDetails', 'VIDEO') > 0n) return undefined
    return { output: generated - outputAudio - outputImage, outputAudio, outputImage }
  }
}

/** Modalities that are priced as pictures are. */
const SEEN = ['IMAGE', 'VIDEO', 'DOCUMENT'] as const
const MODALITIES: ReadonlySet<string> = new Set(['TEXT', 'AUDIO', ...SEEN])

function least(one: bigint, other: bigint): bigint {
  return one < other ? one : other
}
