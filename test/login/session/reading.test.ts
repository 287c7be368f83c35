import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Browser } from './browser.ts'
import { BINDINGS, DAY, FETCH, HOUR, NAVIGATION, SessionWorld, TIMES } from './world.ts'

afterEach(() => vi.restoreAllMocks())

/** Reads on for so many seconds, every so often. Returns what came of it. */
async function read(world: SessionWorld, reader: Browser, seconds: number, every = 20): Promise<readonly string[]> {
  const seen = new Set<string>()
  for (let second = 0; second < seconds; second += every) {
    seen.add(await reader.reason(`/paid/${second}`, { kind: second % 60 === 0 ? NAVIGATION : FETCH }))
    await world.first.settle()
    world.now += every * 1000
  }
  return [...seen]
}

describe('a reader who has signed in', () => {
  it('reads for an hour on tokens of a minute, pages and what they fetch, without a refusal', async () => {
    const world = await SessionWorld.make()
    const reader = await world.reader()
    expect(await read(world, reader, 3600)).toEqual(['200'])
    expect(world.other.renewals).toBeGreaterThan(50)
    expect(world.other.renewals).toBeLessThanOrEqual(60)
    expect(await world.kept()).toHaveLength(1)
  })

  it('has a cookie that scripts, other sites and other hosts do not get', async () => {
    const world = await SessionWorld.make()
    const [cookie = ''] = (await world.signIn()).cookies
    expect(cookie).toMatch(/^__Host-faregate=[\w.-]+; Path=\/; Max-Age=86400; Secure; HttpOnly; SameSite=Lax$/)
    expect(cookie.length).toBeLessThan(600)
  })

  it('waits for nobody and opens nothing anew while the claims are young', async () => {
    const world = await SessionWorld.make()
    const reader = await world.reader()
    await reader.ask('/paid/1')
    const decrypt = vi.spyOn(crypto.subtle, 'decrypt')
    world.calls.length = 0
    for (let visit = 0; visit < 5; visit++) expect(await reader.reason('/paid/1')).toBe('200')
    expect(world.calls).toEqual([])
    expect(decrypt).not.toHaveBeenCalled()
  })

  it('opens what its claims say, and is refused what they do not', async () => {
    const world = await SessionWorld.make()
    world.other.claims = { ...world.other.stated(), entitlements: ['extra'] }
    const reader = await world.reader()
    expect(await reader.reason('/other/1')).toBe('200')
    expect(await reader.reason('/paid/1')).toBe('402 entitlement-insufficient')
  })

  it('has a quota counted as with a token', async () => {
    const world = await SessionWorld.make()
    const reader = await world.reader()
    const answer = await reader.ask('/counted/1')
    expect([answer.status, answer.headers.get('ratelimit')]).toEqual([200, expect.stringContaining('r=999')])
  })

  it('fits a token of 12 kB into a kilobyte: what no route asks for stays away', async () => {
    const world = await SessionWorld.make()
    const many = Array.from({ length: 500 }, (_, at) => `entitlement-number-${at}`)
    world.other.claims = { ...world.other.stated(), entitlements: [...many, 'premium'] }
    const reader = await world.reader()
    expect(reader.cookie?.length).toBeLessThanOrEqual(1024)
    expect(await read(world, reader, 300)).toEqual(['200'])
    expect(reader.cookie?.length).toBeLessThanOrEqual(1024)
  })

  it('is told plainly if the claims fit no cookie', async () => {
    const world = await SessionWorld.make()
    world.other.claims = { ...world.other.stated(), account: 'a'.repeat(900) }
    await expect(world.signIn()).rejects.toThrow('too-large')
    await expect(
      world.signIn({ claims: world.other.stated({ account: 'ann' }), refresh: 'r'.repeat(20_000) }),
    ).rejects.toThrow('too-large')
  })

  it('is signed in again after a day without a visit, and not before', async () => {
    const world = await SessionWorld.make()
    const reader = await world.reader()
    world.now += DAY - HOUR
    expect(await reader.reason('/paid/1')).toBe('200')
    world.now += DAY - HOUR
    expect(await reader.reason('/paid/1')).toBe('200')
    world.now += DAY
    const answer = await reader.ask('/paid/1')
    expect(await answer.json()).toMatchObject({ reason: 'credential-expired' })
    expect(reader.cookie).toBeUndefined()
    expect(await world.kept()).toEqual([])
  })

  it('is not followed by a copy of an old cookie for longer than a browser would have kept it', async () => {
    const world = await SessionWorld.make()
    const reader = await world.reader()
    const [thief, late] = [reader.copy(), reader.copy()]
    for (let visit = 0; visit < 4; visit++) {
      world.now += DAY / 4
      expect(await reader.reason('/paid/1')).toBe('200')
    }
    expect(await late.reason('/paid/1')).toBe('200')
    world.now += HOUR
    expect(await thief.reason('/paid/1')).toBe('402 credential-expired')
    expect(thief.cookie).toBeUndefined()
    expect(await reader.reason('/paid/1')).toBe('200')
  })

  it('leaves no refresh token, hint or cookie in any answer, line or store', async () => {
    const world = await SessionWorld.make()
    const reader = await world.reader()
    await read(world, reader, 300)
    const exported = JSON.stringify(await world.kept())
    for (const secret of ['refresh-', 'id-token-secret', reader.cookie ?? '']) {
      expect(exported).not.toContain(secret)
      expect(world.everything().replaceAll(/set-cookie: [^\n]*/g, '')).not.toContain(secret)
    }
  })
})

