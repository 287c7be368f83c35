import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ask, withToken, createWorld, type World } from '../../support/world.ts'

let world: World

beforeEach(async () => {
  world = await createWorld()
})
afterEach(() => {
  vi.useRealTimers()
  world.end()
})

describe('an origin that fails', () => {
  it('to connect is 502 origin-unreachable', async () => {
    world.origin = () => {
      throw new TypeError('Network connection lost.')
    }
    const response = await ask('/articles/1', withToken(await world.token()))
    expect(response.status).toBe(502)
    expect(await response.json()).toMatchObject({ reason: 'origin-unreachable' })
  })

  it('to answer in time is 504 origin-timeout', async () => {
    const token = await world.token()
    await ask('/articles/1', withToken(token))
    vi.useFakeTimers()
    world.origin = (request) =>
      new Promise((_resolve, reject) => {
        request.signal.addEventListener('abort', () => reject(new Error('aborted')))
        queueMicrotask(() => vi.advanceTimersByTime(10_000))
      })
    const response = await ask('/articles/1', withToken(token))
    expect(response.status).toBe(504)
    expect(await response.json()).toMatchObject({ reason: 'origin-timeout' })
  })

  it.each([
    [522, 502],
    [523, 502],
    [524, 504],
  ])('behind Cloudflare with %i is %i', async (status, expected) => {
    world.origin = () => new Response('error code', { status })
    expect((await ask('/articles/1', withToken(await world.token()))).status).toBe(expected)
  })

  it('with an error of its own is passed on', async () => {
    world.origin = () => new Response('sorry', { status: 500 })
    const response = await ask('/articles/1', withToken(await world.token()))
    expect(response.status).toBe(500)
    expect(await response.text()).toBe('sorry')
  })

  it('cannot pass its answer for a failure of the gate', async () => {
    world.origin = () => new Response('page', { headers: { 'faregate-failure': 'origin-timeout' } })
    const response = await ask('/articles/1', withToken(await world.token()))
    expect(response.status).toBe(200)
    expect(response.headers.get('faregate-failure')).toBeNull()
  })
})

describe('the Origin entrypoint', () => {
  it('refuses a call that names no zone', async () => {
    const { exports } = await import('cloudflare:workers')
    const entrypoint = (exports as unknown as { Origin: Fetcher }).Origin
    const response = await entrypoint.fetch('https://news.test/articles/1')
    expect(response.status).toBe(503)
    expect(await response.json()).toMatchObject({ reason: 'misconfigured' })
    expect(world.received).toEqual([])
  })
})
