import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { err, ok } from '../../src/core/result.ts'
import { agreed, declined, FakeLogin } from './fakelogin.ts'
import { HOSTILE_TO } from './hostile.ts'
import { CLICK, decoded, FROM_ELSEWHERE, linksOf, Reader, SCRIPT, TYPED } from './reader.ts'
import { DAY, OURS, tripOptions, TripWorld } from './world.ts'

const MONTHLY = { name: 'monthly', title: 'Monthly', price: '5 EUR a month' }

let login: FakeLogin
let other: FakeLogin
let world: TripWorld
let reader: Reader

beforeEach(() => {
  login = new FakeLogin({ offers: [MONTHLY] })
  other = new FakeLogin({ name: 'other' })
  world = new TripWorld([login, other])
  reader = new Reader(world)
})
afterEach(() => void vi.restoreAllMocks())

const SIGN_IN = '/__faregate/sign-in?login=ident&to=/articles/1'
const BUY = '/__faregate/checkout?offer=monthly&to=/articles/1'

/** The reader follows a link, and is sent to another site. */
async function leave(path = SIGN_IN, by = reader): Promise<string> {
  const response = await by.open(path)
  expect(response.status).toBe(303)
  return response.headers.get('location') ?? ''
}

function back(parameters: URLSearchParams, by = reader, name = 'ident', fields = FROM_ELSEWHERE): Promise<Response> {
  return by.open(`/__faregate/return/${name}?${parameters.toString()}`, fields)
}

function comeBack(location: string, by = reader): Promise<Response> {
  return back(agreed(location), by)
}

async function signIn(by = reader): Promise<void> {
  expect((await comeBack(await leave(SIGN_IN, by), by)).status).toBe(200)
}

const trips = (by = reader): readonly string[] => by.names().filter((name) => name.startsWith('__Host-faregate-trip-'))

/** A return that ended nothing: a page in plain words, no cookie, nobody signed in. */
async function expectStranger(response: Response): Promise<void> {
  expect(response.status).toBe(400)
  expect(response.headers.getSetCookie()).toEqual([])
  const page = await response.clone().text()
  expect(page).toContain('This cannot be finished here')
  expect(page).not.toMatch(/token|credential|JWT|state\b|cookie/i)
  expect(await linksOf(response)).toMatchObject({ 'Go to the home page': '/', 'Sign in': '/__faregate/sign-in?to=%2F' })
}

