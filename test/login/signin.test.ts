import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { err } from '../../src/core/result.ts'
import { agreed, declined, FakeLogin } from './fakelogin.ts'
import { HOSTILE_TO } from './hostile.ts'
import { comeBack, leave, sendBack, tripsOf } from './journey.ts'
import { CLICK, decoded, linksOf, Reader, SCRIPT } from './reader.ts'
import { OURS, TripWorld } from './world.ts'

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

const MONTHLY = { name: 'monthly', title: 'Monthly', price: '5 EUR a month' }
const SIGN_IN = '/__faregate/sign-in?login=ident&to=/articles/1'

async function signIn(by: Reader): Promise<void> {
  expect((await comeBack(await leave(SIGN_IN, by), by)).status).toBe(200)
}

describe('a reader who signs in', () => {
  it('goes from the refused page to the login and back to the page', async () => {
    const refused = await reader.open('/articles/1?a=b')
    expect(refused.status).toBe(402)
    const choice = await reader.open((await linksOf(refused))['Sign in'] ?? '')
    const location = await leave((await linksOf(choice))['Sign in with ident'], reader)
    expect(new URL(location).origin).toBe('https://ident.example')
    expect(login.begun).toMatchObject([
      { to: `${OURS}/articles/1?a=b`, redirectUri: `${OURS}/__faregate/return/ident`, isSilent: false },
    ])
    const done = await comeBack(location, reader)
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
    const done = await comeBack(await leave(SIGN_IN, reader), reader)
    const page = await done.clone().text()
    expect(page).toContain('You have bought this twice. Write to us to have one back.')
    expect(page).not.toContain('http-equiv="refresh"')
    expect(await linksOf(done)).toEqual({ 'Go on to your page': '/articles/1' })
  })

  it('comes back to the page as it was left, after turning back', async () => {
    const location = await leave(SIGN_IN, reader)
    const response = await sendBack(declined(location), reader)
    expect([response.status, response.headers.get('location')]).toEqual([303, '/articles/1'])
    expect(reader.names()).toEqual([])
  })

  it('is told what the login refuses, and may begin anew', async () => {
    login.endings.push(err({ kind: 'refused', detail: 'This address was never confirmed.', code: 'access_blocked' }))
    const response = await comeBack(await leave(SIGN_IN, reader), reader)
    expect(response.status).toBe(400)
    expect(await response.clone().text()).toContain('This address was never confirmed.')
    expect(await linksOf(response)).toMatchObject({ 'Try again': '/__faregate/sign-in?to=%2Farticles%2F1' })
    expect(tripsOf(reader)).toEqual([])
    expect(world.told.join('\n')).toContain('"check":"access_blocked"')
  })

  it('tries the same return again while the login does not answer, and loses nothing', async () => {
    const location = await leave(SIGN_IN, reader)
    login.endings.push(err({ kind: 'unavailable', detail: 'no answer' }), login.signedIn())
    const response = await comeBack(location, reader)
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5'])
    expect(await linksOf(response)).toMatchObject({ 'Try again': '' })
    expect(tripsOf(reader)).toHaveLength(1)
    expect((await comeBack(location, reader)).status).toBe(200)
    expect(reader.names()).toEqual(['__Host-faregate'])
  })

  it('tries again while the ledger does not answer, and the code is not asked about twice', async () => {
    const location = await leave(SIGN_IN, reader)
    world.isDown = true
    expect((await comeBack(location, reader)).status).toBe(503)
    world.isDown = false
    expect((await comeBack(location, reader)).status).toBe(200)
    expect(login.finished).toHaveLength(1)
    expect(reader.names()).toEqual(['__Host-faregate'])
  })

  it('may reload a slow return: the code is not lost', async () => {
    const location = await leave(SIGN_IN, reader)
    let answer = (): void => undefined
    const asked = new Promise<void>((resolve) => void (answer = resolve))
    const ended = login.signedIn()
    login.endings.push(async () => {
      await asked
      return typeof ended === 'function' ? ended() : ended
    })
    const opening = vi.spyOn(crypto.subtle, 'decrypt')
    const [first, second] = [comeBack(location, reader), comeBack(location, reader.copy())]
    // Both have opened the trip, so both have asked what became of it.
    await vi.waitFor(() =>
      expect(opening.mock.settledResults.map(({ type }) => type)).toEqual(['fulfilled', 'fulfilled']),
    )
    answer()
    expect([(await first).status, (await second).status]).toEqual([200, 200])
    expect(login.finished).toHaveLength(1)
  })

  it('in the place of another account ends the session of that', async () => {
    await signIn(reader)
    const former = reader.copy()
    expect((await former.open('/articles/1')).status).toBe(200)
    login.account = 'bob'
    await signIn(reader)
    world.now += 10_000
    expect((await former.open('/articles/1')).status).toBe(402)
    expect((await reader.open('/articles/1')).status).toBe(200)
  })

  it('begins a trip of its own in each tab, for the same page too', async () => {
    const locations = [await leave(SIGN_IN, reader), await leave(SIGN_IN, reader)]
    expect(new Set(locations.map((location) => new URL(location).searchParams.get('state'))).size).toBe(2)
    expect(login.begun.map(({ earlier }) => earlier)).toEqual([undefined, undefined])
  })

  it('in two tabs is signed in by either', async () => {
    const one = await leave('/__faregate/sign-in?login=ident&to=/articles/1', reader)
    const two = await leave('/__faregate/sign-in?login=ident&to=/articles/2', reader)
    expect(tripsOf(reader)).toHaveLength(2)
    expect(await (await comeBack(two, reader)).text()).toContain('url=/articles/2"')
    expect(await (await comeBack(one, reader)).text()).toContain('url=/articles/1"')
    expect(tripsOf(reader)).toEqual([])
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
    const location = await leave(`/__faregate/sign-in?login=ident&to=${encodeURIComponent(to.toWellFormed())}`, reader)
    expect(new URL(location).origin).toBe('https://ident.example')
    const left = await sendBack(declined(location), reader)
    const fields = Array.from(left.headers, ([name]) => name)
    expect(fields).not.toContain('a')
    const there = left.headers.get('location') ?? ''
    expect(there).toMatch(/^\/(?!\/)[\u0021-\u007e]*$/)
    expect(new URL(there, OURS).origin).toBe(OURS)
    expect(there.toLowerCase()).not.toContain('/__faregate')
    const [next = ''] =
      (
        await (
          await comeBack(
            await leave(`/__faregate/sign-in?login=ident&to=${encodeURIComponent(to.toWellFormed())}`, reader),
            reader,
          )
        ).text()
      ).match(/url=[^"]*/) ?? []
    expect(new URL(decoded(next.slice('url='.length)), OURS).origin).toBe(OURS)
  })

  it('is never read from the return', async () => {
    const parameters = agreed(await leave(SIGN_IN, reader))
    parameters.set('to', '/articles/2')
    expect(await (await sendBack(parameters, reader)).text()).toContain('url=/articles/1"')
  })

  it('fits its cookie, however long it is', async () => {
    for (const length of [900, 1000, 1100, 4000, 16_000])
      for (const to of [`/articles/${'a'.repeat(length)}`, `/articles/1?${'%C3%A9'.repeat(length / 6)}`]) {
        const response = await reader.open(`/__faregate/sign-in?login=ident&to=${encodeURIComponent(to)}`)
        for (const cookie of response.headers.getSetCookie()) expect(cookie.length).toBeLessThanOrEqual(3600)
      }
    const sizes = tripsOf(reader).map((name) => name.length + (reader.value(name)?.length ?? 0))
    expect(sizes).toHaveLength(3)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(4000)
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
