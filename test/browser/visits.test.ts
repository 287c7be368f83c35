import { createServer, type Server } from 'node:http'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { event as told } from '../../demo/event.ts'
import { type Running, startAll } from '../slow/running.ts'
import { open } from '../../tools/loopback.ts'
import { launch } from './chromium.ts'

/** Another site: browsers take `127.0.0.1` and `localhost` for two. */
let elsewhere: Server
let elsewhereUrl: string
let all: Running
let gate: string
let browser: Browser
let context: BrowserContext
let page: Page
let account: string
let number = 0

beforeAll(async () => {
  all = await startAll()
  gate = `http://localhost:${new URL(all.gate).port}`
  browser = await launch()
  elsewhere = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://elsewhere')
    const to = searchParams.get('to') ?? ''
    if (pathname === '/sign-in') response.setHeader('set-cookie', `__Host-faregate=${to}; ${ATTRIBUTES}`).end()
    else if (pathname === '/302') response.writeHead(302, { location: to }).end()
    else response.setHeader('content-type', 'text/html').end(PAGES[pathname]?.(to) ?? 'nothing')
  })
  elsewhereUrl = await open(elsewhere)
})
afterAll(async () => {
  await browser.close()
  elsewhere.close()
  await all.stop()
})

const ATTRIBUTES = 'Path=/; Secure; HttpOnly; SameSite=Lax'
const PAGES: Readonly<Record<string, (to: string) => string>> = {
  '/meta': (to) => `<meta http-equiv="refresh" content="0;url=${to}">`,
  '/script': (to) => `<script>location = ${JSON.stringify(to)}</script>`,
  '/link': (to) => `<a href="${to}">read</a>`,
  '/form': (to) => `<form action="${to}"><button>read</button></form>`,
  '/frame': (to) => `<iframe src="${to}"></iframe>`,
  '/post': (to) => `<form method="post" action="${to}"><button>read</button></form>`,
}

beforeEach(async () => {
  account = `visitor-${++number}`
  const value = await all.token('--sub', account, '--entitlements', 'api', '--limit', 'requests=100/3600')
  context = await browser.newContext()
  page = await context.newPage()
  // Cookies know no ports.
  await page.goto(`${elsewhereUrl.replace('127.0.0.1', 'localhost')}/sign-in?to=${value}`)
})
afterEach(() => context.close())

/** What the account is told of itself, by a token of its own. */
async function facts(): Promise<{ charges: { total: number }; credit: { amount: string }[] }> {
  const headers = { authorization: `Bearer ${await all.token('--sub', account)}` }
  const response = await fetch(`${all.gate}/__faregate/account`, { headers })
  return ((await response.json()) as { account: Awaited<ReturnType<typeof facts>> }).account
}

async function grant(amount: string): Promise<void> {
  await told(['--sub', account, '--grant', amount, '--url', all.gate, '--issuer', all.billing])
}

const credit = async (): Promise<string> => (await facts()).credit[0]?.amount ?? '0'
const from = (how: string, to: string): string => `${elsewhereUrl}/${how}?to=${encodeURIComponent(to)}`
const METERED = '/api/echo'
const PRICED = '/reports/1'

/** Opens the page of the other site, and waits for what it leads to. */
async function follow(how: string, to: string): Promise<number | undefined> {
  const arrived = page.waitForResponse((response) => response.url().startsWith(to) && response.status() !== 302)
  await page.goto(from(how, to))
  if (how === 'link') await page.click('a')
  if (how === 'form') await page.click('button')
  return (await arrived).status()
}

describe('a reader with a quota, sent by another site', () => {
  it.each(['link', '302', 'meta', 'script', 'form'])('by a %s, reads the page, and it counts', async (how) => {
    expect(await follow(how, `${gate}${METERED}`)).toBe(200)
    await page.waitForFunction('document.body.innerText.includes("method")')
    expect((await facts()).charges.total).toBe(1)
  })

  it('takes nothing of it by a hidden frame', async () => {
    expect(await follow('frame', `${gate}${METERED}`)).toBe(402)
    expect((await facts()).charges.total).toBe(0)
  })
})

