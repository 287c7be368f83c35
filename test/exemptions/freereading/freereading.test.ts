import { describe, expect, it } from 'vitest'
import { FreeReader, FreeWorld, VISIT } from './world.ts'

describe.each(['cookie', 'ledger'] as const)('free reading kept in a %s', (keep) => {
  const create = (): FreeWorld => new FreeWorld({ views: 3, keep })

  it('opens three pages, and says with the fourth when there are more', async () => {
    const world = create()
    const reader = new FreeReader(world)
    expect(await reader.statuses('/articles/1', '/articles/2', '/articles/3', '/articles/4')).toEqual([
      200, 200, 200, 402,
    ])
    const problem = await (
      await reader.open('/articles/4', { accept: 'application/json', 'sec-fetch-mode': 'navigate' })
    ).json()
    expect(problem).toMatchObject({
      reason: 'payment-required',
      facts: { views: { quota: 3, resets: '2026-12-01T00:00:00Z' } },
    })
    expect(world.lines[2]).toMatchObject({ decision: 'serve', exempt: 'free-reading' })
  })

  it('opens a page again for nothing, by whatever link', async () => {
    const reader = new FreeReader(create())
    await reader.statuses('/articles/1', '/articles/2', '/articles/3')
    const links = [
      '/articles/1',
      '/articles/1/',
      '/articles/1?utm_source=mail',
      '/articles/1?from=home',
      '/articles/%31',
    ]
    expect(await reader.statuses(...links)).toEqual([200, 200, 200, 200, 200])
    const others = ['/articles/1?page=2', '/articles/1?reference=2', '/articles/1?ref=2', '/articles/1?gclids=2']
    const cloaked = ['/articles/1?utm_source=a;page=2', '/articles/1?utm_source=a%26page=2', '/articles/1?utm_id%5b=2']
    for (const link of [...others, ...cloaked]) expect([link, await reader.statuses(link)]).toEqual([link, [402]])
  })

  it('begins anew with the month', async () => {
    const world = create()
    const reader = new FreeReader(world)
    await reader.statuses('/articles/1', '/articles/2', '/articles/3', '/articles/4')
    world.now = Date.UTC(2026, 11, 1)
    expect(await reader.statuses('/articles/4', '/articles/5', '/articles/6', '/articles/7')).toEqual([
      200, 200, 200, 402,
    ])
  })

  it('counts nothing for a page that fails, or is not there', async () => {
    const world = create()
    const reader = new FreeReader(world)
    for (const status of [500, 404, 302]) {
      world.answer = () => new Response(null, { status })
      expect([(await reader.open('/articles/1')).status, reader.cookie]).toEqual([status, undefined])
    }
    world.answer = () => new Response('the page')
    expect(await reader.statuses('/articles/1', '/articles/2', '/articles/3', '/articles/4')).toEqual([
      200, 200, 200, 402,
    ])
  })

  it('opens the routes alone that are named', async () => {
    const named = new FreeWorld({ views: 3, keep, routes: ['/articles/*'] })
    expect(await new FreeReader(named).statuses('/articles/1')).toEqual([200])
    const other = new FreeWorld({ views: 3, keep, routes: ['/other/*'] })
    expect(await new FreeReader(other).statuses('/articles/1')).toEqual([402])
  })

  it('tells pages apart by all that the origin is told, where copies are one account’s each', async () => {
    const reader = new FreeReader(create())
    const links = ['a', 'b', 'c', 'd', 'a'].map((from) => `/own/1?from=${from}`)
    expect(await reader.statuses(...links)).toEqual([200, 200, 200, 402, 200])
  })

  it('opens nothing that has a price alone', async () => {
    expect((await new FreeReader(create()).open('/reports/1')).status).toBe(402)
  })

  it('makes no object for who keeps no cookie', async () => {
    const world = new FreeWorld({ views: 3, keep, perNetwork: { views: 1_000_000, seconds: 86_400 } })
    for (let id = 0; id < 10_000; id += 1) await world.open(`/articles/${id}`)
    expect(world.opened).toEqual(new Set())
    expect(world.lines.filter(({ status }) => status === 200)).toHaveLength(10_000)
  })

  it('makes its answers private, and its cookie the reader’s alone', async () => {
    const world = create()
    world.answer = () => new Response('page', { headers: { 'cache-control': 'public, max-age=600' } })
    const response = await world.open('/articles/1')
    expect(response.headers.get('cache-control')).toMatch(/^private/)
    expect(response.headers.get('set-cookie')).toMatch(
      /^__Host-faregate-read=[\w.-]{1,380}; Path=\/; Max-Age=1771200; Secure; HttpOnly; SameSite=Lax$/,
    )
  })
})

