import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Browser } from './browser.ts'
import { NAVIGATION, SessionWorld } from './world.ts'

afterEach(() => vi.restoreAllMocks())

/** Reads with a cookie that is due to be renewed. */
async function renewing(path: string, init: RequestInit = {}): Promise<Response> {
  const world = await SessionWorld.make()
  const reader = await world.reader()
  world.now += 90_000
  return reader.ask(path, init)
}

describe('a renewed cookie', () => {
  it.each(['/free/1', '/paid/1', '/other/1', '/counted/1'])(
    'that left with %s could be kept by a cache before the gate, for the next reader',
    async (path) => {
      const answer = await renewing(path)
      expect(answer.headers.getSetCookie()).toHaveLength(1)
      expect(answer.headers.get('cache-control')).toBe('private, no-cache')
    },
  )

  it('leaves with an answer to HEAD as with one to GET', async () => {
    const answer = await renewing('/free/1', { method: 'HEAD' })
    expect(answer.headers.getSetCookie()).toHaveLength(1)
    expect(answer.headers.get('cache-control')).toBe('private, no-cache')
  })

  it('leaves the page as it was for everybody else', async () => {
    const world = await SessionWorld.make()
    const reader = await world.reader()
    for (const asked of [await reader.ask('/free/1'), await world.ask('/free/1')])
      expect(asked.headers.get('cache-control')).toBe('max-age=60')
  })

  it('is in no copy: neither from memory nor from the store', async () => {
    const world = await SessionWorld.make()
    const [one, other] = [await world.reader(), await world.reader()]
    world.now += 90_000
    const cookies = new Set<string>()
    const seen = async (by: Browser): Promise<readonly string[]> =>
      (await by.ask('/paid/1', { kind: NAVIGATION })).headers.getSetCookie()
    for (const cookie of await seen(one)) cookies.add(cookie)
    expect(await seen(one)).toEqual([])
    for (const cookie of await seen(other)) cookies.add(cookie)
    expect(cookies.size).toBe(2)
    for (let visit = 0; visit < 3; visit++) expect([await seen(one), await seen(other)]).toEqual([[], []])
  })
})
