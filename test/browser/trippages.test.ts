import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { problems } from '../../src/help/endpoint.ts'
import { capture } from '../../src/http/capture.ts'
import { codePage, emailPage, nobodyPage } from '../../src/login/emailcode/pages.ts'
import { answerPage, type WriteTripPage } from '../../src/login/page.ts'
import {
  aheadPage,
  brokenPage,
  busyPage,
  clickPage,
  donePage,
  exposedPage,
  loginsPage,
  noPortalPage,
  noSignIn,
  nothingHere,
  offersPage,
  portalPage,
  postedElsewhere,
  refusedPage,
  stillWaitingPage,
  strangerPage,
  unavailablePage,
  waitingPage,
} from '../../src/login/pages.ts'
import { signOutElsewherePage, signOutPage, stillSignedInPage } from '../../src/login/signoutpages.ts'
import { endpointProblem } from '../../src/refusals/endpointproblem.ts'
import { FakeLogin } from '../login/fakelogin.ts'
import { newspaper } from '../refusals/newspaper.ts'
import { PROGRAMMERS_WORDS, scrollsSideways, smallTargets, violationsOf } from './axe.ts'
import { launch } from './chromium.ts'

const SITE = newspaper()
const URL_OF_PAGE = 'https://a.test/__faregate/page'
const LANGUAGES = ['en', 'de'] as const
const OFFERS = [
  { name: 'monthly', title: 'Monthly', price: '5 EUR a month' },
  { name: 'yearly', title: 'A whole year of The Daily Fare, with the Sunday edition' },
]
const LOGIN = new FakeLogin({ offers: OFFERS }).create()
const OTHER = new FakeLogin({ name: 'other' }).create()
const WAYS = { logins: [LOGIN, OTHER], zone: SITE.zone }
const NO_WAYS = { logins: [], zone: SITE.zone }
const TO = '/articles/1?page=2'
const FAILED = { to: TO, offer: undefined, id: '0199c4a1-7e3b-7c1d-9a5e-0123456789ab' }
const BUYING = { ...FAILED, offer: 'monthly' }
const CHOICES = OFFERS.map((offer) => ({ login: LOGIN, offer }))
const PRICED = [...SITE.zone.offers.values()].map((priced) => ({
  ...CHOICES[0],
  login: LOGIN,
  offer: { name: priced.name, title: '' },
  priced,
}))
const NOTICE = { en: 'You have this subscription twice now.', de: 'Sie haben dieses Abonnement jetzt zweimal.' }
const HERE = capture(new Request(URL_OF_PAGE), 0)

const TRIP_PAGES: readonly (readonly [string, WriteTripPage])[] = [
  ['nothing to buy', nothingHere(TO, WAYS)],
  ['nobody signs in', noSignIn(TO)],
  ['a choice of offers', offersPage(CHOICES, TO, WAYS)],
  ['a choice of offers without a sign-in', offersPage(CHOICES, TO, NO_WAYS)],
  ['a choice of what the site describes', offersPage(PRICED, TO, WAYS)],
  ['a choice of logins', loginsPage(WAYS.logins, TO)],
  ['a click to sign in', clickPage('sign-in', { to: TO, login: 'ident' })],
  ['a click to buy', clickPage('checkout', { to: TO, offer: 'monthly', login: 'ident' })],
  ['plain http', exposedPage('checkout', HERE)],
  ['a form of another site', postedElsewhere('checkout', TO)],
  ['a return of no trip', strangerPage(WAYS)],
  ['a return of no trip without a sign-in', strangerPage(NO_WAYS)],
  ['a sign-in that was refused', refusedPage(FAILED, NOTICE, WAYS)],
  ['a purchase that was refused', refusedPage(BUYING, NOTICE, WAYS)],
  ['a sign-in without an answer', unavailablePage(FAILED)],
  ['a shop without an answer', unavailablePage(BUYING)],
  ['too many readers', busyPage(TO)],
  ['a page fetched ahead', aheadPage()],
  ['a sign-in with a notice', donePage(TO, NOTICE, true)],
  ['a purchase with a notice', donePage(TO, NOTICE, false)],
  ['a payment that is awaited', waitingPage(BUYING, 30)],
  ['a sign-in that is awaited', waitingPage(FAILED, 30)],
  ['a payment that takes long', stillWaitingPage(BUYING, TO)],
  ['a sign-in that takes long', stillWaitingPage(FAILED, TO)],
  ['a bug', brokenPage()],
  ['a portal to click for', portalPage(TO)],
  ['no portal', noPortalPage(TO, WAYS)],
  ['no portal without a sign-in', noPortalPage(TO, NO_WAYS)],
  ['a sign-out', signOutPage(false)],
  ['a sign-out that loses purchases', signOutPage(true)],
  ['a sign-out of unknown outcome', stillSignedInPage()],
  ['a sign-out of another site', signOutElsewherePage()],
  ['an address for a code', emailPage(TO)],
  ['an address that is none', emailPage(TO, 'noEmail')],
  ['an address after too many tries', emailPage(TO, 'often')],
  ['an address after a code that is too old', emailPage(TO, 'old')],
  ['a code', codePage(TO, 'a.reader.with.a.very.long.name@a-newspaper.example')],
  ['a code that was wrong', codePage(TO, 'reader@example.com', 'wrong')],
  ['an address of nobody', nobodyPage(TO)],
]

