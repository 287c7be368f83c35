import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Models } from '../../../demo/models/models.ts'
import { createWorld, type World } from '../../support/world.ts'
import type { Gate } from '../cache/gate.ts'
import { type Buyer, createBuyer, gatewayOf, providerIn } from './gateway.ts'

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
const MESSAGES = '/anthropic/v1/messages'
const CHEAP = { input: '0.10', output: '0.40' }
const RATES = { input: '2.50', output: '10' }
const DEAR = { input: '10', output: '40' }
const LIMIT = { input: 128_000, output: 16_384 }

type Common = Parameters<typeof gatewayOf>[0]

async function open(common: Common, nanos = 10_000_000_000n, claims = {}): Promise<{ gate: Gate; buyer: Buyer }> {
  const gate = gatewayOf(common)
  const buyer = await createBuyer(gate, world, claims)
  await buyer.grant(nanos)
  return { gate, buyer }
}

const chat = (model: string, prompt: string, more = {}) => ({
  model,
  messages: [{ role: 'user', content: prompt }],
  ...more,
})

describe('a fallback', () => {
  const sold = {
    models: {
      'first~status-503': { rates: CHEAP, limit: LIMIT, fallbacks: ['second'] },
      second: { rates: DEAR, limit: LIMIT },
    },
  }

  it('is reserved at the dearest, and charged as what served', async () => {
    const { gate, buyer } = await open(sold)
    const response = await buyer.post(
      CHAT,
      chat('first~status-503', 'x [[tokens-100]]', { max_completion_tokens: 1000 }),
    )
    expect([response.status, (await response.json<{ model: string }>()).model]).toEqual([200, 'second'])
    await gate.settled()
    expect(models.log.map(({ body }) => body['model'])).toEqual(['first~status-503', 'second'])
    const [charge] = (await buyer.reading()).recent
    expect((charge?.reserved.price?.units ?? 0n) >= 1000n * 40_000n).toBe(true)
    const { usage } = models.log[1] ?? {}
    expect(charge?.kept.price?.units).toBe(BigInt(usage?.input ?? 0) * 10_000n + 100n * 40_000n)
    expect(charge?.breakdown).toMatchObject({ of: 'second', basis: 'measured' })
  })

  it('is asked where the first model fails in its first event, and the client sees one stream', async () => {
    const { gate, buyer } = await open({
      models: {
        'first~error-first': { rates: CHEAP, limit: LIMIT, fallbacks: ['second'] },
        second: { rates: RATES, limit: LIMIT },
      },
    })
    const response = await buyer.post(CHAT, chat('first~error-first', 'x [[tokens-5]]', { stream: true }))
    const text = await response.text()
    await gate.settled()
    expect([response.status, models.log.length, text.includes('[DONE]'), text.includes('error')]).toEqual([
      200,
      2,
      true,
      false,
    ])
  })

  it('is not asked once the first byte has left', async () => {
    const { gate, buyer } = await open({
      models: {
        'first~dies-after-3': { rates: CHEAP, limit: LIMIT, fallbacks: ['second'] },
        second: { rates: RATES, limit: LIMIT },
      },
    })
    const text = await (await buyer.post(CHAT, chat('first~dies-after-3', 'x', { stream: true }))).text()
    await gate.settled()
    expect([models.log.length, text.includes('[DONE]'), text.includes('"error"')]).toEqual([1, false, true])
  })

  it('that the plan does not include is not asked', async () => {
    const { buyer } = await open({
      models: {
        'first~status-503': { rates: CHEAP, limit: LIMIT, fallbacks: ['second'] },
        second: { rates: DEAR, limit: LIMIT, requires: 'pro' },
      },
    })
    expect((await buyer.post(CHAT, chat('first~status-503', 'x'))).status).toBe(503)
    expect(models.log).toHaveLength(1)
  })
})

