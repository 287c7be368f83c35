import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { PURGE_BOUND_MS } from '../../../../src/cache/rules/purge.ts'
import { createPair, type Pair, advanceTime } from './isolates.ts'

const HALF_MS = PURGE_BOUND_MS / 2
const HOUR_MS = 3_600_000

let pair: Pair

beforeEach(async () => {
  pair = await createPair()
})
afterEach(() => pair.end())

const ORDERS = [
  ['tag', { tags: ['red'] }],
  ['a tag like no other', { tags: ['__proto__'] }],
  ['path prefix', { pathPrefixes: ['/articles', '/free'] }],
  ['zone', { everything: true }],
] as const
const ROUTES = [
  ['paid', '/articles/1'],
  ['free', '/free/shared/1'],
] as const
const CASES = ROUTES.flatMap(([route, path]) => ORDERS.map(([what, body]) => ({ route, path, what, body })))

describe('a purge made in one isolate holds in another that has a store of its own', () => {
  it.each(CASES)('within the bound: $route, by $what', async ({ path, body }) => {
    await pair.held(path)
    expect((await pair.purge(body)).status).toBe(200)
    expect((await pair.read(pair.here, path)).text).toBe('new')
    advanceTime(PURGE_BOUND_MS)
    expect((await pair.read(pair.there, path)).text).toBe('new')
  })

  it.each(CASES)('after it was idle: $route, by $what', async ({ path, body }) => {
    await pair.held(path)
    expect((await pair.purge(body)).status).toBe(200)
    advanceTime(HOUR_MS)
    expect((await pair.read(pair.there, path)).text).toBe('new')
    advanceTime(HOUR_MS)
    expect(await pair.read(pair.there, path)).toMatchObject({ text: 'new', cache: expect.stringMatching(/^hit/) })
  })

  it.each(CASES)('in memory as soon as it is told: $route, by $what', async ({ path, body }) => {
    await pair.held(path)
    await pair.purge(body)
    advanceTime(HALF_MS)
    // The copy in memory has had its time; the one in the store is asked about behind this response.
    expect((await pair.read(pair.there, path)).cache).toMatch(/^hit; ttl/)
    expect(await pair.read(pair.there, path)).toEqual({ text: 'new', cache: 'fwd=miss; stored' })
  })

  it('for what is there for both, and for nothing else', async () => {
    await pair.held('/free/shared/1')
    await pair.purge({ tags: ['blue'], pathPrefixes: ['/free/shared/2'] })
    advanceTime(PURGE_BOUND_MS)
    expect((await pair.read(pair.there, '/free/shared/1')).text).toBe('old')
  })

  it('and is not forgotten when another is told', async () => {
    await pair.held('/free/shared/1')
    await pair.purge({ tags: ['red'] })
    await pair.purge({ tags: ['blue'] })
    advanceTime(HOUR_MS)
    await pair.read(pair.there, '/free/shared/2')
    expect((await pair.read(pair.there, '/free/shared/1')).text).toBe('new')
  })

  it('and in one that begins later, for what it gets from before', async () => {
    await pair.purge({ tags: ['red'] })
    const later = pair.isolate()
    expect((await pair.read(later, '/free/shared/1')).text).toBe('new')
    expect((await pair.read(later, '/free/shared/1')).cache).toMatch(/^hit/)
  })
})

describe('a response on its way while a purge is made in another isolate', () => {
  /** An origin that answers what it is now, and holds that back. */
  function heldBack(): { release: () => void } {
    const gate = { release: (): void => undefined }
    const released = new Promise<void>((resolve) => {
      gate.release = resolve
    })
    pair.world.origin = async () => {
      pair.world.origin = pair.page
      const response = pair.page()
      await released
      return response
    }
    return gate
  }

  it.each([
    ['comes within the bound', 0],
    ['comes after it', PURGE_BOUND_MS],
  ])('is not served any more after the bound when it %s', async (_when, ms) => {
    const path = '/free/shared/race'
    await pair.read(pair.there, '/free/shared/other')
    const { release } = heldBack()
    const first = pair.begin(pair.there, path)
    await vi.waitFor(() => expect(pair.world.received).toHaveLength(2))
    await pair.purge({ tags: ['red'] })
    advanceTime(ms)
    const put = vi.spyOn(pair.there.store, 'put')
    release()
    expect((await first).text).toBe('old')
    await pair.there.settled()
    // What is told already is not even stored: in a store that others share it might be in the way of something newer.
    expect(put).toHaveBeenCalledTimes(ms === 0 ? 1 : 0)
    advanceTime(PURGE_BOUND_MS - ms)
    expect((await pair.read(pair.there, path)).text).toBe('new')
  })

  it('is not waited for after the bound', async () => {
    const path = '/free/shared/wait'
    await pair.read(pair.there, '/free/shared/other')
    // Less than a leader is given up after, and more than what is known of purges is good for.
    advanceTime(PURGE_BOUND_MS - 1000)
    const { release } = heldBack()
    pair.broken = { delta: () => new Promise(() => undefined) }
    const first = pair.begin(pair.there, path)
    await vi.waitFor(() => expect(pair.world.received).toHaveLength(2))
    pair.broken = {}
    await pair.purge({ pathPrefixes: [path] })
    advanceTime(PURGE_BOUND_MS - 1000)
    expect((await pair.begin(pair.there, path)).text).toBe('new')
    release()
    expect((await first).text).toBe('old')
    expect((await pair.begin(pair.there, path)).text).toBe('new')
  })
})
