import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Models } from '../../../demo/models/models.ts'
import { createWorld, type World } from '../../support/world.ts'
import { type Buyer, createBuyer, gatewayOf, providerIn } from './gateway.ts'

let world: World
let models: Models

beforeEach(async () => {
  world = await createWorld()
  models = providerIn(world)
})
afterEach(() => world.end())

const ask = (buyer: Buyer, most = 1000): Promise<Response> =>
  buyer.post('/openai/v1/chat/completions', {
    model: 'test',
    messages: [{ role: 'user', content: 'x [[tokens-5]]' }],
    max_completion_tokens: most,
  })

describe('a call', () => {
  it('has its charge in all fields that name it, and its account reads what that is made of', async () => {
    const gate = gatewayOf()
    const buyer = await createBuyer(gate, world)
    await buyer.grant(10_000_000_000n)
    const response = await ask(buyer)
    await response.text()
    await gate.settled()
    const charge = response.headers.get('faregate-charge')
    expect([response.headers.get('x-request-id'), response.headers.get('request-id')]).toEqual([charge, charge])
    expect(models.log[0]?.fields['accept-encoding']).toBe('identity')
    const at = `/__faregate/charges/${charge}`
    const lines = [{ name: 'input' }, { name: 'output', units: '5', rate: '10' }]
    expect(await (await buyer.send(at, {})).json()).toMatchObject({
      charge: { id: charge, breakdown: { of: 'test', basis: 'measured', lines } },
    })
    expect((await (await createBuyer(gate, world)).send(at, {})).status).toBe(404)
  })

  it('costs its rates and fees times the markup', async () => {
    const rates = { input: '0', output: '10', each: { request: '0.001' } }
    const gate = gatewayOf({ markup: '1.2', models: { test: { rates, limit: { input: 1000, output: 1000 } } } })
    const buyer = await createBuyer(gate, world)
    await buyer.grant(10_000_000_000n)
    await (await ask(buyer)).text()
    await gate.settled()
    expect(await buyer.credit()).toBe(10_000_000_000n - 5n * 12_000n - 1_200_000n)
  })

  it.each(['tokens', 'output-tokens'])('is shrunk to a quota of %s', async (unit) => {
    const gate = gatewayOf({ count: 'bytes', onShort: 'shrink' })
    const limits = [{ name: 'monthly', unit, quota: 500, window: 'P1M', kind: 'fixed' }]
    const buyer = await createBuyer(gate, world, { limits })
    await buyer.grant(10_000_000_000n)
    const response = await ask(buyer)
    await response.text()
    expect(response.status).toBe(200)
    expect(Number(response.headers.get('faregate-max-tokens'))).toBeLessThanOrEqual(500)
    expect(models.log[0]?.body['max_completion_tokens']).toBe(Number(response.headers.get('faregate-max-tokens')))
    await gate.settled()
  })
})
