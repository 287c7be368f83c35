import type { UsageReader } from '../llm/provider.ts'
import type { ModelRequest } from '../llm/rules/request.ts'
import type { ServiceTier, TokenUsage } from '../llm/rules/tokenusage.ts'
import { utf8Length } from './textlength.ts'
import { listFrom, objectFrom, textFrom } from './members.ts'
import { DONE } from './skim.ts'
import { servedTier, type TierSpellings } from './tier.ts'
import { countFrom, feesIn, occurring } from './tokencounts.ts'

/** Creates the reader of an answer of the Messages API. */
export function createMessagesReader(request: ModelRequest): UsageReader {
  return new MessagesReader(request)
}

/** What is counted. The numbers of a stream are cumulative, so the largest of each is kept: a later event may leave one out or be 0. */
const COUNTS = ['input_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens', 'output_tokens'] as const
const WRITES = ['ephemeral_5m_input_tokens', 'ephemeral_1h_input_tokens'] as const
const CALLS = ['web_search_requests', 'web_fetch_requests'] as const
type Count = (typeof COUNTS)[number] | (typeof WRITES)[number] | (typeof CALLS)[number]

/** In a text each of these quotes would be escaped, or no colon follow. */
const USAGE = /"usage"\s*:/

const SERVED: TierSpellings = { standard: 'default', priority: 'fast', batch: 'batch' }

/**
 * Reads usage from `message_start` and each `message_delta`, or from a whole message. In between it counts what is delivered: as long as
 * no thinking is hidden, no token is shorter than a byte of it.
 */
class MessagesReader implements UsageReader {
  readonly #request: ModelRequest
  readonly #counts = new Map<Count, bigint>()
  /** Tokens of summaries that the provider made on the way, which it reports beside the rest. */
  #compaction: TokenUsage['tokens'] = {}
  #model: string | undefined
  #tier: ServiceTier | undefined
  #region: string | undefined
  #delivered = 0
  #isHidden = false
  #isEnded = false
  /** True if all of the output has been reported: the beginning of a stream has only its first token. */
  #isOutputTold = false
  /** True if something in the report has no meaning here: then no price is made of it. */
  #isUnreadable = false

  constructor(request: ModelRequest) {
    this.#request = request
  }

  mayMatter(data: string): boolean {
    // The stop sequence in which an answer ended is repeated beside its usage, and a client chooses it.
    if (!data.includes('"content_block_') || USAGE.test(data)) return data !== DONE
    if (data.includes('"content_block_delta"')) {
      this.#delivered += deltaBytes(data)
      if (data.includes('"thinking_delta"') || data.includes('"signature_delta"')) this.#isHidden = true
    } else if (data.includes('"content_block_start"') && !data.includes('"type":"text"')) {
      this.#delivered += utf8Length(data)
      if (/"type":\s*"(?:redacted_)?thinking"/.test(data)) this.#isHidden = true
    }
    return false
  }

  event(_name: string | undefined, data: unknown): 'content' | 'error' {
    const event = objectFrom(data)
    if (event === undefined) return 'content'
    if (event['type'] === 'error') return 'error'
    if (event['type'] === 'message_start') this.#message(event['message'])
    if (event['type'] === 'message_delta') {
      this.#usage(event['usage'])
      this.#noteOutput(event['usage'])
      if (textFrom(objectFrom(event['delta'])?.['stop_reason']) !== undefined) this.#isEnded = true
    }
    if (event['type'] === 'message_stop') this.#isEnded = true
    return 'content'
  }

  whole(answer: unknown): void {
    this.#message(answer)
    this.#noteOutput(objectFrom(answer)?.['usage'])
    this.#isEnded = true
  }

  final(): TokenUsage | undefined {
    return this.#isEnded && this.#isOutputTold ? this.#used(this.#of('output_tokens')) : undefined
  }

  soFar(): TokenUsage | undefined {
    const final = this.final()
    // What tools of the provider read comes with the last event only.
    if (final !== undefined || this.#isHidden || this.#request.tools.length > 0) return final
    if (!this.#counts.has('input_tokens')) return undefined
    const [delivered, said] = [BigInt(this.#delivered), this.#of('output_tokens')]
    return this.#used(delivered > said ? delivered : said)
  }

  isRunning(): boolean {
    return this.soFar() !== undefined
  }

  #message(value: unknown): void {
    const message = objectFrom(value)
    this.#model = textFrom(message?.['model']) ?? this.#model
    this.#usage(message?.['usage'])
  }

  #usage(value: unknown): void {
    const usage = objectFrom(value)
    if (usage === undefined) return
    for (const name of COUNTS) this.#count(name, usage[name])
    for (const name of WRITES) this.#count(name, objectFrom(usage['cache_creation'])?.[name])
    this.#calls(usage['server_tool_use'])
    this.#served(servedTier(SERVED, usage['service_tier']), usage['speed'] ?? 'standard')
    this.#region = regionOf(textFrom(usage['inference_geo'])) ?? this.#region
    this.#iterations(listFrom(usage['iterations']))
  }

  #noteOutput(usage: unknown): void {
    if (countFrom(objectFrom(usage)?.['output_tokens']) !== undefined) this.#isOutputTold = true
  }

  #count(name: Count, value: unknown): void {
    if (value === undefined || value === null) return
    const count = countFrom(value)
    if (count === undefined) this.#isUnreadable = true
    else if (!this.#counts.has(name) || count > this.#of(name)) this.#counts.set(name, count)
  }

  #calls(value: unknown): void {
    for (const [name, calls] of Object.entries(objectFrom(value) ?? {})) {
      const known = CALLS.find((call) => call === name)
      if (known !== undefined) this.#count(known, calls)
      else if (typeof calls === 'number' && calls !== 0) this.#isUnreadable = true
    }
  }