type Answer = (language: string) => Response | Promise<Response>

function asked(language: string) {
  const headers = { accept: 'text/html', 'accept-language': language }
  return capture(new Request(URL_OF_PAGE, { headers }), 0)
}

const ofProblem =
  (status: number): Answer =>
  (language) =>
    endpointProblem({ status, title: 'for programs', detail: 'for programs' }, asked(language), SITE.zone.pages)

const ANSWERS: readonly (readonly [string, Answer])[] = [
  ...TRIP_PAGES.map(
    ([name, write]) =>
      [name, (language: string) => answerPage(write, { exchange: asked(language), site: SITE })] as const,
  ),
  ...[400, 401, 403, 404, 405, 500].map((status) => [`a problem of status ${status}`, ofProblem(status)] as const),
]

let browser: Browser

beforeAll(async () => {
  browser = await launch()
})
afterAll(() => browser.close())

/** Opens a page that asks nobody else for anything, and returns what it said in the console. */
async function openPage(width: number, colorScheme: 'light' | 'dark'): Promise<{ page: Page; wrong: string[] }> {
  const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme })
  const wrong: string[] = []
  await context.route('**/*', (route) => {
    wrong.push(route.request().url())
    return route.abort()
  })
  const page = await context.newPage()
  page.on('console', (message) => wrong.push(message.text()))
  return { page, wrong }
}

async function show(page: Page, response: Response): Promise<string> {
  const body = await response.text()
  const headers = Object.fromEntries([...response.headers].filter(([name]) => name !== 'refresh'))
  await page.route(URL_OF_PAGE, (route) => route.fulfill({ status: response.status, headers, body }), { times: 1 })
  await page.goto(URL_OF_PAGE)
  return body
}

async function expectUsable(page: Page, language: string): Promise<void> {
  expect(await violationsOf(page)).toEqual([])
  expect(await smallTargets(page)).toEqual([])
  expect(await scrollsSideways(page)).toBe(false)
  expect(await page.locator('h1').count()).toBe(1)
  expect(await page.locator('.main').count()).toBeGreaterThan(0)
  expect(await page.getAttribute('html', 'lang')).toBe(language)
}

describe('the page of', () => {
  it.each(ANSWERS)('%s is one that anybody can use, in each scheme, width and language', async (_name, answer) => {
    for (const [width, scheme] of [
      [320, 'light'],
      [1280, 'dark'],
    ] as const) {
      const { page, wrong } = await openPage(width, scheme)
      for (const language of LANGUAGES) {
        const body = await show(page, await answer(language))
        await expectUsable(page, language)
        expect(await page.innerText('body')).not.toMatch(PROGRAMMERS_WORDS)
        expect(new TextEncoder().encode(body).length).toBeLessThanOrEqual(8 * 1024)
      }
      expect(wrong.filter((line) => !line.includes('status of'))).toEqual([])
      await page.context().close()
    }
  })
})

describe('the help page', () => {
  it.each(LANGUAGES)('is one that anybody can use, and speaks to readers in their words: %s', async (language) => {
    for (const [width, scheme] of [
      [320, 'light'],
      [1280, 'dark'],
    ] as const) {
      const { page } = await openPage(width, scheme)
      const endpoint = problems().create({} as never)
      const request = { exchange: asked(language), site: SITE } as never
      const answered = await endpoint.answer(request, {} as never)
      if (!answered.ok) throw new Error('no page')
      await show(page, answered.value)
      await expectUsable(page, language)
      const texts = await page.locator('h1, h2, h3, p:not(.soft)').allInnerTexts()
      for (const text of texts) expect(text).not.toMatch(PROGRAMMERS_WORDS)
      await page.context().close()
    }
  })
})
