import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { event } from '../../demo/event.ts'
import { ARTICLES, articleOf } from '../../demo/news/articles/index.ts'
import { launch } from './chromium.ts'
import { PROGRAMMERS_WORDS, scrollsSideways, smallTargets, violationsOf } from './axe.ts'
import { NO_THIRD_PARTY_COOKIES } from './newsreader.ts'
import { contextOf, type Demo, startDemo } from './people.ts'

/**
 * The twelve faults that people met with the first gate, each as what they see now: in a browser without scripts and without
 * cookies of third parties, on a phone, with billing on another site.
 */
let demo: Demo
let gate: string
let browser: Browser
let context: BrowserContext
let page: Page

beforeAll(async () => {
  demo = await startDemo()
  gate = demo.gate
  browser = await launch([NO_THIRD_PARTY_COOKIES])
})
afterAll(async () => {
  await browser.close()
  await demo.stop()
})
beforeEach(async () => {
  context = await contextOf(browser)
  page = await context.newPage()
})
afterEach(() => context.close())

const titleOf = (id: number): string => articleOf(String(id))?.title ?? ''
const status = async (path: string): Promise<number | undefined> => (await page.goto(`${gate}${path}`))?.status()
const link = (name: string | RegExp) => page.getByRole('link', { name }).first()
const tell = (...args: string[]): Promise<string> =>
  event([...args, '--url', demo.all.gate, '--issuer', demo.all.billing])

async function buy(path: string, offer: string, account = ''): Promise<void> {
  await page.goto(`${gate}${path}`)
  await link(offer).click()
  if (account !== '') await page.fill('input[name=account]', account)
  await page.click('button:has-text("Pay by card")')
  await page.waitForURL(`${gate}${path}`)
}

async function arriveByLink(path: string): Promise<number | undefined> {
  await page.goto(demo.linkTo(`${gate}${path}`))
  const arrived = page.waitForResponse(`${gate}${path}`)
  await page.click('a')
  return (await arrived).status()
}

describe('F1: who follows a link from another site', () => {
  it('reads what their plan counts', async () => {
    await buy('/api/sailings', 'Subscribe: API plan')
    expect(await arriveByLink('/api/sailings')).toBe(200)
  })

  it('is asked before credit is spent, by a page with price and balance', async () => {
    await buy('/reports/1', 'Buy: Prepaid credit', 'saver-1')
    expect(await arriveByLink('/reports/2')).toBe(402)
    expect(await page.innerText('main')).toMatch(/0\.25[\s\S]*1\b/)
    await page.click('main button')
    await page.waitForURL(`${gate}/reports/2`)
    expect(await page.textContent('h1')).toContain('Report 2')
  })
})

describe('F2: who buys on billing’s site', () => {
  it('comes back signed in by a cookie of the gate’s own, with scripts off', async () => {
    await buy('/articles/7', 'Subscribe: Premium')
    expect(await page.textContent('h1')).toBe(titleOf(7))
    const cookies = (await context.cookies(gate)).filter(({ name }) => name.startsWith('__Host-'))
    expect(cookies.length).toBeGreaterThan(0)
    for (const { httpOnly, secure, sameSite } of cookies)
      expect([httpOnly, secure, sameSite]).toEqual([true, true, 'Lax'])
    expect(await status('/articles/3')).toBe(200)
  })
})

describe('F3: what the refusal offers is what is sold, and it opens the page', () => {
  it.each([
    ['/articles/7', 'Subscribe: Premium', '€9.00 per month'],
    ['/articles/7', 'Subscribe: Premium, yearly', '€90.00 per year'],
    ['/articles/7', 'Buy: This article', '€0.90'],
    ['/api/sailings', 'Subscribe: API plan', '$20.00 per month'],
    ['/reports/1', 'Buy: Reports for an hour', '$0.25'],
  ])('%s: %s', async (path, offer, price) => {
    expect(await status(path)).toBe(402)
    const offered = page.locator('.offers li', { has: page.getByRole('link', { name: offer, exact: true }) })
    expect((await offered.innerText()).replaceAll(/\s+/g, ' ')).toContain(price)
    await page.getByRole('link', { name: offer, exact: true }).click()
    expect(await page.textContent('.price')).toContain(price)
    await page.click('button:has-text("Pay by card")')
    await page.waitForURL(`${gate}${path}`)
    expect((await page.reload())?.status()).toBe(200)
  })

  it('an article that was bought opens that article, and no other', async () => {
    await buy('/articles/4', 'Buy: This article')
    expect(await page.textContent('h1')).toBe(titleOf(4))
    expect(await status('/articles/6')).toBe(402)
  })
})

