import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { makeParties, type Parties } from '../tokens/hostile/parties.ts'
import { BOUND_MS, DAY, feedOptions, FeedWorld, HOUR, madeOf } from './world.ts'

let parties: Parties
let world: FeedWorld

beforeAll(async () => {
  parties = await makeParties()
})
beforeEach(() => {
  world = new FeedWorld(parties)
})
afterEach(() => vi.restoreAllMocks())

/** Lets the revocation bound pass. */
const settle = (): void => void (world.now += BOUND_MS)

describe('a feed', () => {
  it('opens what its owner’s entitlement opened, for 35 days after that has ended', async () => {
    const { path } = await world.make()
    // The entitlement is good for an hour.
    for (const days of [0, 1, 1, 32, 1]) {
      world.now += days * DAY
      expect(await world.reason(path)).toBe('200')
    }
    world.now += HOUR + 60_000
    expect(await world.reason(path)).toBe('402 credential-expired')
  })

  it('opens again at the same URL once its owner has shown an entitlement, in every isolate', async () => {
    const { path } = await world.make()
    const other = world.isolate()
    expect((await other.ask(path)).status).toBe(200)
    world.now += 40 * DAY
    expect((await other.ask(path)).status).toBe(402)
    expect((await world.order(undefined)).status).toBe(200)
    settle()
    expect(await world.reason(path)).toBe('200')
    expect((await other.ask(path)).status).toBe(200)
  })

  it('goes on for as long as billing says that the subscription is active', async () => {
    const { path } = await world.make()
    for (let month = 0; month < 4; month += 1) {
      world.now += 30 * DAY
      await world.tell({ kind: 'standing', standing: 'active' })
      settle()
      expect(await world.reason(path)).toBe('200')
    }
    world.now += 36 * DAY
    expect(await world.reason(path)).toBe('402 credential-expired')
  })

  it.each([
    ['inactive', '402 subscription-inactive'],
    ['past-due', '402 payment-declined'],
    ['on-hold', '402 security-hold'],
  ])(
    'is refused for the right reason while the subscription is %s, and the URL works again after it',
    async (standing, refused) => {
      const { path } = await world.make()
      expect(await world.reason(path)).toBe('200')
      world.now += HOUR
      await world.tell({ kind: 'standing', standing })
      settle()
      expect(await world.reason(path)).toBe(refused)
      for (const days of [20, 20, 20]) {
        world.now += days * DAY
        expect(await world.reason(path)).toBe(refused)
      }
      world.renew()
      expect(await world.reason(path)).toBe(refused)
      await world.tell({ kind: 'standing', standing: 'active' })
      settle()
      expect(await world.reason(path)).toBe('200')
    },
  )

  it('of an account that moved to a lesser plan opens what that has, and no more, however long ago it moved', async () => {
    const [dear, cheap] = [await world.make('/feed/1'), await world.make('/live/1')]
    await world.tell({ kind: 'entitlements', names: ['basic'], at: world.now / 1000 + 1 })
    world.now += 1000
    settle()
    for (let month = 0; month < 3; month += 1) {
      expect(await world.reason(dear.path)).toBe('402 entitlement-insufficient')
      expect(await world.reason(cheap.path)).toBe('200')
      world.now += 30 * DAY
      await world.tell({ kind: 'standing', standing: 'active' })
      settle()
      world.renew()
    }
  })

  it('of an account whose entitlement became another has that of its next visit', async () => {
    const { path } = await world.make('/live/1')
    world.now += HOUR
    await world.order({ action: 'list' }, await world.token({ entitlements: ['other'] }))
    settle()
    expect(await world.reason(path)).toBe('402 entitlement-insufficient')
  })

  it('does not go back to what an earlier token opened', async () => {
    const [old, lesser] = [
      await world.token(),
      await world.token({ entitlements: ['other'], iat: world.now / 1000 + 2 }),
    ]
    const { path } = await world.make('/feed/1', old)
    world.now += 2000
    await world.order({ action: 'list' }, lesser)
    await world.order({ action: 'list' }, old)
    settle()
    expect(await world.reason(path)).toBe('402 entitlement-insufficient')
  })

  it('hears of an event that comes late, and of one that is older than its last reading', async () => {
    const { path } = await world.make()
    world.now += 2 * HOUR
    expect(await world.reason(path)).toBe('200')
    await world.tell({ kind: 'standing', standing: 'inactive', at: world.now / 1000 - 3600 })
    settle()
    expect(await world.reason(path)).toBe('402 subscription-inactive')
    world.now += 6 * DAY
    await world.tell({ kind: 'standing', standing: 'past-due', at: world.now / 1000 - 5 * 86_400 })
    settle()
    expect(await world.reason(path)).toBe('402 payment-declined')
  })

  it('of an issuer that nobody tells about ends with the entitlement that made it', async () => {
    const { path } = await world.make('/feed/1', await world.foreignToken())
    expect(await world.reason(path)).toBe('200')
    world.now += HOUR + 5000
    expect(await world.reason(path)).toBe('402 credential-expired')
    await world.order(undefined, await world.foreignToken())
    settle()
    expect(await world.reason(path)).toBe('200')
  })

  it('ends with the entitlement as well where the gate takes no events', async () => {
    const given = feedOptions(parties)
    const endpoints = (given.endpoints ?? []).filter(({ path }) => path !== 'events')
    world = new FeedWorld(parties, { ...given, endpoints })
    const { path } = await world.make()
    world.now += HOUR + 5000
    expect(await world.reason(path)).toBe('402 credential-expired')
  })
})

