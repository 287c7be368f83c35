import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { sign } from '../support/issuer.ts'
import { BILLING, IDENTITY, makeParties, type Parties } from '../tokens/hostile/parties.ts'
import { BOUND_MS, feedOptions, FeedWorld, HOUR, OPERATOR, OURS } from './world.ts'

let parties: Parties
let world: FeedWorld

beforeAll(async () => {
  parties = await makeParties()
})
beforeEach(() => {
  world = new FeedWorld(parties)
})
afterEach(() => vi.restoreAllMocks())

const settle = (): void => void (world.now += BOUND_MS)

describe('a podcast app', () => {
  it('asks by HEAD and for parts, and for files that the feed points at with the same token', async () => {
    const { path, token } = await world.make('/feed/podcast.xml')
    world.answer = ({ headers, method }) => {
      const isPart = headers.get('range') !== null
      const fields = { etag: '"1"', 'content-length': '4', ...(isPart && { 'content-range': 'bytes 0-3/9' }) }
      return new Response(method === 'HEAD' ? null : 'part', { status: isPart ? 206 : 200, headers: fields })
    }
    expect((await world.ask(path, { method: 'HEAD' })).status).toBe(200)
    const file = `/feed/episodes/1.mp3?token=${token}`
    const part = await world.ask(file, { headers: { range: 'bytes=0-3' } })
    expect([part.status, part.headers.get('content-range')]).toEqual([206, 'bytes 0-3/9'])
    expect(world.received.map(({ url }) => new URL(url).search)).toEqual(['', ''])
  })

  it('uses up the quota of its owner’s plan, once for all parts of a file', async () => {
    const limits = [{ name: 'downloads', quota: 2, unit: 'downloads', window: 86_400 }]
    const { token } = await world.make('/counted/1', await world.token({ limits }))
    world.answer = () =>
      new Response('part', {
        status: 206,
        headers: { etag: '"1"', 'content-range': 'bytes 0-3/9', 'content-length': '4' },
      })
    for (const at of [0, 1, 2, 3]) {
      const headers = { range: `bytes=${at}-${at + 3}` }
      expect((await world.ask(`/counted/1?token=${token}`, { headers })).status).toBe(206)
    }
    expect((await world.ask(`/counted/2?token=${token}`)).status).toBe(206)
    expect(await world.reason(`/counted/3?token=${token}`)).toBe('402 usage-limit-reached')
  })

  it('spends no credit, however much there is', async () => {
    const { path } = await world.make('/dear/1')
    expect(await world.reason(path)).toBe('402 payment-required')
    const page = await world.ask(path, { headers: { accept: 'text/html', 'sec-fetch-site': 'same-origin' } })
    expect([page.status, await page.text()]).toEqual([402, expect.not.stringContaining('<form')])
    expect(world.calls.filter((call) => call === 'charge' || call === 'apply')).toEqual([])
    expect(world.received).toEqual([])
  })
})