describe('a model', () => {
  const sold = {
    models: { 'gpt-test': { rates: RATES, limit: LIMIT }, pro: { rates: DEAR, limit: LIMIT, requires: 'pro' } },
    aliases: { latest: 'gpt-test' },
  }

  it('that is not on sale is 404, with the nearest names, and nothing is sent', async () => {
    const { buyer } = await open(sold)
    const response = await buyer.post(CHAT, chat('gpt-tset', 'x'))
    expect([response.status, models.log.length]).toEqual([404, 0])
    expect(await response.json()).toMatchObject({
      error: { code: 'model_not_found', message: expect.stringContaining('"gpt-test"') },
      reason: 'model-not-found',
    })
  })

  it.each(['GPT-TEST', 'gpt-test ', 'models/gpt-test', 'gpt-test-2026', 'toString', '__proto__'])(
    'is sold under its exact id alone: %j',
    async (name) => {
      const { buyer } = await open(sold)
      expect((await buyer.post(CHAT, chat(name, 'x'))).status).toBe(404)
      expect(models.log).toHaveLength(0)
    },
  )

  it('goes upstream under its id where a client writes an alias', async () => {
    const { buyer } = await open(sold)
    expect((await buyer.post(CHAT, chat('latest', 'x'))).status).toBe(200)
    expect(models.log[0]?.body['model']).toBe('gpt-test')
  })

  it('that the plan does not include is refused and not listed', async () => {
    const { buyer } = await open(sold)
    expect((await buyer.post(CHAT, chat('pro', 'x'))).status).toBe(402)
    const list = (await (await buyer.send('/openai/v1/models', {})).json()) as { data: { id: string }[] }
    expect(list.data.map(({ id }) => id)).toEqual(['gpt-test'])
    expect((await buyer.send('/openai/v1/models/pro', {})).status).toBe(404)
    expect(models.log).toHaveLength(0)
    const rich = await createBuyer(gatewayOf(sold), world, { entitlements: ['api', 'pro'] })
    await rich.grant(10_000_000_000n)
    expect((await rich.post(CHAT, chat('pro', 'x'))).status).toBe(200)
  })
})

describe('what is short', () => {
  it('is refused with the balance, the reservation and the way to top up', async () => {
    const { buyer } = await open({ count: 'bytes' }, 20_000_000n)
    const response = await buyer.post(CHAT, chat('test', 'x', { max_completion_tokens: 4096 }))
    expect([response.status, models.log.length, response.headers.get('x-should-retry')]).toEqual([402, 0, 'false'])
    const { error } = (await response.json()) as { error: { message: string; code: string } }
    expect(error).toMatchObject({
      code: 'insufficient_quota',
      message: expect.stringMatching(/0\.02.*0\.041.*https:\/\/billing\.test\/top-up/),
    })
  })

  it('is shrunk where the operator allows that, and the answer says so', async () => {
    const { gate, buyer } = await open({ count: 'bytes', onShort: 'shrink' }, 20_000_000n)
    const response = await buyer.post(CHAT, chat('test', 'x [[tokens-5000]]', { max_completion_tokens: 4096 }))
    await response.text()
    await gate.settled()
    const cap = Number(response.headers.get('faregate-max-tokens'))
    expect(response.status).toBe(200)
    expect(models.log[0]?.body['max_completion_tokens']).toBe(cap)
    expect(models.log[0]?.usage?.output).toBe(cap)
    expect([cap > 1900 && cap < 2000, (await buyer.credit()) >= 0n]).toEqual([true, true])
  })

  it('is counted by the provider, and fits', async () => {
    const { gate, buyer } = await open({}, 12_000_000n)
    const prompt = `${'word '.repeat(2000)}[[tokens-10]]`
    const body = { model: 'test', max_tokens: 100, messages: [{ role: 'user', content: prompt }] }
    const response = await buyer.post(MESSAGES, body, { 'anthropic-version': '2023-06-01' })
    await response.text()
    await gate.settled()
    expect(response.status).toBe(200)
    expect(models.log.map(({ path }) => path)).toEqual(['/v1/messages/count_tokens', '/v1/messages'])
    expect((await buyer.credit()) >= 0n).toBe(true)
  })

  it('is not counted where no count could be enough', async () => {
    const { buyer } = await open({}, 1_000_000n)
    const prompt = `${'word '.repeat(20_000)}[[tokens-10]]`
    const body = { model: 'test', max_tokens: 100, messages: [{ role: 'user', content: prompt }] }
    expect((await buyer.post(MESSAGES, body, { 'anthropic-version': '2023-06-01' })).status).toBe(402)
    expect(models.log).toHaveLength(0)
  })

  it('has a cap written into it that it does not have, if the model has a default', async () => {
    const sold = { test: { rates: RATES, limit: LIMIT, defaultOutput: 500 } }
    const { buyer } = await open({ models: sold }, 10_000_000n)
    expect((await buyer.post(CHAT, chat('test', 'x'))).status).toBe(200)
    expect(models.log[0]?.body['max_completion_tokens']).toBe(500)
  })
})

