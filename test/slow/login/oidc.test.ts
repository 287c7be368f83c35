import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { startForFile } from '../startforfile.ts'
import { startSignInWorld } from './providers.ts'
import { type Page, Visitor } from './visitor.ts'

// The provider warns of being a development server.
for (const method of ['info', 'warn'] as const) vi.spyOn(console, method).mockImplementation(() => undefined)
const world = await startForFile(startSignInWorld())

let visitor: Visitor
let passed = 0

beforeEach(() => {
  visitor = new Visitor()
  vi.useFakeTimers({ toFake: ['Date'] })
  passed = 0
})
afterEach(() => void vi.useRealTimers())

/** Lets time pass for everybody: gate, provider and browser. */
function pass(ms: number): void {
  passed += ms
  visitor.ahead = passed
  vi.setSystemTime(Date.now() + ms)
}

/** Goes through the provider's own pages. */
async function signIn(page: Page, login: string): Promise<Page> {
  const asked = await visitor.submit(page, { login, password: 'any' })
  return /name="prompt" value="consent"/.test(asked.text) ? visitor.submit(asked) : asked
}

describe.each(['jwt', 'opaque'] as const)('with a provider of %s access tokens', (kind) => {
  const site = world[kind]

  it('a reader goes from the refusal to the article by signing in', async () => {
    const refused = await visitor.open(`${site}/articles/1?a=b`)
    expect(refused.status).toBe(402)
    const login = await visitor.follow(refused, 'Sign in')
    const article = await signIn(login, 'ann')
    expect([article.url, article.status, article.text]).toEqual([`${site}/articles/1?a=b`, 200, 'the article'])
    expect(visitor.cookie(site, '__Host-faregate')?.length).toBeLessThanOrEqual(1024)
  })

  it('a reader who turns back is on the page where he was', async () => {
    const login = await visitor.follow(await visitor.open(`${site}/articles/2`), 'Sign in')
    const back = await visitor.follow(login, '[ Cancel ]')
    expect([back.url, back.status]).toEqual([`${site}/articles/2`, 402])
    expect(visitor.cookie(site, '__Host-faregate')).toBeUndefined()
  })

  it('an hour of reading on tokens of a minute has no refusal, and changes the cookie', async () => {
    await signIn(await visitor.follow(await visitor.open(`${site}/articles/1`), 'Sign in'), 'ben')
    const cookies = new Set<string | undefined>()
    const statuses = new Set<number>()
    for (let page = 0; page < 50; page++) {
      pass(72_000)
      statuses.add((await visitor.open(`${site}/articles/${page}`)).status)
      cookies.add(visitor.cookie(site, '__Host-faregate'))
    }
    expect([...statuses]).toEqual([200])
    expect(cookies.size).toBeGreaterThan(40)
  })

  it('who is signed in there is signed in here without a page, and who is not comes back', async () => {
    const silent = `${site}/__faregate/sign-in?silent=1&to=/articles/1`
    const back = await visitor.open(silent)
    expect([back.url, back.status]).toEqual([`${site}/articles/1`, 402])
    await signIn(await visitor.follow(back, 'Sign in'), 'dot')
    visitor.forget(site)
    const article = await visitor.open(silent)
    expect([article.url, article.status]).toEqual([`${site}/articles/1`, 200])
  })

  it('who signs out is signed out here and there, and a copied cookie renews nothing', async () => {
    await signIn(await visitor.follow(await visitor.open(`${site}/articles/1`), 'Sign in'), 'cyd')
    const thief = visitor.copy()
    const revocation = world.revocation(kind)
    const there = await visitor.submit(await visitor.open(`${site}/__faregate/sign-out`))
    expect(there.text).toContain('Do you want to sign-out')
    // The provider ends the tokens of who signs out there: it is told of these before.
    await revocation
    const home = await visitor.submit(there, { logout: 'yes' })
    expect([home.url, visitor.cookie(site, '__Host-faregate')]).toEqual([`${site}/`, undefined])
    const refused = await visitor.open(`${site}/articles/1`)
    expect(refused.status).toBe(402)
    expect((await visitor.follow(refused, 'Sign in')).text).toContain('Enter any login')
    pass(72_000)
    thief.ahead = passed
    expect((await thief.open(`${site}/articles/1`)).status).toBe(402)
  })
})

describe('what stays of signing in', () => {
  it('has no token, code or secret in it: neither in the log, nor in the address of a page', async () => {
    const site = world.jwt
    const article = await signIn(await visitor.follow(await visitor.open(`${site}/articles/1`), 'Sign in'), 'eve')
    const secrets = visitor.visited.flatMap((url) => {
      const { searchParams } = new URL(url)
      return ['code', 'state', 'nonce', 'code_challenge'].flatMap((name) => searchParams.get(name) ?? [])
    })
    expect(secrets.length).toBeGreaterThanOrEqual(5)
    expect(article.url).toBe(`${site}/articles/1`)
    await visitor.open(`${site}/`)
    const told = world.lines.join('\n')
    for (const secret of secrets) expect(told).not.toContain(secret)
    expect(told).toContain('"decision":"own"')
    expect(told).not.toMatch(/eyJ|the-secret/)
  })
})
