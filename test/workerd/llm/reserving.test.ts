import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Models } from '../../../demo/models/models.ts'
import type { ChargeView } from '../../../src/ledger/rules/commands.ts'
import { createWorld, type World } from '../../support/world.ts'
import { createBuyer, gatewayOf, providerIn } from './gateway.ts'

let world: World
let models: Models

beforeEach(async () => {
  vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  world = await createWorld()
  models = providerIn(world)
})
afterEach(() => {
  vi.restoreAllMocks()
  world.end()
})

const CHAT = '/openai/v1/chat/completions'
const RATES = { input: '2.50', output: '10' }
const DEAR = { input: '10', output: '40' }
const LIMIT = { input: 128_000, output: 16_384 }

/** Makes one call, and returns its charge. */
async function charged(common: Parameters<typeof gatewayOf>[0], more: object, prompt = 'x'): Promise<ChargeView> {
  const gate = gatewayOf(common)
  const buyer = await createBuyer(gate, world)
  await buyer.grant(10_000_000_000n)
  const messages = [{ role: 'user', content: prompt }]
  const response = await buyer.post(CHAT, { model: 'test', messages, max_completion_tokens: 1000, ...more })
  expect([response.status, await response.text()]).toEqual([200, expect.any(String)])
  await gate.settled()
  const [charge] = (await buyer.reading()).recent
  if (charge === undefined) throw new Error('nothing was charged')
  return charge
}
const reserved = ({ reserved: { price } }: ChargeView): bigint => price?.units ?? 0n
const kept = ({ kept: { price } }: ChargeView): bigint => price?.units ?? 0n

describe('what is reserved', () => {
  it('is the cap for each choice', async () => {
    const [one, two] = [await charged({}, {}), await charged({}, { n: 2 })]
    // Beside the output, two requests differ in the bytes of `"n":2`.
    expect((reserved(two) - reserved(one)) / 10_000_000n).toBe(1n)
    expect(two.reserved.counts.find(({ name }) => name === 'output-tokens')?.units ?? 2000n).toBe(2000n)
  })

  it('is that of the dearest tier that may serve a request for any', async () => {
    const models = { test: { rates: { ...RATES, tiers: { fast: '2' } }, limit: LIMIT } }
    const terms = { models, tiers: ['default' as const, 'fast' as const] }
    expect(reserved(await charged(terms, { service_tier: 'auto' }))).toBeGreaterThan(2n * 10_000_000n)
  })

  it('is kept if something is used that has no rate', async () => {
    const charge = await charged({}, {}, 'x [[tokens-5, audio-out-3]]')
    expect(kept(charge)).toBe(reserved(charge))
  })
})

it('An answer of another model that is on sale costs what that one costs', async () => {
  const models = { test: { rates: DEAR, limit: LIMIT }, other: { rates: RATES, limit: LIMIT } }
  const charge = await charged({ models }, {}, 'x [[tokens-5, served-other]]')
  expect(charge.breakdown).toMatchObject({ of: 'other', lines: [{ rate: '2.5' }, { units: 5n, rate: '10' }] })
})

it.each(['openai/v1', 'qianfan/v2', 'llama/v1'])(
  'A stream of /%s has no usage for who did not ask for it, and is the same otherwise',
  async (base) => {
    const gate = gatewayOf({ receipts: false })
    const buyer = await createBuyer(gate, world)
    await buyer.grant(10_000_000_000n)
    const read = async (more: object): Promise<string> => {
      const messages = [{ role: 'user', content: 'x [[tokens-9]]' }]
      const response = await buyer.post(`/${base}/chat/completions`, { model: 'test', stream: true, messages, ...more })
      return (await response.text()).replaceAll(/chatcmpl-\w+/g, 'id').replaceAll(/"id":"[^"]*"/g, '"id":""')
    }
    const asked = await read({ stream_options: { include_usage: true } })
    const unasked = await read({})
    const reports = asked.split('\n\n').filter((event) => event.includes('"choices":[]'))
    expect(reports).toHaveLength(1)
    expect(unasked).toBe(asked.replace(`${reports[0]}\n\n`, ''))
    expect(unasked).not.toMatch(/"usage":\{/)
    expect(models.log).toHaveLength(2)
  },
)
