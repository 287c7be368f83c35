import { afterEach, describe, expect, it, vi } from 'vitest'
import { FETCH, NAVIGATION, SessionWorld } from './world.ts'

afterEach(() => vi.restoreAllMocks())

describe('a reader who has signed in', () => {
  it('reads for an hour on tokens of a minute, pages and what they fetch, without a refusal', async () => {
    const world = await SessionWorld.make()
    const reader = await world.reader()
    const seen = new Set<string>()
    for (let second = 0; second < 3600; second += 20) {
      seen.add(await reader.reason(`/paid/${second}`, { kind: second % 60 === 0 ? NAVIGATION : FETCH }))
      world.now += 20_000
    }
    expect([...seen]).toEqual(['200'])
    expect(world.other.renewals).toBeGreaterThan(50)
    expect(world.other.renewals).toBeLessThanOrEqual(60)
    expect(await world.kept()).toHaveLength(1)
  })
})
