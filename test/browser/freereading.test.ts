import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launch } from './chromium.ts'
import { violationsOf } from './axe.ts'
import { contextOf, type Demo, startDemo } from './people.ts'

let demo: Demo
let browser: Browser

beforeAll(async () => {
  demo = await startDemo({ FREE_VIEWS: '3' })
  browser = await launch()
})
afterAll(async () => {
  await browser.close()
  await demo.stop()
})

describe.each(['en', 'de'] as const)('a reader of the newspaper (%s)', (language) => {
  it('opens three articles, and the same again; the fourth says when there are more, and what opens it now', async () => {
    const context = await contextOf(browser, { language, runsScripts: true })
    const page = await context.newPage()
    const open = async (id: number): Promise<number | undefined> =>
      (await page.goto(`${demo.gate}/articles/${id}`))?.status()
    expect([await open(1), await open(2), await open(3)]).toEqual([200, 200, 200])
    expect(await open(4)).toBe(402)
    const said = { en: /You have read 3 of 3 free articles/, de: /3 von 3/ }
    expect(await page.innerText('main')).toMatch(said[language])
    expect(await page.locator('.offers li').count()).toBe(3)
    expect(await violationsOf(page)).toEqual([])
    expect([await open(2), await open(4)]).toEqual([200, 402])
    await context.close()
  })
})
