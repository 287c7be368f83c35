import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { demoVariable } from '../../demo/state.ts'
import { open, shut } from '../../tools/loopback.ts'
import { playWeeks, type Weeks } from '../../tools/weeks/weeks.ts'
import { bundleOf, ROOT } from '../slow/bundles.ts'
import { scrollsSideways, smallTargets, violationsOf } from './axe.ts'
import { launch } from './chromium.ts'
import { contextOf, type Looks } from './people.ts'

process.env[demoVariable] ??= 'tests'

const RANGES = ['1h', '24h', '7d', '90d'] as const
/** A day of a small paper has to be played, on a machine that may be busy. */
const PLAYED_WITHIN_MS = 300_000

/** The operators' dashboard after a day and a half of the demo, of which every number has come from requests. */
let weeks: Weeks
let storage: string
let dashboard: string
let elsewhere: Server
let elsewhereUrl: string
let browser: Browser
let context: BrowserContext

beforeAll(async () => {
  storage = mkdtempSync(join(ROOT, '.faregate/weeks-'))
  weeks = await playWeeks({ module: bundleOf(join(ROOT, 'tools/weeks')), storage, days: 1.5, visitsAnHour: 12 })
  dashboard = `${weeks.gate}/__faregate/operator`
  elsewhere = createServer((_, response) => {
    response
      .setHeader('content-type', 'text/html')
      .end(`<a href="${dashboard}">look</a><iframe src="${dashboard}"></iframe>`)
  })
  elsewhereUrl = await open(elsewhere)
  browser = await launch()
}, PLAYED_WITHIN_MS)
afterAll(async () => {
  await browser.close()
  await shut(elsewhere)
  await weeks.stop()
  rmSync(storage, { recursive: true, force: true })
})
afterEach(() => context.close())

/** Opens a browser, and signs its operator in. */
async function looking(looks: Looks = {}): Promise<Page> {
  context = await contextOf(browser, looks)
  const page = await context.newPage()
  await page.goto(dashboard)
  await page.fill('textarea', await weeks.viewToken())
  await page.click('button')
  await page.waitForSelector('.tiles')
  return page
}

const WINDOWS = ([320, 390, 1280] as const).flatMap((width) => RANGES.map((range) => [width, range] as const))

describe.each(['light', 'dark'] as const)('the dashboard, %s,', (scheme) => {
  it.each(WINDOWS)('has no fault that axe knows, and fits a window of %i px: %s', async (width, range) => {
    const page = await looking({ width, scheme, runsScripts: true })
    await page.goto(`${dashboard}?range=${range}`)
    for (const summary of await page.$$('summary')) await summary.click()
    expect(await violationsOf(page)).toEqual([])
    expect(await scrollsSideways(page)).toBe(false)
    expect(await smallTargets(page)).toEqual([])
  })

  it('asks for a token on a page without a fault', async () => {
    context = await contextOf(browser, { width: 320, scheme, runsScripts: true })
    const page = await context.newPage()
    expect((await page.goto(dashboard))?.status()).toBe(401)
    expect(await violationsOf(page)).toEqual([])
    expect(await scrollsSideways(page)).toBe(false)
  })
})

