import * as fc from 'fast-check'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { ModelCall, Models } from '../../../demo/models/models.ts'
import type { TurnUsage } from '../../../demo/models/turn.ts'
import type { ChargeView } from '../../../src/ledger/rules/commands.ts'
import { encoded } from '../../support/decoding.ts'
import { createWorld, type World } from '../../support/world.ts'
import type { Gate } from '../cache/gate.ts'
import { type Buyer, createBuyer, gatewayOf, providerIn } from './gateway.ts'

let world: World
let models: Models
let gate: Gate

beforeEach(async () => {
  for (const level of ['warn', 'error'] as const) vi.spyOn(console, level).mockImplementation(() => undefined)
  world = await createWorld()
  models = providerIn(world)
  gate = gatewayOf({ count: 'bytes' })
})
afterEach(() => {
  vi.restoreAllMocks()
  world.end()
})

const GRANTED = 1_000_000_000_000n

interface Asked {
  readonly prompt: string
  readonly isStream: boolean
  readonly cap: number
  readonly choices: number
}

type AskedApi = readonly [path: (isStream: boolean) => string, body: (asked: Asked) => object]

const chatAt = (base: string, cap: string): AskedApi => [
  () => `/${base}/chat/completions`,
  ({ prompt, isStream, cap: most }) => ({
    model: 'test',
    stream: isStream,
    messages: [{ role: 'user', content: prompt }],
    [cap]: most,
  }),
]
const withChoices = ([path, body]: AskedApi): AskedApi => [path, (asked) => ({ ...body(asked), n: asked.choices })]
const embeddingsAt = (base: string): AskedApi => [
  () => `/${base}/embeddings`,
  ({ prompt }) => ({ model: 'test', input: prompt }),
]

