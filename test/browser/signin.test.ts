import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { articleOf } from '../../demo/news/articles/index.ts'
import { launch } from './chromium.ts'
import { type News, startNews } from './news.ts'
import { cookiesAfter, historyOf, type Newsreader, NO_THIRD_PARTY_COOKIES, openReader } from './newsreader.ts'

let news: News
let browser: Browser
let reader: Newsreader

beforeAll(async () => {
  news = await startNews()
  browser = await launch([NO_THIRD_PARTY_COOKIES])
})
afterAll(async () => {
  await browser.close()
  await news.stop()
})
beforeEach(async () => {
  reader = await openReader(browser, news.billing)
})
afterEach(async () => {
  await leavesNoTrace(reader)
  await reader.context.close()
})

/** No code, state or token is kept in a URL, sent in a `Referer` or logged. */
async function leavesNoTrace({ secrets, referrers, context }: Newsreader): Promise<void> {
  expect(news.log.filter((line) => line.startsWith('{')).length).toBeGreaterThan(0)
  const urls = await historyOf(reader)
  const tokens = (await context.cookies()).map(({ value }) => value).filter((value) => value.length > 20)
  for (const secret of [...secrets, ...tokens]) {
    expect(urls.filter((url) => url.includes(secret))).toEqual([])
    expect(referrers.filter((referrer) => referrer.includes(secret))).toEqual([])
    expect(news.log.filter((line) => line.includes(secret))).toEqual([])
  }
}

const titleOf = (id: number): string => articleOf(String(id))?.title ?? ''

const heading = (): Promise<string | null> => reader.page.textContent('h1')

/** Opens a page that asks for a subscription, and follows the link that says so. */
async function refusedAt(path: string, link: string): Promise<void> {
  expect((await reader.page.goto(`${news.www}${path}`))?.status()).toBe(402)
  await reader.page.getByRole('link', { name: link }).first().click()
}

async function signInAs(account: string, path = '/articles/1'): Promise<void> {
  await refusedAt(path, 'Sign in')
  await reader.page.fill('input[name=account]', account)
  await reader.page.click('button:has-text("Sign in")')
  await reader.page.waitForURL(`${news.www}${path}`)
}

async function toCheckout(path: string, offer: string): Promise<void> {
  await refusedAt(path, offer)
  expect(await heading()).toBe('Checkout')
}

describe('a reader without a cookie', () => {
  it('signs in on another site, and is at the article', async () => {
    await signInAs('reader')
    expect(await heading()).toBe(titleOf(1))
    expect((await reader.page.reload())?.status()).toBe(200)
  })

  it('buys on another site, and is at the article', async () => {
    await toCheckout('/articles/2', 'Subscribe: Premium')
    await reader.page.click('button:has-text("Pay by card")')
    await reader.page.waitForURL(`${news.www}/articles/2`)
    expect(await heading()).toBe(titleOf(2))
  })

  it('buys at a report what opens reports', async () => {
    await toCheckout('/reports/1', 'Buy: Reports for an hour')
    expect(await reader.page.textContent('h2')).toBe('Reports for an hour')
    await reader.page.click('button:has-text("Pay by card")')
    await reader.page.waitForURL(`${news.www}/reports/1`)
    expect(await heading()).toContain('Report 1')
    expect((await reader.page.goto(`${news.www}/reports/2`))?.status()).toBe(200)
  })

  it('turns back from the checkout, and can still buy', async () => {
    await toCheckout('/articles/3', 'Subscribe: Premium')
    await reader.page.click('button:has-text("Turn back")')
    await reader.page.waitForURL(`${news.www}/articles/3`)
    expect(await reader.page.getByRole('link', { name: 'Subscribe' }).first().isVisible()).toBe(true)
  })

  it('signs in in two tabs, and each comes to its own article', async () => {
    const first = reader.page
    await refusedAt('/articles/4', 'Sign in')
    const second = await reader.context.newPage()
    await second.goto(`${news.www}/articles/5`)
    await second.click('a:has-text("Sign in")')
    for (const [tab, path] of [
      [second, '/articles/5'],
      [first, '/articles/4'],
    ] as const) {
      await tab.fill('input[name=account]', 'reader')
      await tab.click('button:has-text("Sign in")')
      await tab.waitForURL(`${news.www}${path}`)
      expect(await tab.textContent('h1')).toBe(titleOf(Number(path.at(-1))))
    }
  })
})