describe('a reader who signs in', () => {
  it('goes from the refused page to the login and back to the page', async () => {
    const refused = await reader.open('/articles/1?a=b')
    expect(refused.status).toBe(402)
    const choice = await reader.open((await linksOf(refused))['Sign in'] ?? '')
    const location = await leave((await linksOf(choice))['Sign in with ident'])
    expect(new URL(location).origin).toBe('https://ident.example')
    expect(login.begun).toMatchObject([
      { to: `${OURS}/articles/1?a=b`, redirectUri: `${OURS}/__faregate/return/ident`, isSilent: false },
    ])
    const done = await comeBack(location)
    expect(done.status).toBe(200)
    expect(await done.text()).toContain('<meta http-equiv="refresh" content="0; url=/articles/1?a=b">')
    expect(Object.fromEntries(done.headers)).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
    })
    expect(reader.names()).toEqual(['__Host-faregate'])
    expect((await reader.open('/articles/1?a=b')).status).toBe(200)
  })

  it('must read a notice before going on', async () => {
    login.endings.push(login.signedIn({ notice: 'You have bought this twice. Write to us to have one back.' }))
    const done = await comeBack(await leave())
    const page = await done.clone().text()
    expect(page).toContain('You have bought this twice. Write to us to have one back.')
    expect(page).not.toContain('http-equiv="refresh"')
    expect(await linksOf(done)).toEqual({ 'Go on to your page': '/articles/1' })
  })

  it('comes back to the page as it was left, after turning back', async () => {
    const location = await leave()
    const response = await back(declined(location))
    expect([response.status, response.headers.get('location')]).toEqual([303, '/articles/1'])
    expect(reader.names()).toEqual([])
  })

  it('is told what the login refuses, and may begin anew', async () => {
    login.endings.push(err({ kind: 'refused', detail: 'This address was never confirmed.', code: 'access_blocked' }))
    const response = await comeBack(await leave())
    expect(response.status).toBe(400)
    expect(await response.clone().text()).toContain('This address was never confirmed.')
    expect(await linksOf(response)).toMatchObject({ 'Try again': '/__faregate/sign-in?to=%2Farticles%2F1' })
    expect(trips()).toEqual([])
    expect(world.told.join('\n')).toContain('"check":"access_blocked"')
  })

  it('tries the same return again while the login does not answer, and loses nothing', async () => {
    const location = await leave()
    login.endings.push(err({ kind: 'unavailable', detail: 'no answer' }), login.signedIn())
    const response = await comeBack(location)
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5'])
    expect(await linksOf(response)).toMatchObject({ 'Try again': '' })
    expect(trips()).toHaveLength(1)
    expect((await comeBack(location)).status).toBe(200)
    expect(reader.names()).toEqual(['__Host-faregate'])
  })

  it('tries again while the ledger does not answer, and the code is not asked about twice', async () => {
    const location = await leave()
    world.isDown = true
    expect((await comeBack(location)).status).toBe(503)
    world.isDown = false
    expect((await comeBack(location)).status).toBe(200)
    expect(login.finished).toHaveLength(1)
    expect(reader.names()).toEqual(['__Host-faregate'])
  })

  it('may reload a slow return: the code is not lost', async () => {
    const location = await leave()
    let answer = (): void => undefined
    const asked = new Promise<void>((resolve) => void (answer = resolve))
    const ended = login.signedIn()
    login.endings.push(async () => {
      await asked
      return typeof ended === 'function' ? ended() : ended
    })
    const opening = vi.spyOn(crypto.subtle, 'decrypt')
    const [first, second] = [comeBack(location), comeBack(location, reader.copy())]
    // Both have opened the trip, so both have asked what became of it.
    await vi.waitFor(() =>
      expect(opening.mock.settledResults.map(({ type }) => type)).toEqual(['fulfilled', 'fulfilled']),
    )
    answer()
    expect([(await first).status, (await second).status]).toEqual([200, 200])
    expect(login.finished).toHaveLength(1)
  })

  it('in the place of another account ends the session of that', async () => {
    await signIn()
    const former = reader.copy()
    expect((await former.open('/articles/1')).status).toBe(200)
    login.account = 'bob'
    await signIn()
    world.now += 10_000
    expect((await former.open('/articles/1')).status).toBe(402)
    expect((await reader.open('/articles/1')).status).toBe(200)
  })

  it('in two tabs is signed in by either', async () => {
    const one = await leave('/__faregate/sign-in?login=ident&to=/articles/1')
    const two = await leave('/__faregate/sign-in?login=ident&to=/articles/2')
    expect(trips()).toHaveLength(2)
    expect(await (await comeBack(two)).text()).toContain('url=/articles/2"')
    expect(await (await comeBack(one)).text()).toContain('url=/articles/1"')
    expect(trips()).toEqual([])
  })

  it('chooses among several logins; a name that is none is a choice, too', async () => {
    for (const path of ['/__faregate/sign-in?to=/articles/1', '/__faregate/sign-in?login=x&to=/articles/1']) {
      const links = await linksOf(await reader.open(path))
      expect(links).toEqual({
        'Sign in with ident': '/__faregate/sign-in?login=ident&to=%2Farticles%2F1',
        'Sign in with other': '/__faregate/sign-in?login=other&to=%2Farticles%2F1',
        'Go back to the page': '/articles/1',
      })
    }
  })

  it("goes to a login's own page, if it has one", async () => {
    world = new TripWorld([new FakeLogin({ signInPath: '/__faregate/email' })])
    const response = await new Reader(world).open('/__faregate/sign-in?to=/articles/1')
    const to = encodeURIComponent(`${OURS}/articles/1`)
    expect([response.status, response.headers.get('location')]).toEqual([303, `/__faregate/email?to=${to}`])
  })

  it('finds nothing where nobody signs in', async () => {
    world = new TripWorld([new FakeLogin({ signsIn: false, offers: [MONTHLY] })])
    expect((await new Reader(world).open('/__faregate/sign-in?to=/articles/1')).status).toBe(404)
  })
})