describe('what is no view', () => {
  it.each([
    ['a prefetch', { 'sec-purpose': 'prefetch' }, 503],
    ['a frame', { 'sec-fetch-dest': 'iframe' }, 402],
    ['an image', { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }, 402],
    ['a script', { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }, 402],
    ['a part', { range: 'bytes=0-9' }, 402],
    ['what calls itself a crawler', { 'user-agent': 'Mozilla/5.0 (compatible; GPTBot/1.1)' }, 402],
    ['what does not say what it is', { 'user-agent': '' }, 402],
  ])('is %s: it opens and counts nothing', async (_what, fields, status) => {
    const reader = new FreeReader(new FreeWorld({ views: 1 }))
    expect([(await reader.open('/articles/1', fields)).status, reader.cookie]).toEqual([status, undefined])
    expect(await reader.statuses('/articles/2')).toEqual([200])
  })

  it('is HEAD', async () => {
    const reader = new FreeReader(new FreeWorld({ views: 1 }))
    expect([(await reader.open('/articles/1', {}, 'HEAD')).status, reader.cookie]).toEqual([402, undefined])
  })

  it('is a prefetch of a page that was read: it is served', async () => {
    const reader = new FreeReader(new FreeWorld({ views: 1 }))
    await reader.open('/articles/1')
    expect((await reader.open('/articles/1', { 'sec-purpose': 'prefetch' })).status).toBe(200)
  })

  it('is told by browsers that say nothing of it, by what they want', async () => {
    const world = new FreeWorld({ views: 1 })
    const { 'user-agent': agent } = VISIT
    expect((await world.open('/articles/1', { fields: { 'user-agent': agent, accept: 'text/html' } })).status).toBe(200)
    expect((await world.open('/articles/1', { fields: { 'user-agent': agent, accept: 'image/*' } })).status).toBe(402)
  })
})

describe('the cookie', () => {
  it('is the same for two who have read the same', async () => {
    const world = new FreeWorld({ views: 3 })
    const [one, other] = [new FreeReader(world), new FreeReader(world)]
    await one.statuses('/articles/1', '/articles/2', '/articles/3')
    world.address = '203.0.113.9'
    await other.statuses('/articles/3', '/articles/1', '/articles/2')
    expect(one.cookie).toBe(other.cookie)
  })

  it('has at most 400 characters, whatever was read', async () => {
    const reader = new FreeReader(new FreeWorld({ views: 30 }))
    for (let id = 0; id < 30; id += 1) expect((await reader.open(`/articles/${id}`)).status).toBe(200)
    expect(reader.cookie?.length).toBeLessThanOrEqual(400)
    expect(await reader.statuses('/articles/31')).toEqual([402])
  })

  it.each([
    ['another zone', { id: 'other' }],
    ['another secret', { secret: 'another secret of thirty-two bytes' }],
  ])('of %s counts as none', async (_what, zone) => {
    const from = new FreeReader(new FreeWorld({ views: 3 }, zone))
    await from.statuses('/articles/1', '/articles/2', '/articles/3')
    const reader = new FreeReader(new FreeWorld({ views: 3 }), from.cookie)
    expect((await reader.open('/articles/1')).headers.get('ratelimit')).toContain('r=2')
  })

  it('counts as none if it was changed in any character', async () => {
    const world = new FreeWorld({ views: 3 })
    const reader = new FreeReader(world)
    await reader.statuses('/articles/1', '/articles/2', '/articles/3')
    const cookie = reader.cookie ?? ''
    for (let at = cookie.indexOf('=') + 1; at < cookie.length; at += 1) {
      const changed = cookie.slice(0, at) + (cookie[at] === 'A' ? 'B' : 'A') + cookie.slice(at + 1)
      const response = await new FreeReader(world, changed).open('/articles/1')
      expect(response.headers.getSetCookie()).toHaveLength(1)
    }
  })

  it('of another month counts as none', async () => {
    const world = new FreeWorld({ views: 3 })
    const reader = new FreeReader(world)
    await reader.statuses('/articles/1', '/articles/2', '/articles/3')
    const { cookie } = reader
    world.now = Date.UTC(2026, 11, 5)
    expect((await new FreeReader(world, cookie).open('/articles/1')).headers.get('ratelimit')).toContain('r=2')
  })
})

