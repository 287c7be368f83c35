import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { agreed, declined, FakeLogin } from './fakelogin.ts'
import { leave } from './journey.ts'
import { CLICK, FROM_ELSEWHERE, linksOf, Reader, SCRIPT } from './reader.ts'
import { tripOptions, TripWorld } from './world.ts'

const WWW = 'https://www.news.example'
const SHOP = 'https://shop.news.example'
const HOSTS = ['www.news.example', 'shop.news.example']

let login: FakeLogin
let world: TripWorld
let reader: Reader

function begin(isSilent = true, hosts: string[] = HOSTS): void {
  login = new FakeLogin({ isSilent })
  world = new TripWorld([login], tripOptions([login], { hosts }))
  reader = new Reader(world)
}

beforeEach(() => begin())
afterEach(() => void vi.restoreAllMocks())

function back(location: string, origin: string, parameters = agreed(location)): Promise<Response> {
  return reader.open(`${origin}/__faregate/return/ident?${parameters.toString()}`, FROM_ELSEWHERE)
}

async function signInAt(origin: string): Promise<void> {
  const location = await leave(`${origin}/__faregate/sign-in?to=/articles/1`, reader)
  expect((await back(location, origin)).status).toBe(200)
}

const ROUND = '0; url=/__faregate/sign-in?silent=1&to=%2Farticles%2F1%3Fa%3Db'