describe('the dashboard of somebody', () => {
  let page: Page
  beforeEach(async () => {
    page = await looking()
  })

  it('without a mouse leads to each range, opens each table and scrolls what is wide', async () => {
    await page.setViewportSize({ width: 320, height: 640 })
    const reached: string[] = []
    for (let presses = 0; presses < 40; presses += 1) {
      await page.keyboard.press('Tab')
      const where = await page.evaluate<string>(
        '(({ tagName, textContent }) => tagName === "BODY" ? "" : `${tagName} ${textContent.trim()}`)(document.activeElement)',
      )
      if (where === '') break
      if (where.startsWith('SUMMARY')) await page.keyboard.press('Enter')
      reached.push(where)
    }
    const links = reached.filter((where) => where.startsWith('A ')).map((where) => where.slice(2))
    expect(links).toEqual(expect.arrayContaining(['1h', '7d', '90d']))
    const summaries = await page.$$('summary')
    expect(reached.filter((where) => where.startsWith('SUMMARY'))).toHaveLength(summaries.length)
    expect(await page.$$('details[open]')).toHaveLength(summaries.length)
    const wide = await page.$$eval('.wide', (all) => all.filter((one) => one.scrollWidth > one.clientWidth).length)
    expect(reached.filter((where) => where.startsWith('DIV')).length).toBeGreaterThanOrEqual(wide)
  })

  it('has no script, asks no other host, and is at most 60 kB in each range', async () => {
    const asked: string[] = []
    page.on('request', (request) => asked.push(request.url()))
    for (const range of RANGES) {
      const answer = await page.goto(`${dashboard}?range=${range}`)
      const text = (await answer?.text()) ?? ''
      expect(text).not.toMatch(/<script|\son\w+=|javascript:/i)
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(60_000)
      expect(answer?.headers()['content-security-policy']).toMatch(/default-src 'none'/)
    }
    expect(asked.filter((url) => !url.startsWith(`${weeks.gate}/`))).toEqual([])
  })

  it.each(RANGES)('has below each chart of %s a table of the same numbers', async (range) => {
    await page.goto(`${dashboard}?range=${range}`)
    const charts = await page.$$eval('figure', (figures) =>
      figures.map((figure) => ({
        finding: figure.querySelector('figcaption')?.textContent ?? '',
        name: figure.querySelector('svg')?.getAttribute('aria-label'),
        bars:
          Array.from(figure.querySelectorAll('path:not(.mark)'), (part) => part.getAttribute('d') ?? '')
            .join('')
            .split('M').length - 1,
        cells: Array.from(figure.querySelectorAll('td'), (cell) => Number(cell.textContent)),
      })),
    )
    expect(charts).toHaveLength(2)
    for (const { finding, name, bars, cells } of charts) {
      expect(name).toBe(finding)
      expect(cells.filter((value) => value > 0)).toHaveLength(bars)
    }
    const sums = charts.map(({ cells }) => cells.reduce((sum, value) => sum + value, 0))
    expect(charts.map(({ finding }) => Number(/^[\d,]+/.exec(finding)?.[0].replaceAll(',', '')))).toEqual(sums)
    expect(sums[0]).toBeGreaterThan(0)
  })

  it('tells a script of the site’s own pages nothing to sign with, and carries out no order of it', async () => {
    await page.goto(`${weeks.gate}/free/about`)
    const tried = await page.evaluate(async () => {
      const orders = ['operator', 'purge', 'credit', 'hold', 'erase', 'export', 'lookup', 'emergency']
      const statuses = await Promise.all(
        orders.map(async (name) => {
          const json = { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } }
          const form = { method: 'POST', body: new URLSearchParams({ token: '' }) }
          const answers = await Promise.all([json, form].map((init) => fetch(`/__faregate/${name}`, init)))
          return answers.map(({ ok }) => ok)
        }),
      )
      return { done: statuses.flat().filter(Boolean).length, cookies: document.cookie }
    })
    expect(tried).toEqual({ done: 0, cookies: expect.not.stringContaining('operator') })
  })

  it('is shown to nobody whom another site sends, nor in its frame', async () => {
    await page.goto(elsewhereUrl)
    expect(await page.frames()[1]?.$('.tiles, textarea')).toBeNull()
    await page.click('a')
    await page.waitForSelector('textarea')
    expect(await page.$('.tiles')).toBeNull()
  })
})

it('says what is wrong with a token that may not look, and shows nothing', async () => {
  context = await contextOf(browser)
  const page = await context.newPage()
  await page.goto(dashboard)
  await page.fill('textarea', 'no token at all')
  await page.click('button')
  expect(await page.innerText('[role=alert]')).toContain('no token of an operator')
  expect(await page.$('.tiles')).toBeNull()
})
