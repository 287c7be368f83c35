import { afterEach, describe, expect, it, vi } from 'vitest'
import { FETCH, NAVIGATION, SessionWorld } from './world.ts'

afterEach(() => vi.restoreAllMocks())

describe('a renewal', () => {
  it('is made once, whoever asks at the same time, and all get the same claims', async () => {
    const world = await SessionWorld.make()
    const reader = await world.reader()
    const [other, isolate] = [reader.copy(), world.isolate()]
    world.now += 130_000
    const asked = [
      reader.reason('/paid/1'),
      other.reason('/paid/2', { kind: FETCH }),
      reader.copy().reason('/paid/3', {}, isolate),
      other.copy().reason('/paid/4', {}, isolate),
    ]
    expect(await Promise.all(asked)).toEqual(['200', '200', '200', '200'])
    expect(world.other.renewals).toBe(1)
    world.now += 130_000
    expect(await other.reason('/paid/1', {}, isolate)).toBe('200')
    expect(await reader.reason('/paid/1')).toBe('200')
    expect(world.other.renewals).toBe(2)
  })

  it('is made anew for a browser that left before its new cookie came, and is back later', async () => {
    const world = await SessionWorld.make()
    const reader = await world.reader()
    const left = reader.copy()
    world.now += 70_000
    await left.ask('/paid/1')
    for (const ms of [30_000, 100_000, 3_600_000]) {
      world.now += ms
      expect(await reader.copy().reason('/paid/1', {}, world.isolate())).toBe('200')
    }
    expect(world.other.renewals).toBe(3)
  })

  it('is handed to a tab that still has the old cookie', async () => {
    const world = await SessionWorld.make()
    const reader = await world.reader()
    const tab = reader.copy()
    world.now += 70_000
    await reader.ask('/paid/1')
    await tab.ask('/paid/1')
    expect(tab.cookie).toBe(reader.cookie)
    expect(world.other.renewals).toBe(1)
  })

  it.each([
    ['a prefetch', { ...NAVIGATION, 'sec-purpose': 'prefetch' }, '503 prefetch-declined'],
    [
      'an image of another site',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' },
      '402 credential-expired',
    ],
  ])('is not made for %s', async (_what, kind, answered) => {
    const world = await SessionWorld.make()
    const reader = await world.reader()
    world.now += 70_000
    expect(await reader.reason('/paid/1', { kind })).toBe('200')
    expect(world.other.renewals).toBe(0)
    world.now += 60_000
    expect(await reader.reason('/paid/1', { kind })).toBe(answered)
    expect(world.other.renewals).toBe(0)
    expect(await reader.reason('/paid/1')).toBe('200')
  })

  it('that nobody answers refuses nothing until the claims end, and is not asked for at each request', async () => {
    const world = await SessionWorld.make()
    const reader = await world.reader()
    world.other.answer = () => ({ kind: 'unavailable' })
    world.now += 61_000
    for (let visit = 0; visit < 5; visit++) expect(await reader.reason('/paid/1')).toBe('200')
    expect(world.other.renewals).toBe(1)
    world.now += 60_000
    for (let visit = 0; visit < 3; visit++) expect(await reader.reason('/paid/1')).toBe('503 standing-unavailable')
    expect(world.other.renewals).toBe(2)
    world.other.answer = undefined
    world.now += 20_000
    expect(await reader.reason('/paid/1')).toBe('200')
  })

  it('that is answered late is waited for three seconds, and is not lost', async () => {
    const world = await SessionWorld.make()
    const reader = await world.reader()
    const [begun, answered] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    world.other.answer = async (renewed) => {
      begun.resolve()
      await answered.promise
      return world.other.rotate(renewed)
    }
    world.now += 61_000
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const asked = reader.reason('/paid/1')
    // The request looks every few milliseconds whether the bulletin has been read.
    await vi.advanceTimersByTimeAsync(10)
    await begun.promise
    await vi.advanceTimersByTimeAsync(3000)
    vi.useRealTimers()
    const before = reader.cookie
    expect([await asked, reader.cookie]).toEqual(['200', before])
    answered.resolve()
    await world.first.settle()
    expect(await reader.reason('/paid/1')).toBe('200')
    expect([reader.cookie === before, world.other.renewals]).toEqual([false, 1])
  })

  it('by a login that throws is one that nobody answers', async () => {
    const world = await SessionWorld.make()
    const reader = await world.reader()
    world.other.answer = () => Promise.reject(new Error('secret of the login'))
    world.now += 61_000
    expect(await reader.reason('/paid/1')).toBe('200')
    world.now += 60_000
    expect(await reader.reason('/paid/1')).toBe('503 standing-unavailable')
    expect(world.everything()).not.toContain('secret of the login')
  })

  it('waits for no ledger that is down while the claims are good, and opens nothing afterwards', async () => {
    const world = await SessionWorld.make()
    const reader = await world.reader()
    await reader.ask('/paid/1')
    world.isDown = true
    world.now += 61_000
    expect(await reader.reason('/paid/1')).toBe('200')
    world.now += 60_000
    expect(await reader.reason('/paid/1')).toBe('503 standing-unavailable')
    world.isDown = false
    world.now += 6000
    expect(await reader.reason('/paid/1')).toBe('200')
  })

  it.each([
    ['the other side gives no more', () => ({ kind: 'ended' as const })],
    ['another account comes back', (world: SessionWorld) => renewedFor(world, { account: 'bob' })],
    ['another issuer comes back', (world: SessionWorld) => renewedFor(world, { issuer: 'https://evil.example' })],
    ['the claims fit no cookie any more', (world: SessionWorld) => renewedFor(world, { plan: 'p'.repeat(1000) })],
  ])('ends the session if %s', async (_what, answer) => {
    const world = await SessionWorld.make()
    const reader = await world.reader()
    const thief = reader.copy()
    world.other.answer = () => answer(world)
    world.now += 61_000
    const refused = await reader.ask('/paid/1')
    expect([refused.status, await refused.json()]).toEqual([
      402,
      expect.objectContaining({ reason: 'credential-expired' }),
    ])
    expect(reader.cookie).toBeUndefined()
    expect(await world.kept()).toEqual([])
    world.other.answer = undefined
    expect(await thief.reason('/paid/1', {}, world.isolate())).toBe('402 credential-expired')
    expect(world.other.renewals).toBe(1)
  })

  it('whose claims are of the second after its request began opens that request', async () => {
    const world = await SessionWorld.make({
      change: ({ zones, ...rest }) => ({
        ...rest,
        zones: zones.map((zone) => ({
          ...zone,
          issuers: (zone.issuers ?? []).map((issuer) => ({ ...issuer, clockToleranceSeconds: 0 })),
        })),
      }),
    })
    const reader = await world.reader()
    world.now += 130_990
    world.other.answer = async (renewed) => {
      world.now += 20
      return world.other.rotate(renewed)
    }
    expect(await reader.reason('/paid/1')).toBe('200')
  })

  it('brings what the account may open now', async () => {
    const world = await SessionWorld.make()
    const reader = await world.reader()
    world.other.claims = { ...world.other.stated(), entitlements: ['extra'] }
    world.now += 61_000
    expect(await reader.reason('/paid/1')).toBe('402 entitlement-insufficient')
    expect(await reader.reason('/other/1')).toBe('200')
  })

  it('whose answer could not be kept gives no cookie, and is asked for again', async () => {
    const world = await SessionWorld.make()
    const reader = await world.reader()
    world.before = (name) => {
      if (name === 'putSession') throw new Error('down')
    }
    world.now += 61_000
    const before = reader.cookie
    expect(await reader.reason('/paid/1')).toBe('200')
    expect(reader.cookie).toBe(before)
    // The other side takes each refresh token once: the one that it gave last is lost.
    world.before = undefined
    world.now += 20_000
    expect(await reader.reason('/paid/1')).toBe('402 credential-expired')
  })

  it('whose answer was kept, though nobody was told so, is found there', async () => {
    const world = await SessionWorld.make()
    const reader = await world.reader()
    let tries = 0
    const isolate = world.isolate()
    world.after = (name) => {
      tries += name === 'putSession' ? 1 : 0
      if (name === 'putSession' && tries === 1) throw new Error('down')
    }
    world.now += 61_000
    expect(await reader.reason('/paid/1')).toBe('200')
    expect(tries).toBe(2)
    world.now += 70_000
    expect(await reader.reason('/paid/1', {}, isolate)).toBe('200')
    expect(world.other.renewals).toBe(2)
  })
})

function renewedFor(world: SessionWorld, over: object) {
  return { kind: 'renewed' as const, claims: world.other.stated(over), refresh: 'next' }
}
