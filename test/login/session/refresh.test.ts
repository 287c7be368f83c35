import { afterEach, describe, expect, it, vi } from 'vitest'
import { sealSecrets, unsealSecrets } from '../../../src/login/session/kept.ts'
import { SessionWorld } from './world.ts'

afterEach(() => vi.restoreAllMocks())

describe('a renewal', () => {
  it('keeps the refresh token and the hint that the other side does not replace', async () => {
    const world = await SessionWorld.make()
    const reader = await world.reader()
    const asked: unknown[] = []
    world.other.answer = ({ refresh, hint }) => {
      asked.push([refresh, hint])
      return { kind: 'renewed', claims: world.other.stated() }
    }
    for (let visit = 0; visit < 3; visit++) {
      world.now += 61_000
      expect(await reader.reason('/paid/1')).toBe('200')
    }
    expect(asked).toEqual(Array.from({ length: 3 }, () => ['refresh-0-secret', 'id-token-secret']))
    world.other.answer = ({ refresh, hint }) => {
      asked.push([refresh, hint])
      return { kind: 'renewed', claims: world.other.stated(), refresh: 'second', hint: 'other' }
    }
    for (let visit = 0; visit < 2; visit++) {
      world.now += 61_000
      await reader.ask('/paid/1')
    }
    expect(asked.at(-1)).toEqual(['second', 'other'])
  })

  it('that nobody answers is tried every five seconds at most: no ledger is asked at each request', async () => {
    const world = await SessionWorld.make()
    const reader = await world.reader()
    const leases = (): number => world.calls.filter((name) => name === 'leaseSession').length
    world.other.answer = () => ({ kind: 'unavailable' })
    world.now += 61_000
    for (let visit = 0; visit < 5; visit++) expect(await reader.reason('/paid/1')).toBe('200')
    expect(leases()).toBe(1)
    world.now += 60_000
    for (let visit = 0; visit < 5; visit++) expect(await reader.reason('/paid/1')).toBe('503 standing-unavailable')
    expect(leases()).toBe(2)
  })

  it('is made anew for a tab whose cookie was replaced so long ago that the new one is old, too', async () => {
    const world = await SessionWorld.make()
    const reader = await world.reader()
    const tab = reader.copy()
    world.now += 61_000
    await reader.ask('/paid/1')
    world.now += 130_000
    expect(await tab.reason('/paid/1')).toBe('200')
    expect(world.other.renewals).toBe(2)
  })

  it('that comes after its lease has ended, and another has renewed, gives no cookie', async () => {
    const world = await SessionWorld.make()
    const reader = await world.reader()
    const other = reader.copy()
    const [begun, answered] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    world.other.answer = async ({ refresh }, times) => {
      if (times > 1) return { kind: 'renewed', claims: world.other.stated(), refresh: 'of the second' }
      begun.resolve()
      await answered.promise
      return { kind: 'renewed', claims: world.other.stated({ entitlements: ['extra'] }), refresh: refresh ?? '' }
    }
    world.now += 61_000
    const [before, slow] = [reader.cookie, reader.reason('/paid/1')]
    await begun.promise
    world.now += 16_000
    expect(await other.reason('/paid/1', {}, world.isolate())).toBe('200')
    answered.resolve()
    expect([await slow, reader.cookie]).toEqual(['200', before])
    expect((await world.kept()).map(({ entitlements }) => entitlements)).toEqual([['premium']])
  })
})

describe('what renews a session', () => {
  it('is of no use to another session: sealed for one, it opens for that one alone', async () => {
    const { zone } = await SessionWorld.make()
    if (zone.gateKeys === undefined) throw new Error('no keys')
    const secrets = { refresh: 'r', hint: 'h' }
    const sealed = await sealSecrets(secrets, 'one', zone.gateKeys, zone)
    expect(await unsealSecrets(sealed, 'one', zone)).toEqual(secrets)
    expect(await unsealSecrets(sealed, 'other', zone)).toBeUndefined()
    expect(await unsealSecrets(sealed, 'one', { ...zone, id: 'abroad' })).toBeUndefined()
  })

  it('is of an account of its login: a session for another issuer is a bug, and is not opened', async () => {
    const world = await SessionWorld.make()
    const claims = world.other.stated({ issuer: 'https://evil.example' })
    await expect(world.signIn({ claims })).rejects.toThrow("another issuer's account")
    expect(await world.kept()).toEqual([])
  })
})
