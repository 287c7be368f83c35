import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Models } from '../../../demo/models/models.ts'
import { createWorld, type World } from '../../support/world.ts'
import type { Gate } from '../cache/gate.ts'
import { type Buyer, createBuyer, gatewayOf, providerIn } from './gateway.ts'

let world: World
let models: Models
let gate: Gate
let buyer: Buyer

const GRANTED = 10_000_000_000n

beforeEach(async () => {
  vi.useFakeTimers({ now: Date.now(), toFake: ['Date', 'setTimeout', 'clearTimeout'] })
  world = await createWorld()
  models = providerIn(world)
  gate = gatewayOf({ onAbort: { drainSeconds: 0 } })
  buyer = await createBuyer(gate, world)
  await buyer.grant(GRANTED)
})
afterEach(() => {
  vi.useRealTimers()
  world.end()
})

const spent = async (): Promise<bigint> => GRANTED - (await buyer.credit())

/** Asks, waits so many seconds for a first event that does not come, and leaves. */
async function leaveBeforeFirst(path: string, body: object, seconds: number): Promise<void> {
  const client = new AbortController()
  const asked = buyer.post(path, body, { 'anthropic-version': '2023-06-01' }, client.signal).catch(() => undefined)
  await models.arrived(1)
  await vi.advanceTimersByTimeAsync(seconds * 1000)
  client.abort()
  models.release()
  await (await asked)?.text().catch(() => undefined)
  await gate.settled()
}

describe('a client that leaves before the first event', () => {
  it('pays for the input, as the provider counts it, and for no output', async () => {
    const messages = [{ role: 'user', content: 'three words here [[slow-first]]' }]
    await leaveBeforeFirst('/anthropic/v1/messages', { model: 'test', max_tokens: 16_000, stream: true, messages }, 3)
    const { usage } = models.log[0] ?? {}
    const counted = BigInt(Math.ceil(((usage?.input ?? 0) * 105) / 100))
    expect(models.log.map(({ path, state }) => [path, state])).toEqual([
      ['/v1/messages', 'cancelled'],
      ['/v1/messages/count_tokens', 'done'],
    ])
    expect(await spent()).toBe(counted * 2500n)
    const [charge] = (await buyer.reading()).recent
    expect(charge).toMatchObject({ state: 'settled', delivery: 'broken', breakdown: { basis: 'bounded' } })
  })

  it('pays for the time of a model that may have been thinking, at its top speed', async () => {
    const body = {
      model: 'test',
      max_tokens: 16_000,
      stream: true,
      thinking: { type: 'enabled', budget_tokens: 10_000 },
      messages: [{ role: 'user', content: 'think [[slow-first]]' }],
    }
    await leaveBeforeFirst('/anthropic/v1/messages', body, 4)
    const output = (await spent()) / 10_000n
    expect([output >= 4n * 500n, output <= 5n * 500n]).toEqual([true, true])
  })
})
