import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { AccountWorld, BROWSER } from '../account/world.ts'
import { makeParties, type Parties } from '../tokens/hostile/parties.ts'
import { PROGRAMMERS_WORDS, scrollsSideways, smallTargets, violationsOf } from './axe.ts'
import { launch } from './chromium.ts'

const URL_OF_PAGE = 'https://news.example/__faregate/account'
const PAGE = '/__faregate/account'
const FEEDS = '/__faregate/feeds'

let browser: Browser
let parties: Parties

beforeAll(async () => {
  browser = await launch()
  parties = await makeParties()
})
afterAll(async () => {
  vi.restoreAllMocks()
  await browser.close()
})

type Fields = Record<string, string>

/** The states of an account, as its page shows them. */
const STATES: readonly (readonly [string, (world: AccountWorld, fields: Fields) => Promise<Response>])[] = [
  ['an account', (world, fields) => world.open(PAGE, fields)],
  [
    'an account with charges, keys and credit',
    async (world, fields) => {
      await world.grant(20)
      await world.key()
      const [charge] = await world.spend(3, 3)
      return world.open(`${PAGE}?reference=${charge}`, fields)
    },
  ],
  [
    'a held account',
    async (world, fields) => {
      await world.tell({ kind: 'hold', isLifted: false })
      return world.open(PAGE, fields)
    },
  ],
  [
    'an account behind with its payment',
    async (world, fields) => {
      await world.tell({ kind: 'standing', standing: 'past-due' })
      return world.open(PAGE, fields)
    },
  ],
  [
    'an account whose ledger is down',
    async (world, fields) => {
      world.isDown = true
      return world.open(`${PAGE}?reference=1`, fields)
    },
  ],
  [
    'feeds',
    async (world, fields) => {
      const signedIn = `__Host-faregate=${await world.token()}`
      const order = { action: 'create', name: 'phone', path: '/feed/daily.xml' }
      const made = await world.post(FEEDS, order, { cookie: signedIn })
      const [shown = ''] = (made.headers.getSetCookie()[0] ?? '').split(';')
      return world.ask(FEEDS, { headers: { ...BROWSER, ...fields, cookie: `${signedIn}; ${shown}` } })
    },
  ],
  [
    'feeds after an order in vain',
    async (world, fields) => {
      const signedIn = `__Host-faregate=${await world.token()}`
      return world.post(FEEDS, { action: 'rotate', id: 'none' }, { ...fields, cookie: signedIn })
    },
  ],
  ['nobody', (world, fields) => world.ask(PAGE, { headers: { ...BROWSER, ...fields } })],
  ['a reader from elsewhere', (world, fields) => world.open(PAGE, { ...fields, 'sec-fetch-site': 'cross-site' })],
  ['a key that opens nothing', (world, fields) => world.post(PAGE, { key: 'no-key' }, fields)],
  [
    'the account of a pasted key',
    async (world, fields) => {
      const answer = await world.post(PAGE, { key: await world.key() })
      const [cookie = ''] = (answer.headers.getSetCookie()[0] ?? '').split(';')
      return world.ask(PAGE, { headers: { ...BROWSER, ...fields, cookie } })
    },
  ],
]

async function show(page: Page, response: Response): Promise<void> {
  const body = await response.text()
  const headers = Object.fromEntries([...response.headers].filter(([name]) => name !== 'set-cookie'))
  await page.route(URL_OF_PAGE, (route) => route.fulfill({ status: response.status, headers, body }), { times: 1 })
  await page.goto(URL_OF_PAGE)
}

describe('the page of', () => {
  it.each(STATES)('%s is one that anybody can use, in each scheme, language and size', async (_whose, open) => {
    for (const language of ['en', 'de']) {
      for (const [width, colorScheme] of [
        [320, 'light'],
        [1280, 'dark'],
      ] as const) {
        const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme })
        const page = await context.newPage()
        const wrong: string[] = []
        page.on('console', (message) => wrong.push(message.text()))
        await context.route('**/*', (route) => {
          wrong.push(route.request().url())
          return route.abort()
        })
        await show(page, await open(new AccountWorld(parties), { 'accept-language': language }))
        for (const summary of await page.locator('summary').all()) await summary.click()
        expect(await violationsOf(page)).toEqual([])
        expect(await smallTargets(page)).toEqual([])
        expect(await scrollsSideways(page)).toBe(false)
        expect(await page.locator('h1').count()).toBe(1)
        expect(await page.innerText('body')).not.toMatch(PROGRAMMERS_WORDS)
        expect(await page.getAttribute('html', 'lang')).toBe(language)
        expect(wrong.filter((line) => !line.includes('status of'))).toEqual([])
        await context.close()
      }
    }
  })
})
