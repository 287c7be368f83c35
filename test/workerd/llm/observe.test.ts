import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MODEL_KEYS, type Models } from '../../../demo/models/models.ts'
import { createWorld, linesOf, type World } from '../../support/world.ts'
import type { Gate } from '../cache/gate.ts'
import { createBuyer, gatewayOf, providerIn } from './gateway.ts'

let world: World
let models: Models
let gate: Gate

beforeEach(async () => {
  world = await createWorld()
  models = providerIn(world)
  gate = gatewayOf()
})
afterEach(() => world.end())

const CHAT = '/watched/v1/chat/completions'
const BODY = { model: 'test', messages: [{ role: 'user', content: 'x' }] }

describe('a watched route whose meter adds a key', () => {
  it('serves who presents a genuine credential, whatever it would have opened, and charges nothing', async () => {
    const poor = await createBuyer(gate, world, { entitlements: [] })
    const response = await poor.post(CHAT, BODY)
    if (response.status !== 200) throw new Error(await response.text())
    expect(response.status).toBe(200)
    await response.text()
    await gate.settled()
    expect(models.log[0]?.fields['authorization']).toBe(`Bearer ${MODEL_KEYS.openai}`)
    expect((await poor.reading()).totals.charges).toBe(0)
    expect(linesOf(world).at(-1)).toMatchObject({ observed: 'entitlement-insufficient' })
  })

  it('serves nobody else: the operator pays for what is served', async () => {
    const send = (headers: Record<string, string>) =>
      gate.fetch(new Request(`https://news.test${CHAT}`, { method: 'POST', headers, body: JSON.stringify(BODY) }))
    expect((await send({})).status).toBe(402)
    expect((await send({ authorization: 'Bearer invented' })).status).toBe(401)
    expect((await send({ authorization: `Bearer ${await world.token({ exp: 1 })}` })).status).toBe(401)
    expect(models.log).toHaveLength(0)
  })

  it('stays closed where nothing can be metered', async () => {
    const buyer = await createBuyer(gate, world)
    expect((await buyer.post('/watched/v1/batches', {})).status).toBe(403)
    expect(models.log).toHaveLength(0)
  })
})
