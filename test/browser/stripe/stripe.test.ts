import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { launch } from '../chromium.ts'
import { historyOf, type Newsreader, NO_THIRD_PARTY_COOKIES, openReader } from '../newsreader.ts'
import { startStripeShop, type StripeShop } from './shop.ts'

const DAY = 86_400
let shop: StripeShop
let browser: Browser
let reader: Newsreader

beforeAll(async () => {
  shop = await startStripeShop()
  browser = await launch([NO_THIRD_PARTY_COOKIES])
})
afterAll(async () => {
  await browser.close()
  await shop.stop()
})
beforeEach(async () => {
  reader = await openReader(browser, shop.stripe)
})
afterEach(async () => {
  const sessions = [...shop.double.state.sessions.keys()]
  expect(shop.log.filter((line) => line.startsWith('{')).length).toBeGreaterThan(0)
  for (const line of shop.log) expect(sessions.filter((id) => line.includes(id))).toEqual([])
  for (const url of await historyOf(reader)) if (url.startsWith(shop.gate)) expect(url).not.toContain('cs_test')
  await reader.context.close()
})

const status = async (path: string): Promise<number | undefined> =>
  (await reader.page.goto(`${shop.gate}${path}`))?.status()

async function toCheckout(path: string, choice?: string): Promise<void> {
  expect(await status(path)).toBe(402)
  await reader.page.click('a:has-text("Buy")')
  if (choice !== undefined) await reader.page.click(`a:has-text("${choice}")`)
  await reader.page.waitForURL(`${shop.stripe}/**`)
}

async function pay(how: string, path: string): Promise<void> {
  await reader.page.fill('input[name=email]', 'reader@example.com')
  await reader.page.click(`button:has-text("${how}")`)
  if (how === 'Pay by card') await reader.page.waitForURL(`${shop.gate}${path}`)
}

describe('a reader of a site that sells with Stripe alone', () => {
  it('subscribes, reads for months, cancels at Stripe, and reads to the end of what is paid', async () => {
    await toCheckout('/articles/1')
    await pay('Pay by card', '/articles/1')
    expect(await reader.page.textContent('h1')).toBe('The night ferry is coming back')
    for (let day = 0; day < 62; day += 2) {
      await shop.tick(2 * DAY)
      expect(await status('/articles/2')).toBe(200)
    }
    await reader.page.goto(`${shop.gate}/__faregate/portal`)
    await reader.page.click('button:has-text("Cancel subscription")')
    expect(await reader.page.textContent('body')).toContain('ends with its period')
    expect(await status('/articles/3')).toBe(200)
    const read: (number | undefined)[] = []
    for (let day = 0; day < 32; day += 2) {
      await shop.tick(2 * DAY)
      read.push(await status('/articles/4'))
    }
    expect(read.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 200))
    expect(read.at(-1)).toBe(402)
    expect(await reader.page.isVisible('a[rel=payment]')).toBe(true)
  })

  it('buys reports for an hour, and has them no more once the money was given back', async () => {
    await toCheckout('/reports/1', 'Reports for an hour')
    await pay('Pay by card', '/reports/1')
    expect(await reader.page.textContent('h1')).toContain('Report 1')
    expect(await status('/reports/2')).toBe(200)
    shop.double.refund([...shop.double.state.intents.keys()].at(-1) ?? '')
    await shop.tick(1)
    expect(await status('/reports/3')).toBe(402)
  })

  it('waits for a bank debit without touching anything', async () => {
    await toCheckout('/articles/5')
    const session = shop.double.sessionAt(reader.page.url())
    await pay('Pay by bank debit', '/articles/5')
    await reader.page.waitForSelector('h1:has-text("We are waiting for your payment")')
    shop.double.settle(session, 'paid')
    await shop.tick(1)
    await reader.page.waitForURL(`${shop.gate}/articles/5`)
    expect(await reader.page.textContent('h1')).toBe('Forty seats and no curtain')
  })

  it('turns back from the checkout to the page', async () => {
    await toCheckout('/articles/6')
    await reader.page.click('#cancel')
    await reader.page.waitForURL(`${shop.gate}/articles/6`)
    expect(await reader.page.isVisible('a:has-text("Buy")')).toBe(true)
  })
})
