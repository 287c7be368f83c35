import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { PLAYGROUND } from '../../demo/playground/calls.ts'
import { type Running, startAll } from '../slow/running.ts'
import { launch } from './chromium.ts'

let all: Running
let browser: Browser
let context: BrowserContext
let page: Page
let faults: string[]

beforeAll(async () => {
  all = await startAll()
  browser = await launch()
})
afterAll(async () => {
  await browser.close()
  await all.stop()
})
beforeEach(async () => {
  context = await browser.newContext({ viewport: { width: 375, height: 812 } })
  page = await context.newPage()
  faults = []
  page.on('pageerror', ({ message }) => faults.push(message))
  page.on('console', (said) => {
    // A refusal is told of as well, and is what some tests are after.
    if (said.type() === 'error' && !said.text().includes('402')) faults.push(said.text())
  })
  await page.goto(`${all.gate.replace('127.0.0.1', 'localhost')}/playground`)
  await page.waitForSelector('#model option', { state: 'attached' })
})
afterEach(async () => {
  expect(faults).toEqual([])
  await context.close()
})

const sent = (): Promise<unknown> => page.waitForSelector('#send:not([disabled])')
const balance = async (): Promise<number> => Number((await page.innerText('#balance')).split(' ')[0])

async function choose(label: string): Promise<void> {
  const listed = page.waitForResponse((response) => response.url().includes('/models'))
  await page.click(`#providers label:has-text("${label}")`)
  await listed
}

describe('the playground', () => {
  it.each(Object.entries(PLAYGROUND))(
    'answers token by token with %s, and the balance falls by what is charged',
    async (name, { label }) => {
      if (name !== 'openai') await choose(label)
      await page.waitForSelector('#quote:has-text("Reserves")')
      expect(await balance()).toBe(0.01)
      await page.click('#send')
      await page.waitForSelector('#rows tr')
      await sent()
      expect(await page.innerText('#text')).toContain('You asked: “What does a word cost?”')
      const charged = await page.innerText('#rows tr td:nth-child(2)')
      expect(await page.innerText('#facts')).toContain(charged)
      expect(await page.innerText('#facts')).toMatch(
        /\d+ tokens in at [\d.]+, \d+ out at [\d.]+ for a million; measured/,
      )
      expect(await balance()).toBeCloseTo(0.01 - Number(charged), 9)
      expect(await balance()).toBeLessThan(0.01)
    },
  )

  it('refuses what does not fit, says what would, and goes on once credit is added', async () => {
    await page.selectOption('#model', 'gpt-6-astra')
    await page.waitForSelector('#quote:has-text("would fit")')
    await page.click('#send')
    await page.waitForSelector('#refusal')
    expect(await page.innerText('#refusal')).toMatch(/402[\s\S]*0\.01 USD left; this call reserves 0\.0\d+/)
    await page.click('#refusal-top-up')
    await page.waitForSelector('#rows tr')
    expect(await page.isVisible('#refusal')).toBe(false)
    expect(await page.innerText('#text')).toContain('You asked')
  })

  it('keeps its account over a reload, and takes a token of one’s own', async () => {
    const account = await page.innerText('#account')
    await page.reload()
    await page.waitForSelector('#model option', { state: 'attached' })
    expect(await page.innerText('#account')).toBe(account)
    await page.click('summary:has-text("Your own token")')
    await page.fill('#token', await all.token('--sub', 'mine', '--entitlements', 'api'))
    await page.click('#use')
    await page.waitForSelector('#account:has-text("mine")')
    expect(await balance()).toBe(0)
  })

  it('runs no script of the page itself, and needs no more width than a phone has', async () => {
    const answer = await page.request.get(page.url())
    expect(answer.headers()['content-security-policy']).toContain("script-src 'self'")
    expect(await answer.text()).not.toMatch(/<script>|style=|onclick=/)
    const [width, scrolled] = await page.evaluate(() => [innerWidth, document.documentElement.scrollWidth])
    expect(scrolled).toBeLessThanOrEqual(width ?? 0)
  })
})