describe('a feed’s URL that is replaced', () => {
  it('stops at once, everywhere within the bound, and the new one works', async () => {
    const { id, path } = await world.make()
    const other = world.isolate()
    await other.ask(path)
    const next = await madeOf(await world.order({ action: 'rotate', id }))
    expect([next.id, next.path === path]).toEqual([id, false])
    settle()
    for (const { ask } of [world, other]) {
      expect((await ask(path)).status).toBe(402)
      expect((await ask(next.path)).status).toBe(200)
    }
    expect(await world.reason(path)).toBe('402 credential-invalid')
  })

  it('goes on for the overlap that its owner chose, and not a moment longer', async () => {
    const { id, path } = await world.make()
    const next = await madeOf(await world.order({ action: 'rotate', id, overlapSeconds: 3600 }))
    world.now += HOUR - 1
    for (const one of [path, next.path]) expect(await world.reason(one)).toBe('200')
    world.now += 1
    expect(await world.reason(path)).toBe('402 credential-invalid')
    expect(await world.reason(next.path)).toBe('200')
  })

  it('ends for good if the feed is removed, and the account has room for another', async () => {
    const { id, path } = await world.make()
    for (const other of ['/feed/2', '/feed/3']) await world.make(other)
    expect((await world.order({ action: 'create', name: 'tv', path: '/feed/1' })).status).toBe(409)
    expect((await world.order({ action: 'remove', id })).status).toBe(200)
    settle()
    expect(await world.reason(path)).toBe('402 credential-invalid')
    expect((await world.order({ action: 'create', name: 'tv', path: '/feed/1' })).status).toBe(200)
    expect((await world.order({ action: 'remove', id })).status).toBe(404)
    expect((await world.order({ action: 'rotate', id })).status).toBe(404)
  })
})

describe('a feed that is asked for often', () => {
  it('costs one call to a ledger for each isolate and day, and an invented token none', async () => {
    const { path, token } = await world.make()
    world.renew()
    world.forget()
    for (let hour = 0; hour < 20; hour += 1) {
      expect(await world.reason(path)).toBe('200')
      world.now += HOUR
    }
    expect(world.calls).toEqual(['useCredential'])
    for (let at = 0; at < token.length; at += 7) {
      const invented = `${token.slice(0, at)}${token[at] === 'Q' ? 'g' : 'Q'}${token.slice(at + 1)}`
      expect(await world.reason(`/feed/1?token=${invented}`)).toMatch(/^402/)
    }
    expect(world.calls).toEqual(['useCredential'])
  })
})