const APIS: Readonly<Record<string, AskedApi>> = {
  'OpenAI chat': withChoices(chatAt('openai/v1', 'max_completion_tokens')),
  'OpenAI responses': [
    () => '/openai/v1/responses',
    ({ prompt, isStream, cap }) => ({ model: 'test', stream: isStream, input: prompt, max_output_tokens: cap }),
  ],
  'OpenAI completions': [
    () => '/openai/v1/completions',
    ({ prompt, isStream, cap, choices }) => ({ model: 'test', stream: isStream, prompt, max_tokens: cap, n: choices }),
  ],
  'OpenAI embeddings': embeddingsAt('openai/v1'),
  Anthropic: [
    () => '/anthropic/v1/messages',
    ({ prompt, isStream, cap }) => ({
      model: 'test',
      stream: isStream,
      max_tokens: cap,
      messages: [{ role: 'user', content: prompt }],
    }),
  ],
  Gemini: [
    (isStream) => `/gemini/v1beta/models/test:${isStream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    ({ prompt, cap, choices }) => ({
      contents: [{ role: 'user', parts: [{ text: prompt }] }],
      generationConfig: { maxOutputTokens: cap, candidateCount: choices },
    }),
  ],
  Mistral: chatAt('mistral/v1', 'max_tokens'),
  'Mistral embeddings': embeddingsAt('mistral/v1'),
  Qianfan: chatAt('qianfan/v2', 'max_tokens'),
  'a server of one’s own': withChoices(chatAt('llama/v1', 'max_tokens')),
}

/** What goes wrong. `#`: a number of events. */
const FAULTS = [
  '',
  '',
  'crlf',
  'split-1',
  'split-7',
  'crlf, split-3',
  'usage-twice',
  'incomplete',
  'no-usage',
  'usage-less',
  'usage-more',
  'dies-after-#',
  'ends-after-#',
  'error-after-#',
  'error-first',
  'status-400',
  'status-503',
  'status-302',
] as const

const CALL = fc.record({
  api: fc.constantFrom(...Object.keys(APIS)),
  fault: fc.constantFrom(...FAULTS),
  events: fc.integer({ min: 1, max: 40 }),
  tokens: fc.integer({ min: 20, max: 60 }),
  thinking: fc.constantFrom(0, 0, 12),
  cached: fc.constantFrom(0, 0, 7),
  cap: fc.integer({ min: 16, max: 90 }),
  choices: fc.constantFrom(1, 1, 3),
  isStream: fc.boolean(),
  coding: fc.constantFrom(undefined, 'gzip', 'deflate'),
  leaves: fc.constantFrom(false, false, true),
  text: fc.constantFrom('How much is this, all in all, to the last token of it? ', 'Grüße, 世界 🌍, "\\"! '.repeat(3)),
})
type Call = typeof CALL extends fc.Arbitrary<infer One> ? One : never

async function make(buyer: Buyer, call: Call): Promise<number> {
  const [path, body] = APIS[call.api] ?? ([() => '', () => ({})] as const)
  const faults = [
    `tokens-${call.tokens}`,
    ...(call.thinking > 0 ? [`thinking-${call.thinking}`] : []),
    ...(call.cached > 0 && call.fault !== 'usage-less' ? [`cached-${call.cached}`] : []),
    ...(call.fault === '' ? [] : [call.fault.replace('#', String(call.events))]),
  ]
  const bytes = new TextEncoder().encode(
    JSON.stringify(body({ ...call, prompt: `${call.text}[[${faults.join(', ')}]]` })),
  )
  const client = new AbortController()
  const response = await buyer.send(path(call.isStream), {
    method: 'POST',
    signal: client.signal,
    body: call.coding === undefined ? bytes : await encoded(bytes, call.coding),
    headers: {
      'content-type': 'application/json',
      'anthropic-version': '2023-06-01',
      ...(call.coding && { 'content-encoding': call.coding }),
    },
  })
  const reader = response.body?.getReader()
  try {
    for (let pieces = 0; (await reader?.read())?.done === false; pieces++) {
      if (!call.leaves || pieces < call.events % 5) continue
      client.abort()
      await reader?.cancel()
    }
  } catch {
    // It broke off.
  }
  await gate.settled()
  return response.status
}

const priceOf = ({ input, cached, output }: Pick<TurnUsage, 'input' | 'cached' | 'output'>): bigint =>
  BigInt(input - cached) * 2500n + BigInt(cached) * 1250n + BigInt(output) * 10_000n

/** What the provider says that it used: a tenth of it, or ten times as much, if it lies. Of embeddings the input is all. */
function reportedBy({ usage, path }: ModelCall, fault: Call['fault']): bigint {
  if (usage === undefined) return 0n
  const told = (tokens: number): number =>
    fault === 'usage-less' ? Math.floor(tokens * 0.1) : fault === 'usage-more' ? tokens * 10 : tokens
  if (path.endsWith('/embeddings')) return priceOf({ input: told(usage.input), cached: 0, output: 0 })
  return priceOf({ ...usage, input: told(usage.input), output: told(usage.output) })
}

const least = (one: bigint, other: bigint): bigint => (one < other ? one : other)
const keptOf = ({ kept }: ChargeView): bigint => kept.price?.units ?? 0n

/** Holds a charge against what the provider knows of the call. Returns what was kept. */
function hold(charge: ChargeView, sent: ModelCall, { fault }: Call, status: number): bigint {
  const kept = keptOf(charge)
  const reserved = charge.reserved.price?.units ?? 0n
  expect(charge.state).toBe('settled')
  expect(kept).toBeLessThanOrEqual(reserved)
  const used = sent.usage
  if (status !== 200 || used === undefined) {
    expect(kept).toBe(0n)
    return kept
  }
  const isMeasured = charge.breakdown?.basis === 'measured'
  // Who tells the truth is never cut short: the bound was one.
  if (fault !== 'usage-more') expect(reportedBy(sent, fault)).toBeLessThanOrEqual(reserved)
  // What the provider had made and not yet sent when its client left is not known.
  const unsent = sent.state === 'cancelled' ? 1 : 0
  if (isMeasured) expect(kept).toBe(least(reserved, reportedBy(sent, fault)))
  // Of an answer that is cut off, a report on the way may be too low as well.
  else if (fault !== 'usage-less')
    expect(kept).toBeGreaterThanOrEqual(priceOf({ ...used, output: sent.generated - unsent }))
  const isWhole = !/-after-|-first|no-usage/.test(fault)
  if (isWhole && sent.state === 'done') expect(isMeasured).toBe(true)
  if (fault === 'no-usage' && sent.state === 'done') expect(kept).toBe(reserved)
  return kept
}

it('A charge is at most its reservation and what the provider reports, and a balance what is left of all of them, whatever is asked and however it ends', async () => {
  const property = fc.asyncProperty(fc.array(CALL, { minLength: 4, maxLength: 12 }), async (calls) => {
    const buyer = await createBuyer(gate, world)
    await buyer.grant(GRANTED)
    let sum = 0n
    for (const call of calls) {
      const before = models.log.length
      const status = await make(buyer, call)
      const [sent] = models.log.slice(before)
      const [charge] = (await buyer.reading()).recent
      if (sent === undefined || charge === undefined) throw new Error(`nothing was sent: ${status}`)
      expect(models.log.length).toBe(before + 1)
      sum += hold(charge, sent, call, status)
    }
    const { credit, totals } = await buyer.reading()
    expect(credit[0]?.units).toBe(GRANTED - sum)
    expect(totals.money[0]?.units ?? 0n).toBe(sum)
    expect([totals.charges, totals.unsettled]).toEqual([calls.length, 0])
  })
  await fc.assert(property, { numRuns: 10 })
})