describe('a reader who is signed in at one host of a site', () => {
  it('is signed in at the other one without a page', async () => {
    await signInAt(WWW)
    const refused = await reader.open(`${SHOP}/articles/1?a=b`)
    expect([refused.status, refused.headers.get('refresh')]).toEqual([402, ROUND])
    const location = await leave(`${SHOP}/__faregate/sign-in?silent=1&to=%2Farticles%2F1%3Fa%3Db`, reader)
    expect(login.begun[1]).toMatchObject({ isSilent: true, to: `${SHOP}/articles/1?a=b` })
    const done = await back(location, SHOP)
    expect(await done.text()).toContain('url=/articles/1?a=b"')
    expect((await reader.open(`${SHOP}/articles/1`)).status).toBe(200)
  })

  it('but no longer with the login is asked about once in ten minutes', async () => {
    await signInAt(WWW)
    const location = await leave(`${SHOP}/__faregate/sign-in?silent=1&to=/articles/1`, reader)
    const home = await back(location, SHOP, declined(location))
    expect([home.status, home.headers.get('location')]).toEqual([303, '/articles/1'])
    const refused = await reader.open(`${SHOP}/articles/1?a=b`)
    expect([refused.status, refused.headers.get('refresh')]).toEqual([402, null])
    expect(Object.keys(await linksOf(refused))).toContain('Sign in')
    const again = await reader.open(`${SHOP}/__faregate/sign-in?silent=1&to=/articles/1`)
    expect([again.status, again.headers.get('location')]).toEqual([303, '/articles/1'])
    expect(login.begun).toHaveLength(2)
    world.now += 600_000
    expect((await reader.open(`${SHOP}/articles/1?a=b`)).headers.get('refresh')).toBe(ROUND)
  })

  it('is left alone for ten minutes from the answer, however long the login took', async () => {
    await signInAt(WWW)
    const location = await leave(`${SHOP}/__faregate/sign-in?silent=1&to=/articles/1`, reader)
    world.now += 540_000
    await back(location, SHOP, declined(location))
    world.now += 540_000
    expect((await reader.open(`${SHOP}/articles/1`)).headers.get('refresh')).toBeNull()
    world.now += 60_000
    expect((await reader.open(`${SHOP}/articles/1`)).headers.get('refresh')).not.toBeNull()
  })

  it('is not sent round in circles if the login never sends the browser back, or does not answer', async () => {
    await signInAt(WWW)
    await leave(`${SHOP}/__faregate/sign-in?silent=1&to=/articles/1`, reader)
    expect((await reader.open(`${SHOP}/articles/1`)).headers.get('refresh')).toBeNull()
    world.now += 600_000
    login.fault = { kind: 'unavailable', detail: 'no answer' }
    const response = await reader.open(`${SHOP}/__faregate/sign-in?silent=1&to=/articles/1`)
    expect([response.status, response.headers.get('location')]).toEqual([303, '/articles/1'])
    expect((await reader.open(`${SHOP}/articles/1`)).headers.get('refresh')).toBeNull()
  })

  it.each([
    ['a script', SCRIPT],
    ['a frame', { ...CLICK, 'sec-fetch-dest': 'iframe' }],
    ['a program', { accept: 'application/json' }],
    ['a browser that says nothing of itself', {}],
    ['one who wants JSON', { ...CLICK, accept: 'application/json' }],
  ])('is not sent round if the page is asked for by %s', async (_who, fields) => {
    await signInAt(WWW)
    expect((await reader.open(`${SHOP}/articles/1`, fields)).headers.get('refresh')).toBeNull()
    expect((await reader.open(`${SHOP}/articles/1`)).headers.get('refresh')).not.toBeNull()
  })

  it('is not sent round by HEAD, POST, what is fetched ahead, or with a credential', async () => {
    await signInAt(WWW)
    const at = `${SHOP}/articles/1`
    const asked: readonly Promise<Response>[] = [
      reader.open(at, CLICK, { method: 'HEAD' }),
      reader.open(at, CLICK, { method: 'POST', body: 'x' }),
      reader.open(at, { ...CLICK, 'sec-purpose': 'prefetch' }),
      reader.open(at, { ...CLICK, authorization: 'Bearer x' }),
      reader.open(`${SHOP}/dear/1`, { ...CLICK, authorization: 'Bearer x' }),
    ]
    for (const response of await Promise.all(asked)) expect(response.headers.get('refresh')).toBeNull()
  })

  it('goes back to the page if the login fails, which nobody has asked it for', async () => {
    await signInAt(WWW)
    const location = await leave(`${SHOP}/__faregate/sign-in?silent=1&to=/articles/1`, reader)
    login.endings.push({ ok: false, error: { kind: 'unavailable', detail: 'no answer' } })
    const response = await back(location, SHOP)
    expect([response.status, response.headers.get('location')]).toEqual([303, '/articles/1'])
    expect((await reader.open(`${SHOP}/articles/1`)).headers.get('refresh')).toBeNull()
  })

  it('was sent round in circles over plain http, by a hint that another host had planted', async () => {
    login.fault = { kind: 'unavailable', detail: '' }
    const headers = { ...CLICK, accept: 'text/html', cookie: 'faregate-hint=1' }
    const refused = await world.ask('http://www.news.example/articles/1', { headers })
    expect([refused.status, refused.headers.has('refresh')]).toEqual([402, false])
    const asked = await world.ask('http://www.news.example/__faregate/sign-in?silent=1&to=/articles/1', { headers })
    expect([asked.status, asked.headers.has('location')]).toEqual([403, false])
  })

  it('is not sent round where it is signed in already, and only lacks what the page costs', async () => {
    await signInAt(WWW)
    await signInAt(SHOP)
    const refused = await reader.open(`${SHOP}/dear/1`)
    expect([refused.status, refused.headers.get('refresh')]).toEqual([402, null])
  })

  it('begins nothing silently without a navigation', async () => {
    await signInAt(WWW)
    for (const fields of [SCRIPT, {}, { ...CLICK, 'sec-fetch-dest': 'iframe' }]) {
      const response = await reader.open(`${SHOP}/__faregate/sign-in?silent=1&to=//evil.example`, fields)
      expect([response.status, response.headers.get('location')]).toEqual([303, '/'])
      expect(response.headers.getSetCookie()).toEqual([])
    }
    expect(login.begun).toHaveLength(1)
  })

  it('leaves no hint if there is one host, or if the login cannot say without a page', async () => {
    begin(true, ['www.news.example'])
    await signInAt(WWW)
    expect(reader.names('shop.news.example')).toEqual([])
    begin(false)
    await signInAt(WWW)
    expect(reader.names('shop.news.example')).toEqual([])
    expect((await reader.open(`${SHOP}/articles/1`)).headers.get('refresh')).toBeNull()
  })

  it('is a stranger at a host that is not of the site, though it be of the zone', async () => {
    begin(true, [...HOSTS, 'www.other.example'])
    await signInAt(WWW)
    expect(reader.names('shop.news.example')).toEqual(['faregate-hint'])
    expect(reader.names('www.other.example')).toEqual([])
  })

  it('is not signed in again after signing out', async () => {
    await signInAt(WWW)
    expect(reader.names('shop.news.example')).toEqual(['faregate-hint'])
    const fields = { ...CLICK, 'content-type': 'application/x-www-form-urlencoded' }
    const response = await reader.open(`${WWW}/__faregate/sign-out`, fields, { method: 'POST', body: '' })
    expect(response.status).toBe(303)
    expect(reader.names('shop.news.example')).toEqual([])
    expect((await reader.open(`${SHOP}/articles/1`)).headers.get('refresh')).toBeNull()
  })
})