describe('a reader with credit', () => {
  beforeEach(() => grant('1 USD'))

  it.each(['link', '302', 'meta', 'script', 'form'])(
    'is asked by a page of ours after a %s, and pays once they say yes',
    async (how) => {
      expect(await follow(how, `${gate}${PRICED}`)).toBe(402)
      await page.waitForSelector('button')
      expect(await page.innerText('main')).toContain('You have $1.00')
      expect(await credit()).toBe('1')
      const arrived = page.waitForResponse((response) => response.url().startsWith(`${gate}${PRICED}`))
      await page.click('button')
      expect((await arrived).status()).toBe(200)
      expect(await page.innerText('body')).toContain('Report 1')
      expect(page.url()).toMatch(/\/reports\/1\??$/)
      expect(await credit()).toBe('0.75')
    },
  )

  it('comes back by Back, a reload and a new tab at no cost, and posts nothing again', async () => {
    await page.goto(`${gate}${PRICED}`)
    await page.click('button')
    await page.waitForURL(`${gate}${PRICED}`)
    await page.waitForFunction('document.body.innerText.includes("Report 1")')
    expect((await page.reload())?.status()).toBe(200)
    await page.goto(`${gate}/free/about`)
    await page.goBack()
    expect(await page.innerText('body')).toContain('Report 1')
    const other = await context.newPage()
    expect((await other.goto(`${gate}${PRICED}`))?.status()).toBe(200)
    expect(await credit()).toBe('0.75')
    expect((await other.goto(`${gate}/reports/2`))?.status()).toBe(402)
  })

  it('pays once where the button is pressed twice', async () => {
    await page.goto(`${gate}${PRICED}`)
    await page.dblclick('button')
    await page.waitForFunction('document.body.innerText.includes("Report 1")')
    expect(await credit()).toBe('0.75')
  })

  it('pays nothing that a form of another site confirms', async () => {
    await page.goto(from('post', `${gate}/__faregate/confirm`))
    const arrived = page.waitForResponse(`${gate}/__faregate/confirm`)
    await page.click('button')
    expect((await arrived).status()).toBe(403)
    expect((await page.goto(`${gate}${PRICED}`))?.status()).toBe(402)
    expect(await credit()).toBe('1')
  })

  it('is shown the page in no frame', async () => {
    expect(await follow('frame', `${gate}${PRICED}`)).toBe(402)
    const frame = page.frames()[1]
    expect(await frame?.$('button')).toBeNull()
  })
})

describe('a browser that fetches ahead', () => {
  const lines = (): { decision: string; route: string; status: number }[] =>
    all.log.filter((line) => line.includes('"decision"')).map((line) => JSON.parse(line) as never)

  it.each(['prefetch', 'prerender'])(
    'by %s is declined, and the page is read and counted when it is opened',
    async (kind) => {
      const before = lines().length
      await page.goto(`${gate}/free/about`)
      await page.evaluate(
        ([rule, url]) => {
          const script = document.createElement('script')
          script.type = 'speculationrules'
          script.textContent = JSON.stringify({ [rule]: [{ source: 'list', urls: [url], eagerness: 'immediate' }] })
          const link = Object.assign(document.createElement('a'), { href: url, id: 'next', textContent: 'next' })
          document.body.append(script, link)
        },
        [kind, METERED] as const,
      )
      await vi.waitFor(() =>
        expect(lines().slice(before)).toContainEqual(expect.objectContaining({ decision: 'prefetch', status: 503 })),
      )
      expect((await facts()).charges.total).toBe(0)
      await page.click('#next')
      await page.waitForFunction('document.body.innerText.includes("method")')
      expect((await facts()).charges.total).toBe(1)
    },
  )

  it.each([
    ['once', [503, 200]],
    ['always', [503, 503]],
  ])('%s, and shows what it was told, has the page reload itself once', async (often, expected) => {
    const statuses: number[] = []
    page.on('response', (response) => {
      if (response.url() === `${gate}${METERED}`) statuses.push(response.status())
    })
    let asked = 0
    await page.route(`${gate}${METERED}`, (route) => {
      const isAhead = often === 'always' || asked++ === 0
      return route.continue({ headers: { ...route.request().headers(), ...(isAhead && { purpose: 'prefetch' }) } })
    })
    await page.goto(`${gate}${METERED}`)
    await vi.waitFor(() => expect(statuses).toHaveLength(2))
    await page.waitForLoadState('load')
    if (often === 'always') expect(await page.innerText('main')).toContain('Open the page')
    expect(statuses).toEqual(expected)
  })
})
