import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Models } from '../../../demo/models/models.ts'
import { createWorld, type World } from '../../support/world.ts'
import type { Gate } from '../cache/gate.ts'
import { type DrivenClock, driveClock } from './drivenclock.ts'
import { type Buyer, createBuyer, gatewayOf, providerIn } from './gateway.ts'

let world: World
let models: Models
let clock: DrivenClock
let gate: Gate

const GRANTED = 10_000_000_000n

beforeEach(async () => {
  world = await createWorld()
  models = providerIn(world)
  clock = driveClock()
  gate = gatewayOf({}, clock.objects)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  world.end()
})

/** Resolves once the last charge is closed. */
async function closed(buyer: Buyer): Promise<void> {
  while ((await buyer.reading()).recent[0]?.state === 'open') await Promise.resolve()
}

it.each([
  ['by the time that it took', 16_000, 20n * 500n],
  ['at most by its cap', 3000, 3000n],
])('an answer that was given up because its token ended is paid for, %s', async (_how, max_tokens, least) => {
  const warned = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  const buyer = await createBuyer(gate, world, { exp: Math.floor(Date.now() / 1000) + 20 })
  await buyer.grant(GRANTED)
  const messages = [{ role: 'user', content: 'three words here [[slow]]' }]
  const body = { model: 'test', max_tokens, messages }
  const response = await clock.run(buyer.post('/anthropic/v1/messages', body, { 'anthropic-version': '2023-06-01' }))
  models.release()
  await response.text()
  await clock.run(closed(buyer))
  expect([response.status, models.log[0]?.path]).toEqual([401, '/v1/messages'])
  expect(GRANTED - (await buyer.credit()) >= least * 10_000n).toBe(true)
  const [charge] = (await buyer.reading()).recent
  expect(charge).toMatchObject({ state: 'settled', delivery: 'broken', breakdown: { basis: 'bounded' } })
  expect(JSON.stringify(warned.mock.calls)).not.toContain('bound-exceeded')
})
