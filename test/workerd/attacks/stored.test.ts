import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { objectsOf } from '../../../src/platform/cloudflare/ledgers.ts'
import { createGate, type Gate, type Implementation } from '../cache/gate.ts'
import config from '../../support/config.ts'
import { withToken, createWorld, type World } from '../../support/world.ts'

let world: World
let number = 0

beforeEach(async () => {
  world = await createWorld()
})
afterEach(() => world.end())

/** Asks so often with one key and one token, and gives the statuses. */
async function askAgain(gate: Gate, path: string, times: number): Promise<number[]> {
  const { headers } = withToken(await world.token({ sub: `account ${++number} of stored.test.ts` }))
  const statuses = []
  for (let time = 0; time < times; time++) {
    const request = new Request(`https://news.test${path}`, { headers: { ...headers, 'idempotency-key': 'one' } })
    const response = await gate.fetch(request)
    await response.text()
    await gate.settled()
    statuses.push(response.status)
  }
  return statuses
}

const gateOf = (kept: Implementation): Gate =>
  createGate(kept, config, { ACCOUNT_HASH_KEY: 'a key for the tests' }, objectsOf(env))

describe('what was delivered under a key', () => {
  it.each<Implementation>(['platform', 'embedded'])('is not had from the origin again: %s', async (kept) => {
    const fields = { etag: '"v1"', 'cache-control': 'no-store' }
    world.origin = () => new Response('the paid page', { headers: fields })
    expect(await askAgain(gateOf(kept), '/both/1', 3)).toEqual([200, 200, 200])
    expect(world.received).toHaveLength(1)
  })

  it('is had from the copy where there is one, which was read to its end though its length was said', async () => {
    const fields = { etag: '"v1"', 'cache-control': 'max-age=60', 'content-length': '13' }
    world.origin = () => new Response('the paid page', { headers: fields })
    expect(await askAgain(gateOf('embedded'), '/both/1', 3)).toEqual([200, 200, 200])
    expect(world.received).toHaveLength(1)
  })
})