describe('F4: an account that is held', () => {
  it('is offered nothing, and is told whom to ask', async () => {
    await tell('--sub', 'held-1', '--hold')
    const token = await demo.all.token('--sub', 'held-1', '--entitlements', 'premium')
    await demo.signIn(page, token)
    expect(await status('/articles/7')).toBe(402)
    expect(await page.innerText('main')).toContain('We are checking this account')
    expect(await page.locator('.offers, a[rel=payment]').count()).toBe(0)
    expect(await link(/support/i).isVisible()).toBe(true)
    const headers = { authorization: `Bearer ${token}` }
    expect(await (await fetch(`${gate}/articles/7`, { headers })).json()).not.toHaveProperty('offers')
  })
})

describe('F5: a browser with a bad cookie', () => {
  it('can sign in and buy, and the cookie is gone', async () => {
    await demo.signIn(page, 'nonsense')
    expect(await status('/articles/7')).toBe(402)
    expect(await link('Sign in').isVisible()).toBe(true)
    expect(await link('Subscribe: Premium').isVisible()).toBe(true)
    expect((await context.cookies(gate)).map(({ name }) => name)).not.toContain('__Host-faregate')
  })
})

describe('F6: no page of a reader speaks to programs', () => {
  it.each([
    ['an old cookie', ['--expires-in', '-1h']],
    ['a cookie for another site', ['--audience', 'https://other.example']],
    ['a plan that does not cover it', ['--entitlements', 'api']],
  ])('%s', async (_, options) => {
    await demo.signIn(page, await demo.all.token(...options))
    expect(await status('/articles/7')).toBe(402)
    expect(await page.innerText('body')).not.toMatch(PROGRAMMERS_WORDS)
    expect(await page.locator('main .main').count()).toBeGreaterThan(0)
  })
})

describe('F7: a plan that is used up', () => {
  it('says how much, of what, and until when', async () => {
    const limited = ['--sub', 'busy-1', '--entitlements', 'api', '--limit', 'requests=1/3600']
    await demo.signIn(page, await demo.all.token(...limited))
    expect(await status('/api/sailings')).toBe(200)
    expect(await status('/api/echo')).toBe(402)
    const said = await page.innerText('main')
    expect(said).toContain('You have used 1 of 1')
    expect(said).toMatch(/\d minutes?|UTC|\d:\d\d/)
  })
})

describe('F8: a link that is shared', () => {
  it.each(['facebookexternalhit/1.1', 'Slackbot-LinkExpanding 1.0', 'Twitterbot/1.0'])(
    'unfurls for %s',
    async (agent) => {
      const answer = await fetch(`${gate}/articles/7`, { headers: { 'user-agent': agent, accept: '*/*' } })
      const text = await answer.text()
      expect(answer.status).toBe(200)
      expect(text).toContain(`<meta property="og:title" content="${titleOf(7)}"`)
      expect(text).toContain('og:image')
      expect(text).not.toContain('Crane 9 under a firm')
    },
  )
})

describe('F9: a search engine', () => {
  it('is nobody by its name alone', async () => {
    const headers = { 'user-agent': 'Mozilla/5.0 (compatible; Googlebot/2.1)', accept: 'text/html' }
    const answer = await fetch(`${gate}/articles/7`, { headers })
    expect([answer.status, await answer.text()]).toEqual([402, expect.not.stringContaining('Crane 9 under a firm')])
  })
})