describe('a reader whose payment comes 90 seconds late', () => {
  it('ends at the article without touching anything, and pays once', async () => {
    await toCheckout('/articles/6', 'Subscribe: Premium')
    await reader.page.click('button:has-text("Pay by slow bank")')
    await reader.page.waitForSelector('h1:has-text("We are waiting for your payment")')
    const other = await reader.context.newPage()
    expect((await other.goto(`${news.www}/articles/6`))?.status()).toBe(402)
    expect(await other.getByRole('link', { name: /Subscribe|Buy/ }).count()).toBe(0)
    expect(await other.isVisible('a:has-text("Check again")')).toBe(true)
    await other.goto(`${news.www}/__faregate/checkout?offer=premium&to=/articles/6`)
    expect(await other.textContent('h1')).not.toBe('Checkout')
    // Else both would come back, and one of them for what the other has.
    await other.goto(`${news.www}/free/about`)
    await news.tick(90)
    await reader.page.waitForURL(`${news.www}/articles/6`)
    expect(await heading()).toBe(titleOf(6))
    await other.goto(`${news.billing}/account`)
    expect(await other.locator('li').allTextContents()).toEqual(['Premium'])
  })
})

describe('a reader who is signed in, where tokens are good for a minute', () => {
  it('reads and fetches for an hour on two hosts, without a refusal and without signing in again', async () => {
    await signInAs('reader')
    await reader.page.goto(`${news.shop}/articles/1`)
    await reader.page.waitForSelector(`h1:has-text("${titleOf(1)}")`)
    const before = reader.pages.length
    for (let minute = 1; minute <= 60; minute++) {
      await news.tick(60)
      const host = minute % 2 === 0 ? news.www : news.shop
      const answer = await reader.page.goto(`${host}/articles/${(minute % 8) + 1}`)
      expect(answer?.status()).toBe(200)
      const fetched = await reader.page.evaluate(async () => (await fetch('/articles/1')).status)
      expect(fetched).toBe(200)
    }
    expect(reader.pages.slice(before).filter((page) => !page.startsWith('200 /articles/'))).toEqual([])
    expect(reader.shown).toEqual(['GET /authorize'])
  })

  it('comes back a day later, and reads on', async () => {
    await signInAs('reader')
    const kept = await cookiesAfter(reader, 86_400)
    await reader.context.close()
    await news.tick(86_400)
    reader = await openReader(browser, news.billing, kept)
    expect((await reader.page.goto(`${news.www}/articles/7`))?.status()).toBe(200)
    expect(reader.shown).toEqual([])
  })

  it('signs out, and sees nothing new by Back, a reload or on the other host', async () => {
    await signInAs('reader', '/articles/8')
    await reader.page.goto(`${news.shop}/articles/8`)
    await reader.page.waitForSelector(`h1:has-text("${titleOf(8)}")`)
    await reader.page.goto(`${news.www}/articles/8`)
    await reader.page.goto(`${news.www}/__faregate/sign-out`)
    await reader.page.click('button:has-text("Sign out")')
    await reader.page.waitForURL(`${news.www}/`)
    const before = reader.pages.length
    // A browser may show once more what it has shown before, without asking anyone (RFC 9111 §6).
    await reader.page.goBack()
    await reader.page.reload()
    for (const host of [news.www, news.shop]) {
      await reader.page.goto(`${host}/articles/8`)
      expect(await heading()).not.toBe(titleOf(8))
    }
    expect(reader.pages.slice(before).filter((page) => /^[23]\d\d \/articles\//.test(page))).toEqual([])
  })
})
