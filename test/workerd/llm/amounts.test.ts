import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Models } from '../../../demo/models/models.ts'
import { createWorld, type World } from '../../support/world.ts'
import type { Gate } from '../cache/gate.ts'
import { type Buyer, createBuyer, gatewayOf, providerIn } from './gateway.ts'

let world: World
let models: Models
let gate: Gate
let buyer: Buyer

beforeEach(async () => {
  world = await createWorld()
  models = providerIn(world)
  gate = gatewayOf()
  buyer = await createBuyer(gate, world)
  await buyer.grant(10_000_000_000n)
})
afterEach(() => world.end())

const MESSAGES = [{ role: 'user', content: 'How much is this? [[tokens-200]]' }]

/** How each provider is asked for one answer, and for a stream of it. */
const ASKED: readonly (readonly [
  name: string,
  path: (stream: boolean) => string,
  body: (stream: boolean) => object,
])[] = [
  ['OpenAI chat', () => '/openai/v1/chat/completions', (stream) => ({ model: 'test', stream, messages: MESSAGES })],
  [
    'OpenAI responses',
    () => '/openai/v1/responses',
    (stream) => ({ model: 'test', stream, input: MESSAGES[0]?.content }),
  ],
  [
    'Anthropic messages',
    () => '/anthropic/v1/messages',
    (stream) => ({ model: 'test', max_tokens: 1000, stream, messages: MESSAGES }),
  ],
  [
    'Gemini generateContent',
    (stream) => `/gemini/v1beta/models/test:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    () => ({ contents: [{ role: 'user', parts: [{ text: MESSAGES[0]?.content }] }] }),
  ],
  ['Mistral chat', () => '/mistral/v1/chat/completions', (stream) => ({ model: 'test', stream, messages: MESSAGES })],
  ['Qianfan chat', () => '/qianfan/v2/chat/completions', (stream) => ({ model: 'test', stream, messages: MESSAGES })],
  [
    'a compatible server',
    () => '/llama/v1/chat/completions',
    (stream) => ({ model: 'test', stream, messages: MESSAGES }),
  ],
]

/** What input and output tokens cost at 2.50 and 10 for a million, in 10⁻⁹ USD. */
const priceOf = (input: number, output: number): bigint => BigInt(input) * 2500n + BigInt(output) * 10_000n

describe.each(ASKED)('%s', (_name, path, body) => {
  it.each([false, true])('is charged exactly what was used (stream: %s)', async (stream) => {
    const response = await buyer.post(path(stream), body(stream), { 'anthropic-version': '2023-06-01' })
    const text = await response.text()
    expect([response.status, text]).toEqual([200, expect.any(String)])
    await gate.settled()
    const { usage } = models.log[0] ?? {}
    const expected = priceOf(usage?.input ?? 0, usage?.output ?? 0)
    expect(usage?.output).toBe(200)
    expect(10_000_000_000n - (await buyer.credit())).toBe(expected)
    const [charge] = (await buyer.reading()).recent
    expect(charge).toMatchObject({ state: 'settled', delivery: 'complete' })
    expect((charge?.reserved.price?.units ?? 0n) >= expected).toBe(true)
  })
})
