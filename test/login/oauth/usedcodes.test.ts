import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { makeServerKeys, type ServerKeys } from './authserver.ts'
import { type Begun, OAuthWorld } from './world.ts'

const MINUTE = 60_000

let keys: ServerKeys
let world: OAuthWorld
let begun: Begun

beforeAll(async () => {
  keys = await makeServerKeys()
})
beforeEach(async () => {
  world = new OAuthWorld(keys)
  world.server.twist = { access: { iat: 1_800_000_010, exp: 1_800_009_000 } }
  begun = await world.begin()
  expect(await world.outcome(begun)).toBe('waiting')
  world.now += 10_000
})
afterEach(() => void vi.restoreAllMocks())

describe('the tokens of a used code that wait for their time', () => {
  it('are for the trip of that code alone', async () => {
    const other = await world.begin()
    other.query.set('code', begun.query.get('code') ?? '')
    expect(await world.outcome(other)).toBe('refused invalid_grant')
    expect(await world.outcome(begun)).toBe('signed-in')
  })

  it('are handed out once', async () => {
    expect(await world.outcome(begun)).toBe('signed-in')
    expect(await world.outcome(begun)).toBe('refused invalid_grant')
  })

  it('are forgotten after ten minutes', async () => {
    world.now += 10 * MINUTE
    expect(await world.outcome(begun)).toBe('refused invalid_grant')
  })
})

describe('a server that hangs', () => {
  it('is given up after five seconds, and has not used the code for all that is known', async () => {
    world = new OAuthWorld(keys)
    begun = await world.begin()
    const limit = new AbortController()
    const limits = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(limit.signal)
    world.server.answer = () => new Promise(() => undefined)
    const ended = world.outcome(begun)
    await vi.waitFor(() => expect(world.server.asked).toHaveLength(1))
    expect(limits.mock.lastCall).toEqual([5000])
    limit.abort()
    expect(await ended).toBe('unavailable TimeoutError')
  })
})
