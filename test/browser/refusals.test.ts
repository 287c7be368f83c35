import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Reason, REASONS } from '../../src/core/problem.ts'
import { ARTICLE, EVERY_REASON, newspaper, OF_READERS, refusedAt, toldRefusal } from '../refusals/newspaper.ts'
import { launch } from './chromium.ts'
import { PROGRAMMERS_WORDS, scrollsSideways, smallTargets, violationsOf } from './axe.ts'

const URL_OF_PAGE = 'https://a.test/articles/1'
const SITE = newspaper()
const SCHEMES = ['light', 'dark'] as const
const LANGUAGES = ['en', 'de'] as const

let browser: Browser

beforeAll(async () => {
  browser = await launch()
})
afterAll(() => browser.close())

/** Opens pages of the newspaper as the gate would send them; everything else is a request too many. */
async function openContext(
  width: number,
  colorScheme: 'light' | 'dark',
): Promise<{ context: BrowserContext; page: Page; wrong: string[] }> {
  const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme })
  const page = await context.newPage()
  const wrong: string[] = []
  // A page that reloads itself once has done so.
  await page.addInitScript("performance.getEntriesByType = () => [{ type: 'reload' }]")
  page.on('console', (message) => wrong.push(message.text()))
  await context.route('**/*', (route) => {
    if (route.request().url() !== URL_OF_PAGE) wrong.push(route.request().url())
    return route.abort()
  })
  return { context, page, wrong }
}

async function show(page: Page, response: Response): Promise<void> {
  const body = await response.text()
  const headers = Object.fromEntries([...response.headers].filter(([name]) => name !== 'refresh'))
  await page.route(URL_OF_PAGE, (route) => route.fulfill({ status: response.status, headers, body }), { times: 1 })
  await page.goto(URL_OF_PAGE)
}

/** The pages of a reason: with and without what is known of the article. */
function pagesOf(reason: Reason): readonly (typeof ARTICLE | undefined)[] {
  return REASONS[reason].status === 402 ? [undefined, ARTICLE] : [undefined]
}

describe('the page of', () => {
  it.each(EVERY_REASON)('%s is one that anybody can use, in each scheme and language', async (reason) => {
    for (const scheme of SCHEMES) {
      const { context, page, wrong } = await openContext(390, scheme)
      for (const language of LANGUAGES) {
        for (const article of pagesOf(reason)) {
          await show(page, refusedAt(SITE, toldRefusal(reason), { language, article }))
          expect(await violationsOf(page)).toEqual([])
          expect(await smallTargets(page)).toEqual([])
          expect(await page.locator('h1').count()).toBe(1)
          expect(await page.innerText('body')).not.toMatch(PROGRAMMERS_WORDS)
          expect(await page.getAttribute('html', 'lang')).toBe(language)
        }
      }
      expect(wrong.filter((line) => !line.includes('status of'))).toEqual([])
      await context.close()
    }
  })

  it.each(Object.entries(OF_READERS))('%s is one that anybody can use', async (_what, why) => {
    for (const scheme of SCHEMES) {
      const { context, page } = await openContext(320, scheme)
      await show(page, refusedAt(SITE, why))
      expect(await violationsOf(page)).toEqual([])
      expect(await smallTargets(page)).toEqual([])
      expect(await scrollsSideways(page)).toBe(false)
      await context.close()
    }
  })

  it.each(EVERY_REASON)('%s fits the narrowest screen, and a wide one', async (reason) => {
    for (const width of [320, 1280]) {
      const { context, page } = await openContext(width, 'light')
      for (const language of LANGUAGES) {
        await show(page, refusedAt(SITE, toldRefusal(reason), { language, article: ARTICLE }))
        expect(await scrollsSideways(page)).toBe(false)
        expect(await smallTargets(page)).toEqual([])
      }
      await context.close()
    }
  })
})
