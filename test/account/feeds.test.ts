import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { makeParties, type Parties } from '../tokens/hostile/parties.ts'
import { AccountWorld, BROWSER } from './world.ts'

const PAGE = '/__faregate/feeds'

let parties: Parties
let world: AccountWorld
let signedIn: string

beforeAll(async () => {
  parties = await makeParties()
})
beforeEach(async () => {
  world = new AccountWorld(parties)
  signedIn = `__Host-faregate=${await world.token()}`
})
afterEach(() => vi.restoreAllMocks())

const CREATE = { action: 'create', name: 'phone', path: '/feed/daily.xml' }

/** Posts a form of the page. Returns the cookie that has the URL shown. */
async function post(fields: Record<string, string>): Promise<string> {
  const answer = await world.post(PAGE, fields, { cookie: signedIn })
  expect([answer.status, answer.headers.get('location')]).toEqual([303, PAGE])
  return (answer.headers.getSetCookie()[0] ?? '').split(';')[0] ?? ''
}

/** Opens the page with further cookies. */
async function open(cookie = ''): Promise<string> {
  return (await world.ask(PAGE, { headers: { ...BROWSER, cookie: `${signedIn}; ${cookie}` } })).text()
}

/** Returns the path of the URL that a page shows, with its secret. */
function pathIn(page: string): string {
  const { pathname, search } = new URL(/ readonly value="([^"]+)"/.exec(page)?.[1] ?? 'about:blank')
  return `${pathname}${search}`
}

const idIn = (page: string): string => /name="id" value="([^"]+)"/.exec(page)?.[1] ?? ''

describe('the page of feeds', () => {
  it('makes a feed, and shows its URL once', async () => {
    const cookie = await post(CREATE)
    expect(cookie).not.toMatch(/fgf|daily/)
    const shown = await world.ask(PAGE, { headers: { ...BROWSER, cookie: `${signedIn}; ${cookie}` } })
    expect(shown.headers.getSetCookie()[0]).toMatch(/^__Host-faregate-feed=; Max-Age=0/)
    expect(await world.reason(pathIn(await shown.text()))).toBe('200')
    expect(pathIn(await open())).toBe('blank')
    expect(await open()).toContain('<h2>phone</h2>')
  })

  it('replaces the URL at once, and removes the feed', async () => {
    const first = pathIn(await open(await post(CREATE)))
    const id = idIn(await open())
    world.now += 5000
    const second = pathIn(await open(await post({ action: 'rotate', id })))
    world.now += 5000
    expect([await world.reason(first), await world.reason(second)]).toEqual(['402 credential-invalid', '200'])
    expect(await post({ action: 'remove', id })).toBe('')
    world.now += 5000
    expect(await world.reason(second)).not.toBe('200')
    expect(await open()).toContain('You have no feeds yet.')
  })

  it('shows the URL to the account that made it, on pages of the site alone, for five minutes', async () => {
    const cookie = await post(CREATE)
    const others = `__Host-faregate=${await world.token({ sub: 'bob' })}; ${cookie}`
    const seen = await world.ask(PAGE, { headers: { ...BROWSER, cookie: others } })
    expect(await seen.text()).not.toContain('readonly')
    world.now += 300_000
    expect(await open(cookie)).not.toContain('readonly')
  })

  it.each([
    ['another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
    ['nowhere that is known', { origin: 'null', 'sec-fetch-site': '', 'sec-fetch-mode': '' }],
  ])('takes no order from %s', async (_from, fields) => {
    const answer = await world.post(PAGE, CREATE, { cookie: signedIn, ...fields })
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.headers.getSetCookie()).toEqual([])
    expect(await open()).toContain('You have no feeds yet.')
  })

  it.each([
    ['a page without feeds', { ...CREATE, path: '/archive/1' }, 400, 'There is no feed at this page.'],
    ['a feed that is not there', { action: 'rotate', id: 'none' }, 404, 'This feed is not there any more.'],
  ])('says so of %s', async (_what, fields, status, words) => {
    const answer = await world.post(PAGE, fields, { cookie: signedIn })
    expect([answer.status, await answer.text()]).toEqual([status, expect.stringContaining(words)])
  })

  it('leads whoever is not signed in to the sign-in, and whoever comes from elsewhere on', async () => {
    const nobody = await world.ask(PAGE, { headers: BROWSER })
    expect([nobody.status, await nobody.text()]).toEqual([401, expect.stringContaining('https://news.example/login')])
    const elsewhere = await world.open(PAGE, { 'sec-fetch-site': 'cross-site' })
    expect([elsewhere.status, await elsewhere.text()]).toEqual([401, expect.stringContaining('Show my account')])
  })

  it('tells the URL of a feed to nobody else: not to the log, and not to the origin', async () => {
    world.forget()
    const cookie = await post(CREATE)
    const path = pathIn(await open(cookie))
    const token = new URL(path, 'https://news.example').searchParams.get('token') ?? ''
    expect(token.length).toBeGreaterThan(40)
    const page = world.told.filter((line) => line.includes(' readonly value='))
    expect(page).toHaveLength(1)
    expect(world.told.filter((line) => line.includes(token.slice(-30)))).toEqual(page)
  })
})