describe('the page to come back to', () => {
  it.each(HOSTILE_TO.map((to) => [to]))('is one of this site, whatever the link says: %j', async (to) => {
    const location = await leave(`/__faregate/sign-in?login=ident&to=${encodeURIComponent(to.toWellFormed())}`)
    expect(new URL(location).origin).toBe('https://ident.example')
    const left = await back(declined(location))
    const fields = Array.from(left.headers, ([name]) => name)
    expect(fields).not.toContain('a')
    const there = left.headers.get('location') ?? ''
    expect(there).toMatch(/^\/(?!\/)[\u0021-\u007e]*$/)
    expect(new URL(there, OURS).origin).toBe(OURS)
    expect(there.toLowerCase()).not.toContain('/__faregate')
    const [next = ''] =
      (
        await (
          await comeBack(await leave(`/__faregate/sign-in?login=ident&to=${encodeURIComponent(to.toWellFormed())}`))
        ).text()
      ).match(/url=[^"]*/) ?? []
    expect(new URL(decoded(next.slice('url='.length)), OURS).origin).toBe(OURS)
  })

  it('is never read from the return', async () => {
    const parameters = agreed(await leave())
    parameters.set('to', '/articles/2')
    expect(await (await back(parameters)).text()).toContain('url=/articles/1"')
  })

  it('fits its cookie, however long it is', async () => {
    for (const length of [900, 1000, 1100, 4000, 16_000])
      for (const to of [`/articles/${'a'.repeat(length)}`, `/articles/1?${'%C3%A9'.repeat(length / 6)}`]) {
        const response = await reader.open(`/__faregate/sign-in?login=ident&to=${encodeURIComponent(to)}`)
        for (const cookie of response.headers.getSetCookie()) expect(cookie.length).toBeLessThanOrEqual(3600)
      }
    const sizes = trips().map((name) => name.length + (reader.value(name)?.length ?? 0))
    expect(sizes).toHaveLength(4)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(3500)
  })

  it('of what was posted, or of a part of a page, is the home page', async () => {
    const signInOf = async (fields: Record<string, string>, init: RequestInit = {}): Promise<string | undefined> => {
      const response = await reader.open('/articles/1', { ...fields, accept: 'application/json' }, init)
      const { remedies } = await response.json<{ remedies: { rel: string; href: string }[] }>()
      return remedies.find(({ rel }) => rel === 'sign-in')?.href
    }
    const home = `${OURS}/__faregate/sign-in?to=${encodeURIComponent(`${OURS}/`)}`
    const page = `${OURS}/__faregate/sign-in?to=${encodeURIComponent(`${OURS}/articles/1`)}`
    expect(await signInOf(CLICK, { method: 'POST', body: 'x' })).toBe(home)
    expect(await signInOf(SCRIPT)).toBe(home)
    expect(await signInOf({ ...CLICK, 'sec-fetch-dest': 'image' })).toBe(home)
    expect(await signInOf(CLICK)).toBe(page)
    expect(await signInOf({})).toBe(page)
  })
})

describe('a return', () => {
  it('without a trip of this browser ends nothing', async () => {
    const location = await leave()
    await expectStranger(await comeBack(location, new Reader(world)))
    await expectStranger(await back(new URLSearchParams(), new Reader(world)))
    expect(login.finished).toEqual([])
  })

  it.each([
    ['another state', (state: string) => ({ state: `${state.slice(0, 42)}${state.endsWith('A') ? 'B' : 'A'}` })],
    ['a state of another length', (state: string) => ({ state: state.slice(0, 42) })],
    ['the name of the cookie alone', (state: string) => ({ state: state.slice(0, 8) })],
    ['no state', () => ({ state: '' })],
    ['another issuer', () => ({ iss: 'https://evil.example' })],
    ["another login's issuer", () => ({ iss: 'https://other.example' })],
    ["the issuer's name in another spelling", () => ({ iss: 'https://IDENT.example' })],
  ])('with %s ends nothing, and leaves the trip', async (_what, change) => {
    const location = await leave()
    const parameters = agreed(location)
    const changed: Record<string, string> = change(parameters.get('state') ?? '')
    for (const [name, value] of Object.entries(changed)) parameters.set(name, value)
    await expectStranger(await back(parameters))
    expect(login.finished).toEqual([])
    expect((await comeBack(location)).status).toBe(200)
  })

  it('with two states, or to the path of another login, ends nothing', async () => {
    const location = await leave()
    const twice = agreed(location)
    twice.append('state', twice.get('state') ?? '')
    await expectStranger(await back(twice))
    await expectStranger(await back(agreed(location), reader, 'other'))
    await expectStranger(await back(agreed(location), reader, 'nobody'))
    await expectStranger(await back(agreed(location), reader, '..%2Fident'))
    expect([login.finished, other.finished]).toEqual([[], []])
  })

  it('with the code of another trip ends nothing', async () => {
    const [one, two] = [agreed(await leave()), agreed(await leave('/__faregate/sign-in?login=ident&to=/articles/2'))]
    one.set('code', two.get('code') ?? '')
    const response = await back(one)
    expect(response.status).toBe(400)
    expect(reader.names()).not.toContain('__Host-faregate')
    expect((await back(two)).status).toBe(200)
  })

  it('that a thief has planted signs nobody in: the trip is of another browser', async () => {
    const thief = new Reader(world)
    login.account = 'thief'
    const planted = agreed(await leave(SIGN_IN, thief))
    await expectStranger(await back(planted))
    const own = agreed(await leave())
    await expectStranger(await back(planted))
    login.account = 'ann'
    expect((await back(own)).status).toBe(200)
  })

  it.each([
    ['another name', (name: string, value: string) => [`${name.slice(0, -1)}${name.endsWith('A') ? 'B' : 'A'}`, value]],
    ['a letter changed', (name: string, value: string) => [name, `${value.slice(0, -3)}AAA`]],
    ['cut short', (name: string, value: string) => [name, value.slice(0, 100)]],
    ['nothing in it', (name: string) => [name, '.']],
  ])('with a cookie of %s ends nothing', async (_what, change) => {
    const location = await leave()
    const [name = ''] = trips()
    const [forgedName = '', forged = ''] = change(name, reader.value(name) ?? '')
    const victim = new Reader(world)
    victim.put(forgedName, forged)
    await expectStranger(await comeBack(location, victim))
  })

  it('at another host, or in another zone, ends nothing', async () => {
    const options = tripOptions([login], { hosts: ['www.news.example', 'shop.news.example'] })
    const [zone] = options.zones
    if (zone === undefined) throw new Error('no zone')
    const abroad = { ...zone, name: 'abroad', hosts: ['www.abroad.example'] }
    world = new TripWorld([login], { ...options, zones: [...options.zones, abroad] })
    reader = new Reader(world)
    const location = await leave()
    const [name = ''] = trips()
    for (const host of ['shop.news.example', 'www.abroad.example']) {
      const copied = new Reader(world)
      copied.put(name, reader.value(name) ?? '', host)
      await expectStranger(
        await copied.open(`https://${host}/__faregate/return/ident?${agreed(location).toString()}`, FROM_ELSEWHERE),
      )
    }
    expect(login.finished).toEqual([])
  })

  it('once more, by a reload or Back, leads a reader home who is signed in', async () => {
    const location = await leave()
    await comeBack(location)
    const before = reader.value('__Host-faregate')
    for (const fields of [FROM_ELSEWHERE, CLICK, TYPED]) {
      const again = await back(agreed(location), reader, 'ident', fields)
      expect([again.status, again.headers.get('location')]).toEqual([303, '/'])
      expect(again.headers.getSetCookie()).toEqual([])
    }
    expect(reader.value('__Host-faregate')).toBe(before)
    reader.forget(/^__Host-faregate$/)
    await expectStranger(await comeBack(location))
    expect(login.finished).toHaveLength(1)
  })

  it('after three days ends nothing', async () => {
    const location = await leave()
    const late = reader.copy()
    const [name = ''] = trips()
    const value = reader.value(name) ?? ''
    world.now += 3 * DAY
    late.put(name, value)
    await expectStranger(await comeBack(location, late))
  })

  it.each([
    ['a script', SCRIPT],
    ['a frame', { ...FROM_ELSEWHERE, 'sec-fetch-dest': 'iframe' }],
    ['an image', { ...SCRIPT, 'sec-fetch-dest': 'image' }],
  ])('asked for by %s ends nothing', async (_what, fields) => {
    const location = await leave()
    await expectStranger(await back(agreed(location), reader, 'ident', fields))
    expect(login.finished).toEqual([])
  })

  it('works in a browser without Fetch Metadata', async () => {
    const location = await leave()
    expect((await back(agreed(location), reader, 'ident', {})).status).toBe(200)
  })
})

describe('the pages of trips', () => {
  const PAGES = [SIGN_IN, BUY, '/__faregate/return/ident?code=x&state=y', '/__faregate/portal?to=/articles/1']

  it.each(PAGES)('change nothing for HEAD and what is fetched ahead: %s', async (path) => {
    const location = await leave()
    const asked = path.includes('return') ? `/__faregate/return/ident?${agreed(location).toString()}` : path
    const begun = login.begun.length
    for (const [fields, init] of [
      [{ ...CLICK, 'sec-purpose': 'prefetch' }, {}],
      [{ ...CLICK, 'sec-purpose': 'prefetch;prerender' }, {}],
      [{ purpose: 'prefetch' }, {}],
      [CLICK, { method: 'HEAD' }],
    ] as const) {
      const response = await reader.open(asked, fields, init)
      expect([response.status, response.headers.get('cache-control')]).toEqual([503, 'no-store'])
      expect(response.headers.getSetCookie()).toEqual([])
    }
    expect([login.begun.length, login.finished, login.portals]).toEqual([begun, [], []])
  })

  it.each(PAGES)('know no other methods: %s', async (path) => {
    const isBeginning = path === SIGN_IN || path === BUY
    for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS', ...(isBeginning ? [] : ['POST'])])
      expect((await reader.open(path, CLICK, { method })).status).toBe(405)
  })

  it.each([SIGN_IN, BUY])('begin nothing for crawlers and scripts, who see a button: %s', async (path) => {
    for (const fields of [{}, SCRIPT, { ...CLICK, 'sec-fetch-dest': 'iframe' }]) {
      const response = await reader.open(path, fields)
      expect([response.status, response.headers.getSetCookie()]).toEqual([200, []])
      expect(response.headers.get('referrer-policy')).toBe('same-origin')
      expect(await response.text()).toContain('<form method="post"')
    }
    expect(login.begun).toEqual([])
    const shown = await reader.open(path, {})
    for (const fields of [{}, FROM_ELSEWHERE, { origin: 'https://evil.example' }, { origin: 'null' }])
      expect((await reader.press(shown, fields)).status).toBe(403)
    expect(login.begun).toEqual([])
    const begun = await reader.press(shown, { origin: OURS })
    expect([begun.status, new URL(begun.headers.get('location') ?? '').origin]).toEqual([303, 'https://ident.example'])
    expect(login.begun).toMatchObject([{ to: `${OURS}/articles/1` }])
  })

  it('keep four trips, sealed, and the latest', async () => {
    for (let at = 1; at <= 9; at++) {
      world.now += 1000
      await leave(`/__faregate/sign-in?login=ident&to=/articles/${at}`)
    }
    expect(trips()).toHaveLength(4)
    const states = login.begun.slice(-4).map(({ state }) => `__Host-faregate-trip-${state.slice(0, 8)}`)
    expect([...trips()].toSorted()).toEqual(states.toSorted())
    for (const name of trips()) expect(reader.value(name)).not.toContain('canary')
  })

  it('ask each login for no more than fifty things at once', async () => {
    const open: (() => void)[] = []
    const location = await leave()
    login.endings.push(() => new Promise((resolve) => open.push(() => resolve(ok({ kind: 'cancelled' })))))
    const many = Array.from({ length: 50 }, (_, at) => {
      const parameters = agreed(location)
      parameters.set('n', String(at))
      return back(parameters, reader.copy())
    })
    await vi.waitFor(() => expect(open).toHaveLength(50))
    const busy = await reader.open('/__faregate/sign-in?login=ident&to=/articles/2')
    expect([busy.status, busy.headers.get('retry-after')]).toEqual([503, '5'])
    expect(await busy.text()).toContain('Nothing is lost')
    expect((await reader.open('/__faregate/sign-in?login=other&to=/articles/2')).status).toBe(303)
    for (const end of open) end()
    await Promise.all(many)
    expect((await reader.open('/__faregate/sign-in?login=ident&to=/articles/2')).status).toBe(303)
  })
})