describe('a network', () => {
  it('bounds readers who throw their cookie away, or send an older one again', async () => {
    const world = new FreeWorld({ views: 3, perNetwork: { views: 5, seconds: 86_400 } })
    const reader = new FreeReader(world)
    await reader.open('/articles/1')
    const { cookie } = reader
    const statuses = []
    for (let id = 2; id < 10; id += 1)
      statuses.push((await new FreeReader(world, cookie).open(`/articles/${id}`)).status)
    expect(statuses).toEqual([200, 200, 200, 200, 402, 402, 402, 402])
    expect((await reader.open('/articles/1')).status).toBe(200)
  })

  it('is bounded in many requests at once, too', async () => {
    const world = new FreeWorld({ views: 3, perNetwork: { views: 5, seconds: 86_400 } })
    const answers = await Promise.all(Array.from({ length: 20 }, async (_, id) => world.open(`/articles/${id}`)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(5)
  })

  it.each([
    [500, 200],
    [302, 200],
    [404, 402],
  ])('gets back what was no page, but not for one that nobody has: %i', async (status, then) => {
    const world = new FreeWorld({ views: 3, perNetwork: { views: 1, seconds: 86_400 } })
    world.answer = () => new Response(null, { status })
    expect((await world.open('/articles/1')).status).toBe(status)
    world.answer = () => new Response('the page')
    expect((await world.open('/articles/2')).status).toBe(then)
  })

  it.each([
    ['192.0.2.7', '192.0.2.250', 402],
    ['192.0.2.7', '192.0.3.7', 200],
    ['2001:db8:1:2::3', '2001:db8:1:ffff::', 402],
    ['2001:db8:1::', '2001:db8:2::', 200],
  ])('is the first 24 or 48 bits: %s and %s', async (one, other, status) => {
    const world = new FreeWorld({ views: 3, perNetwork: { views: 1, seconds: 86_400 } })
    world.address = one
    await world.open('/articles/1')
    world.address = other
    expect((await world.open('/articles/2')).status).toBe(status)
  })

  it('may open more in the next span of time', async () => {
    const world = new FreeWorld({ views: 3, perNetwork: { views: 1, seconds: 86_400 } })
    await world.open('/articles/1')
    expect((await world.open('/articles/2')).status).toBe(402)
    world.now += 86_400_000
    expect((await world.open('/articles/2')).status).toBe(200)
  })

  it('has no bound if nobody knows it', async () => {
    const world = new FreeWorld({ views: 3, perNetwork: { views: 1, seconds: 86_400 } })
    world.address = undefined
    expect((await world.open('/articles/1')).status + (await world.open('/articles/2')).status).toBe(400)
  })
})

describe('a ledger', () => {
  it('counts exactly, whatever older cookie comes', async () => {
    const world = new FreeWorld({ views: 3, keep: 'ledger' })
    const reader = new FreeReader(world)
    await reader.open('/articles/1')
    const { cookie } = reader
    const statuses = []
    for (let id = 2; id < 7; id += 1)
      statuses.push((await new FreeReader(world, cookie).open(`/articles/${id}`)).status)
    expect(statuses).toEqual([200, 200, 402, 402, 402])
    expect(world.opened.size).toBe(1)
  })

  it('opens one page where one may be read', async () => {
    const reader = new FreeReader(new FreeWorld({ views: 1, keep: 'ledger' }))
    expect(await reader.statuses('/articles/1', '/articles/2', '/articles/1')).toEqual([200, 402, 200])
  })

  it('takes nothing from the network of a reader who may read no more', async () => {
    const world = new FreeWorld({ views: 1, keep: 'ledger', perNetwork: { views: 2, seconds: 86_400 } })
    expect(await new FreeReader(world).statuses('/articles/1', '/articles/2', '/articles/3')).toEqual([200, 402, 402])
    expect(await new FreeReader(world).statuses('/articles/4')).toEqual([200])
  })
})

describe('an account without the plan', () => {
  it('reads as many as it may, counted by its ledger, and keeps its reason', async () => {
    const world = new FreeWorld({ views: 1, signedIn: { views: 3 } })
    const fields = await world.token()
    const statuses = []
    for (let id = 1; id < 6; id += 1)
      statuses.push((await new FreeReader(world).open(`/articles/${id}`, fields)).status)
    expect(statuses).toEqual([200, 200, 200, 402, 402])
    expect(world.lines.at(-1)).toMatchObject({ reason: 'entitlement-insufficient' })
  })

  it('reads no more than others, if nothing is said of it', async () => {
    const world = new FreeWorld({ views: 1 })
    const reader = new FreeReader(world)
    const fields = await world.token()
    expect((await reader.open('/articles/1', fields)).status).toBe(200)
    expect((await reader.open('/articles/2', fields)).status).toBe(402)
    expect(world.opened.size).toBe(0)
  })

  it('is not signed in by a token that has expired', async () => {
    const world = new FreeWorld({ views: 1, signedIn: { views: 3 } })
    const reader = new FreeReader(world)
    const now = Math.floor(world.now / 1000)
    const fields = await world.token({ iat: now - 600, exp: now - 300 })
    const statuses = []
    for (const id of [1, 2]) statuses.push((await reader.open(`/articles/${id}`, fields)).status)
    expect([statuses, world.opened.size]).toEqual([[200, 402], 0])
  })

  it('on hold reads nothing', async () => {
    const world = new FreeWorld({ views: 3, signedIn: { views: 3 } })
    expect((await new FreeReader(world).open('/articles/1', await world.token({ standing: 'on-hold' }))).status).toBe(
      402,
    )
  })
})