describe('a feed', () => {
  it('opens no WebSocket, by which more than reading is done', async () => {
    const { path } = await world.make('/live/1')
    const headers = { upgrade: 'websocket', connection: 'upgrade' }
    expect(await world.reason(path, { headers })).toBe('402 payment-required')
    expect(await world.reason(path)).toBe('200')
  })

  it('that is removed ends what is still on its way', async () => {
    const [first, second] = [await world.make(), await world.make()]
    const presented = await world.presented('/feed/1', second.token)
    const stands = async (): Promise<boolean | undefined> => {
      const call = { now: world.now, waitUntil: () => undefined }
      return (await world.services.resolveStanding(presented, world.zone, call))?.every(({ proof }) => proof.ok)
    }
    await world.order({ action: 'remove', id: first.id })
    expect(await stands()).toBe(true)
    await world.order({ action: 'remove', id: second.id })
    expect(await stands()).toBe(false)
  })

  it('of a held account is refused until the hold is lifted', async () => {
    const { path } = await world.make()
    for (const [isLifted, reason] of [
      [false, '402 security-hold'],
      [true, '200'],
    ] as const) {
      world.now += HOUR
      await world.tell({ kind: 'hold', isLifted })
      settle()
      expect(await world.reason(path)).toBe(reason)
      // Read while it is held, it must not stay so.
      world.renew()
      expect(await world.reason(path)).toBe(reason)
    }
  })

  it('of an erased account opens nothing: here at once, elsewhere within the bound, and on routes that count nothing', async () => {
    const { path } = await world.make()
    const other = world.isolate()
    expect([(await world.ask(path)).status, (await other.ask(path)).status]).toEqual([200, 200])
    const iat = Math.floor(world.now / 1000)
    const claims = { iss: OPERATOR, aud: OURS, sub: 'night-shift', scope: 'erase', iat, exp: iat + 300 }
    const authorization = `Bearer ${await sign(parties.rsa, claims, { typ: 'operator+jwt' })}`
    const headers = { authorization, 'content-type': 'application/json' }
    const body = JSON.stringify({ account: 'ann', issuer: BILLING })
    expect((await world.ask('/__faregate/erase', { method: 'POST', headers, body })).status).toBe(200)
    const [here, elsewhere] = [await world.ask(path), ((world.now += BOUND_MS), await other.ask(path))]
    for (const { status } of [here, elsewhere]) expect([401, 402]).toContain(status)
    // No later token of the account brings it back.
    world.now += HOUR
    await world.order(undefined)
    settle()
    world.renew()
    expect((await world.ask(path)).status).not.toBe(200)
  })

  it('whose token is pasted into the URL of an endpoint is told to no page by Referer', async () => {
    const { token } = await world.make()
    world.forget()
    for (const path of ['account', 'nothing', 'explain?url=/feed/1']) {
      const sent = `/__faregate/${path}${path.includes('?') ? '&' : '?'}token=${token}`
      expect((await world.ask(sent)).headers.get('referrer-policy')).toBe('no-referrer')
      expect((await world.ask(`/__faregate/${path}`)).headers.get('referrer-policy')).not.toBe('no-referrer')
    }
    expect(world.everything()).not.toContain(token)
  })

  it('ends when its owner’s tokens are revoked, until the owner shows a new one', async () => {
    const { path } = await world.make()
    world.now += HOUR
    await world.tell({ kind: 'tokens-revoked' })
    settle()
    expect(await world.reason(path)).toBe('402 subscription-inactive')
    await world.order(undefined)
    settle()
    expect(await world.reason(path)).toBe('200')
  })

  it('of an account for which another speaks has what that one says, however fresh the login', async () => {
    const given = feedOptions(parties)
    const zones = given.zones.map((zone) => {
      const [billing, ...others] = zone.issuers
      return { ...zone, issuers: [{ ...billing, speaksFor: [IDENTITY] }, ...others] }
    })
    world = new FeedWorld(parties, { ...given, zones })
    const { path } = await world.make('/feed/1', await world.foreignToken())
    expect(await world.reason(path)).toBe('200')
    world.now += HOUR
    await world.tell({ kind: 'standing', standing: 'inactive' }, 'ann', IDENTITY)
    settle()
    expect(await world.reason(path)).toBe('402 subscription-inactive')
    for (const isNew of [false, true]) {
      world.now += 48 * HOUR
      await world.order(undefined, await world.foreignToken())
      settle()
      if (isNew) world.renew()
      expect(await world.reason(path)).toBe('402 subscription-inactive')
    }
    await world.tell({ kind: 'standing', standing: 'active' }, 'ann', IDENTITY)
    settle()
    expect(await world.reason(path)).toBe('200')
  })

  it('made with a token of a stolen key opens nothing once that key is distrusted', async () => {
    const { path } = await world.make()
    expect(await world.reason(path)).toBe('200')
    const [signer] = await world.signers()
    if (signer === undefined) throw new Error('no thumbprint')
    await world.distrust(signer)
    settle()
    expect(await world.reason(path)).toMatch(/^402/)
    world.renew()
    expect(await world.reason(path)).toMatch(/^402/)
  })

  it('is refused with 503 while its record cannot be read, and serves nothing', async () => {
    const { path } = await world.make()
    world.renew()
    world.isDown = true
    expect(await world.reason(path)).toBe('503 standing-unavailable')
    expect(world.received).toEqual([])
  })

  it('of a site whose secret was replaced goes on while both are configured, and ends with the older one', async () => {
    const { path } = await world.make()
    const given = feedOptions(parties)
    const newer = { generation: 2, secret: 'OLDER_SECRET' }
    world.renew({ ...given, secrets: { gate: [newer, { generation: 1, secret: 'GATE_SECRET' }] } })
    expect(await world.reason(path)).toBe('200')
    const next = await world.make('/feed/2')
    expect(await world.reason(next.path)).toBe('200')
    world.renew({ ...given, secrets: { gate: [newer] } })
    expect(await world.reason(path)).toBe('402 credential-invalid')
    expect(await world.reason(next.path)).toBe('200')
  })

  it('of a route that the configuration lists no more opens nothing', async () => {
    const { path } = await world.make('/live/1')
    const given = feedOptions(parties)
    const { bearer, feeds } = await import('../../src/index.ts')
    const rails = [bearer(), feeds({ routes: ['/feed/*'] })]
    world.renew({ ...given, zones: given.zones.map((zone) => ({ ...zone, rails })) })
    expect(await world.reason(path)).toBe('402 payment-required')
    expect(world.received).toEqual([])
  })

  it('gives way to what signs its reader in, and to nothing less', async () => {
    const { path } = await world.make()
    const other = `Bearer ${await world.token({ sub: 'bob', entitlements: [] })}`
    expect(await world.reason(path, { headers: { authorization: other } })).toBe('402 entitlement-insufficient')
    const cookie = `__Host-faregate=${await world.token({ sub: 'bob', entitlements: [] })}`
    expect(await world.reason(path, { headers: { cookie } })).toBe('200')
  })

  it('is explained to its owner without its token', async () => {
    const { path, token } = await world.make()
    const response = await world.ask(`/__faregate/explain?target=${encodeURIComponent(path)}`)
    const text = await response.text()
    expect(JSON.parse(text)).toMatchObject({ target: { canonical: '/feed/1' }, decision: { action: 'serve' } })
    expect(text).not.toContain(token.split('.')[2])
  })
})