describe('F10: a reader of German', () => {
  it('is refused, sold to and led back in German', async () => {
    const german = await contextOf(browser, { language: 'de' })
    page = await german.newPage()
    expect(await status('/articles/4')).toBe(402)
    expect(await page.getAttribute('html', 'lang')).toBe('de')
    expect(await page.innerText('main')).toMatch(/Weiterlesen[\s\S]*9,00\s€/)
    await link('Abonnieren: Premium').click()
    expect(await page.textContent('h1')).toBe('Kasse')
    await page.click('button:has-text("Mit Karte zahlen")')
    await page.waitForURL(`${gate}/articles/4`)
    expect(await page.textContent('h1')).toBe(titleOf(4))
    await german.close()
  })
})

describe('F11: an article that does not exist', () => {
  it('is not on sale', async () => {
    expect(await status('/articles/999999')).toBe(404)
    expect(await page.locator('.offers, a[rel=payment]').count()).toBe(0)
  })
})

describe('F12: who is signed in', () => {
  it('sees an account, and signs out there', async () => {
    await buy('/articles/7', 'Subscribe: Premium', 'owner-1')
    expect(await status('/__faregate/account')).toBe(200)
    expect(await page.title()).not.toBe('')
    expect(await page.getAttribute('html', 'lang')).toBe('en')
    expect(await page.innerText('main')).toContain('owner-1')
    await page
      .getByRole('link', { name: 'Sign out' })
      .or(page.getByRole('button', { name: 'Sign out' }))
      .first()
      .click()
    if (page.url().includes('/__faregate/sign-out')) await page.click('main button:has-text("Sign out")')
    await page.waitForURL(`${gate}/`)
    expect(await status('/articles/7')).toBe(402)
  })
})

/** Every page of the paper and of billing, and the refusal between them. */
const PLACES = ['/', '/de', '/sections/city', '/articles/7', '/reports/1', '/free/privacy', '/no-such-page'] as const
const SHOP = ['/account', '/portal', '/support'] as const

/** Every page, by where it is. */
const ALL: readonly (readonly [name: string, url: () => string])[] = [
  ...PLACES.map((path) => [path, () => `${gate}${path}`] as const),
  ...SHOP.map((path) => [`${path} of the shop`, () => `${demo.all.billing}${path}`] as const),
  ...['premium', 'article'].map(
    (offer) => [`the checkout of ${offer}`, () => `${gate}/__faregate/checkout?offer=${offer}&to=/articles/7`] as const,
  ),
]
const WINDOWS = (['light', 'dark'] as const).flatMap((scheme) =>
  ([320, 390, 1280] as const).map((width) => [scheme, width] as const),
)

describe.each(WINDOWS)('in a %s scheme, %i pixels wide,', (scheme, width) => {
  let at: Page
  beforeAll(async () => {
    const language = width === 390 ? 'de' : 'en'
    at = await (await contextOf(browser, { width, scheme, runsScripts: true, language })).newPage()
  })
  afterAll(() => at.context().close())

  it.each(ALL)('%s is one that anybody can use', async (_name, url) => {
    await at.goto(url())
    expect(await violationsOf(at)).toEqual([])
    expect(await scrollsSideways(at)).toBe(false)
    expect(await smallTargets(at)).toEqual([])
  })
})

describe('the paper, once it is paid', () => {
  it.each(ARTICLES.map(({ id, language }) => [id, language] as const))(
    'article %i is whole, and fits a phone',
    async (id, language) => {
      const looking = await contextOf(browser, { runsScripts: true, scheme: id % 2 === 0 ? 'dark' : 'light' })
      const at = await looking.newPage()
      await demo.signIn(at, await demo.all.token('--sub', 'subscriber', '--entitlements', 'premium'))
      expect((await at.goto(`${gate}/articles/${id}`))?.status()).toBe(200)
      expect(await at.getAttribute('html', 'lang')).toBe(language)
      expect(await violationsOf(at)).toEqual([])
      expect(await scrollsSideways(at)).toBe(false)
      await looking.close()
    },
  )
})