  #served(tier: ServiceTier | 'unknown' | undefined, speed: unknown): void {
    if (tier === 'unknown' || (speed !== 'standard' && speed !== 'fast')) this.#isUnreadable = true
    else if (speed === 'fast') this.#tier = 'fast'
    else if (tier !== undefined && this.#tier !== 'fast') this.#tier = tier
  }

  /** Rounds of the message itself are in its usage already. What other models generated has no price here. */
  #iterations(iterations: readonly unknown[]): void {
    let tokens: TokenUsage['tokens'] = {}
    for (const iteration of iterations) {
      const one = objectFrom(iteration)
      if (one?.['type'] === 'compaction') tokens = added(tokens, compactionTokens(one, this.#request))
      else if (one?.['type'] !== 'message') this.#isUnreadable = true
    }
    if (iterations.length > 0) this.#compaction = tokens
  }

  #of(name: Count): bigint {
    return this.#counts.get(name) ?? 0n
  }

  #used(output: bigint): TokenUsage | undefined {
    if (this.#isUnreadable) return undefined
    const [short, long] = [this.#of('ephemeral_5m_input_tokens'), this.#of('ephemeral_1h_input_tokens')]
    const written = writes(short, long, this.#of('cache_creation_input_tokens'), this.#request)
    const tokens = {
      input: this.#of('input_tokens'),
      cacheRead: this.#of('cache_read_input_tokens'),
      ...written,
      output,
    }
    return {
      tokens: occurring(added(tokens, this.#compaction)),
      ...feesIn({ webSearch: this.#of('web_search_requests'), webFetch: this.#of('web_fetch_requests') }),
      ...(this.#model === undefined ? {} : { model: this.#model }),
      ...(this.#tier === undefined ? {} : { tier: this.#tier }),
      ...(this.#region === undefined ? {} : { region: this.#region }),
    }
  }
}

/** What is written beyond the two that are told apart counts as the dearer one that the request asked for. */
function writes(short: bigint, long: bigint, all: bigint, { writesLongCache }: ModelRequest): TokenUsage['tokens'] {
  const rest = all > short + long ? all - short - long : 0n
  return writesLongCache
    ? { cacheWrite: short, cacheWriteLong: long + rest }
    : { cacheWrite: short + rest, cacheWriteLong: long }
}

function compactionTokens(iteration: Record<string, unknown>, request: ModelRequest): TokenUsage['tokens'] {
  const count = (value: unknown): bigint => countFrom(value) ?? 0n
  const split = objectFrom(iteration['cache_creation'])
  const [short, long] = WRITES.map((name) => count(split?.[name])) as [bigint, bigint]
  return {
    input: count(iteration['input_tokens']),
    cacheRead: count(iteration['cache_read_input_tokens']),
    ...writes(short, long, count(iteration['cache_creation_input_tokens']), request),
    output: count(iteration['output_tokens']),
  }
}

function added(one: TokenUsage['tokens'], other: TokenUsage['tokens']): TokenUsage['tokens'] {
  const total: Partial<Record<keyof TokenUsage['tokens'], bigint>> = { ...one }
  for (const [name, units] of Object.entries(other) as [keyof TokenUsage['tokens'], bigint][])
    total[name] = (total[name] ?? 0n) + units
  return total
}

/** Only a place that was asked for has its price. */
function regionOf(geo: string | undefined): string | undefined {
  return geo === 'global' || geo === 'not_available' ? undefined : geo
}

/** Bytes of the text in a delta, as it is escaped: never fewer than it has without. All bytes, if it is in no known place. */
function deltaBytes(data: string): number {
  const delta = data.indexOf('"delta":')
  for (const marker of ['"text":"', '"partial_json":"']) {
    const at = data.indexOf(marker, delta)
    if (delta >= 0 && at >= 0) return utf8Length(data.slice(at + marker.length, data.lastIndexOf('"')))
  }
  return utf8Length(data)
}