describe('quotas of tokens', () => {
  const limitsOf = (unit: string, quota: number) => ({
    limits: [{ name: 'monthly', unit, quota, window: 'P1M', kind: 'fixed' }],
  })

  it.each([
    ['tokens', 206],
    ['output-tokens', 200],
    ['input-tokens', 6],
  ])('count %s as they were used', async (unit, used) => {
    const { gate, buyer } = await open({}, 10_000_000_000n, limitsOf(unit, 100_000))
    await (await buyer.post(CHAT, chat('test', 'ab [[tokens-200]]', { max_completion_tokens: 300 }))).text()
    await gate.settled()
    const { usage } = models.log[0] ?? {}
    const expected = { tokens: (usage?.input ?? 0) + 200, 'output-tokens': 200, 'input-tokens': usage?.input }[unit]
    const { counts } = (await buyer.reading()).totals
    expect(counts.find(({ name }) => name === 'monthly')?.units).toBe(BigInt(expected ?? used))
  })

  it('are reserved before, so that no call can overdraw one', async () => {
    const { buyer } = await open({ count: 'bytes' }, 10_000_000_000n, limitsOf('output-tokens', 1000))
    const response = await buyer.post(CHAT, chat('test', 'x', { max_completion_tokens: 1001 }))
    expect([response.status, models.log.length]).toEqual([402, 0])
    expect(await response.json()).toMatchObject({ reason: 'usage-limit-reached' })
  })
})

describe('what nobody can bound', () => {
  it.each([
    ['a tool of the provider', '/openai/v1/responses', { model: 'test', input: 'x', tools: [{ type: 'web_search' }] }],
    ['work in the background', '/openai/v1/responses', { model: 'test', input: 'x', background: true }],
    ['another tier', CHAT, chat('test', 'x', { service_tier: 'priority' })],
    [
      'code run by Anthropic',
      MESSAGES,
      { model: 'test', max_tokens: 5, messages: [], tools: [{ type: 'code_execution_20250825', name: 'c' }] },
    ],
  ])('is 403, and nothing is sent: %s', async (_what, path, body) => {
    const { buyer } = await open({})
    const response = await buyer.post(path, body, { 'anthropic-version': '2023-06-01' })
    expect([response.status, models.log.length]).toEqual([403, 0])
  })
})

describe('what is free', () => {
  it('counts tokens with the operator’s key, at no charge', async () => {
    const { gate, buyer } = await open({}, 0n)
    const body = { model: 'test', messages: [{ role: 'user', content: 'three words here' }] }
    const response = await buyer.post('/anthropic/v1/messages/count_tokens', body, {
      'anthropic-version': '2023-06-01',
    })
    expect([response.status, Object.keys(await response.json<object>())]).toEqual([200, ['input_tokens']])
    await gate.settled()
    expect((await buyer.reading()).totals.charges).toBe(0)
  })
})
