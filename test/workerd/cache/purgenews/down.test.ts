import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createApp } from '../../../../src/gate.ts'
import { PURGE_BOUND_MS } from '../../../../src/cache/rules/purge.ts'
import { err, ok } from '../../../../src/core/result.ts'
import type { BulletinStore } from '../../../../src/ports.ts'
import { ENDPOINTS } from '../../../support/endpoints.ts'
import { newServices, NO_UPSTREAM } from '../../../support/services.ts'
import { createPair, type Pair, advanceTime } from './isolates.ts'

const HALF_MS = PURGE_BOUND_MS / 2
const HOUR_MS = 3_600_000

let pair: Pair

beforeEach(async () => {
  pair = await createPair()
})
afterEach(() => pair.end())

describe('while the bulletin is down', () => {
  const down: BulletinStore = {
    post: async () => err('ledger-unavailable'),
    delta: () => Promise.reject(new Error('account-7')),
    order: async () => err('ledger-unavailable'),
  }

  it('a purge is not begun, since it cannot be recorded, and is to be ordered again', async () => {
    await pair.held('/free/shared/1')
    pair.broken = down
    const response = await pair.purge({ tags: ['red'] })
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5'])
    expect(await response.json()).toMatchObject({ detail: expect.stringMatching(/not be recorded.*not begun.*again/) })
    expect((await pair.read(pair.here, '/free/shared/1')).text).toBe('old')
  })

  it('once a purge is recorded, it is to be ordered again, and holds in the store that could be told', async () => {
    await pair.held('/free/shared/1')
    let posts = 0
    const post: BulletinStore['post'] = async () => (posts++ === 0 ? ok(undefined) : err('ledger-unavailable'))
    pair.broken = { ...down, post }
    const response = await pair.purge({ tags: ['red'] })
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5'])
    expect(await response.json()).toMatchObject({
      detail: expect.stringMatching(/purged here.*could not be told.*again/),
    })
    expect((await pair.read(pair.here, '/free/shared/1')).text).toBe('new')
    advanceTime(PURGE_BOUND_MS)
    expect((await pair.read(pair.there, '/free/shared/1')).text).toBe('old')
    pair.broken = {}
    expect((await pair.purge({ tags: ['red'] })).status).toBe(200)
    advanceTime(PURGE_BOUND_MS)
    // That it is back is found out behind a response, for while it is down no one waits.
    await pair.read(pair.there, '/free/shared/1')
    expect((await pair.read(pair.there, '/free/shared/1')).text).toBe('new')
  })

  it('free pages are served from memory and store, however long that is', async () => {
    await pair.held('/free/shared/1')
    pair.broken = down
    for (let times = 0; times < 3; times++) {
      advanceTime(HOUR_MS)
      expect(await pair.read(pair.there, '/free/shared/1')).toEqual({
        text: 'old',
        cache: expect.stringMatching(/^hit; ttl/),
      })
      advanceTime(HALF_MS - 1)
      expect((await pair.read(pair.there, '/free/shared/1')).cache).toContain('detail=memory')
      advanceTime(1)
      expect((await pair.read(pair.there, '/free/shared/1')).cache).not.toContain('detail=memory')
    }
  })

  it('and never answers, free pages are served all the same', async () => {
    await pair.held('/free/shared/1')
    pair.broken = { delta: () => new Promise(() => undefined) }
    advanceTime(HOUR_MS)
    expect((await pair.begin(pair.there, '/free/shared/1')).text).toBe('old')
  })

  it('and throws, free pages are served all the same', async () => {
    await pair.held('/free/shared/1')
    pair.broken = {
      delta: () => {
        throw new TypeError('broken')
      },
    }
    advanceTime(HOUR_MS)
    expect((await pair.read(pair.there, '/free/shared/1')).text).toBe('old')
  })
})

describe('while the store cannot purge', () => {
  it.each(['refuses', 'fails'])('all isolates are told, and the answer says so: it %s', async (how) => {
    await pair.held('/articles/1')
    const app = createApp(newServices(pair.objects), ENDPOINTS)
    const errors = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const behind = {
      ...NO_UPSTREAM,
      purge: () => (how === 'fails' ? Promise.reject(new TypeError('secret')) : Promise.resolve(false)),
    }
    const whole = pair.here
    pair.here = { ...pair.here, fetch: async (request) => app(request, behind, () => undefined) }
    const response = await pair.purge({ tags: ['red'] })
    expect(response.status).toBe(503)
    expect(await response.json()).toMatchObject({ detail: expect.stringMatching(/All isolates are told.*again/) })
    expect(JSON.stringify(errors.mock.calls)).not.toContain('secret')
    errors.mockRestore()
    advanceTime(PURGE_BOUND_MS)
    for (const gate of [whole, pair.there]) expect((await pair.read(gate, '/articles/1')).text).toBe('new')
  })
})

describe('what a cache of the platform keeps', () => {
  it('is not served from the memory of another isolate once a purge is told, though its tags are not known there', async () => {
    pair.here = pair.isolate('platform')
    pair.there = pair.isolate('platform')
    await pair.read(pair.there, '/free/shared/2')
    advanceTime(HALF_MS / 2)
    await pair.held('/free/shared/1')
    await pair.purge({ tags: ['red'] })
    advanceTime(HALF_MS / 2)
    await pair.read(pair.there, '/free/shared/2')
    // The model of the cache is not shared: that the copy comes from pair.there shows that memory did not give it.
    expect((await pair.read(pair.there, '/free/shared/1')).cache).toBe('hit')
  })
})