describe('the sessions of an account', () => {
  it('are twenty at most: the one that was renewed least lately goes', async () => {
    const world = await SessionWorld.make({ times: { seconds: DAY / 1000, renewSeconds: 3600 } })
    const first = await world.reader()
    for (let at = 0; at < 20; at++) {
      world.now += 1000
      await world.reader()
    }
    expect(await world.kept()).toHaveLength(20)
    world.now += 3_600_000
    expect(await first.reason('/paid/1')).toBe('402 credential-expired')
  })

  it('are replaced by the next one of the same browser', async () => {
    const world = await SessionWorld.make()
    const reader = await world.reader()
    const thief = reader.copy()
    const again = await world.signIn({}, reader)
    reader.take(again.cookies)
    expect((await world.kept()).map(({ id }) => id)).toEqual([again.sid])
    expect(await reader.reason('/paid/1')).toBe('200')
    expect(await thief.reason('/paid/1')).toBe('402 credential-expired')
    expect(world.other.revoked).toEqual([])
  })

  it('are not opened on a platform without ledgers, which says so from the start', async () => {
    const world = await SessionWorld.make()
    const isolate = world.isolate(world.given, BINDINGS, false)
    expect(world.everything()).toContain('nobody can sign in to these zones')
    await expect(world.signIn({}, undefined, isolate)).rejects.toThrow('ledger-unavailable')
    const reader = await world.reader()
    world.now += 130_000
    expect(await reader.reason('/paid/1', {}, isolate)).toBe('503 standing-unavailable')
    expect(world.other.renewals).toBe(0)
  })

  it('need a ledger: without one nobody is signed in', async () => {
    const world = await SessionWorld.make()
    world.isDown = true
    await expect(world.signIn()).rejects.toThrow('ledger-unavailable')
  })

  it.each([
    [{ seconds: 60 }, 'zones[0].rails[1].seconds'],
    [{ renewSeconds: 1.5 }, 'zones[0].rails[1].renewSeconds'],
    [{ ...TIMES, renewSeconds: 50_000 }, 'zones[0].rails[1].renewSeconds'],
  ])('have times that fit each other: not %j', async (times, path) => {
    await expect(SessionWorld.make({ times }).then((world) => world.services)).rejects.toThrow(path)
  })
})
