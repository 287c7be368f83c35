import { createServer, type Server } from 'node:http'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { open, shut } from '../../../tools/loopback.ts'
import type { Workerd } from '../../../tools/workerd.ts'
import { askHost, OPS_HOST, readerToken, staffToken, startDesk } from '../../slow/operator/desk.ts'
import { scrollsSideways, smallTargets, violationsOf } from '../axe.ts'
import { launch } from '../chromium.ts'
import { contextOf, type Looks } from '../people.ts'
import { attackFrom, sealedForms } from './attack.ts'

const WWW = 'www.fare.localhost'
const SCOPES = 'view hold levers'

/** A gate, and where its dashboard and the publisher's pages are. */
interface Place {
  readonly gate: Workerd
  readonly dashboard: string
  readonly publisher: string
  readonly lines: string[]
}

let origin: Server
let browser: Browser
let places: Readonly<Record<'own' | 'zone', Place>>
let context: BrowserContext

beforeAll(async () => {
  origin = createServer((_, response) =>
    response.setHeader('content-type', 'text/html').end('<title>An article</title>'),
  )
  const originUrl = await open(origin)
  const start = async (host: string): Promise<Place> => {
    const lines: string[] = []
    const gate = await startDesk(originUrl, (line) => lines.push(line), host)
    const { port } = new URL(gate.url)
    const at = host === '' ? WWW : host
    return { gate, dashboard: `http://${at}:${port}/__faregate/operator`, publisher: `http://${WWW}:${port}`, lines }
  }
  const [own, zone] = await Promise.all([start(OPS_HOST), start('')])
  places = { own, zone }
  browser = await launch()
}, 120_000)
afterAll(async () => {
  await browser.close()
  await Promise.all([places.own.gate.stop(), places.zone.gate.stop()])
  await shut(origin)
})
afterEach(() => context.close())

async function signedIn({ dashboard }: Place, looks: Looks = {}): Promise<Page> {
  context = await contextOf(browser, looks)
  const page = await context.newPage()
  await page.goto(dashboard)
  await page.fill('textarea', await staffToken(SCOPES))
  await page.click('form button')
  await page.waitForSelector('.tiles')
  return page
}

/** Gives an order as a program does. */
async function order({ gate }: Place, path: string, body: object): Promise<void> {
  const token = await staffToken(path)
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const answer = await askHost(gate.url, WWW, `/__faregate/${path}`, { headers, body: JSON.stringify(body) })
  expect(answer.status).toBe(200)
}

const CLOSED = { close: { route: '/articles/*' } }
const inHours = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString()

/** An account is held and a route is closed, so that each button has something to do. */
async function prepare(place: Place): Promise<void> {
  await order(place, 'hold', { account: 'ida' })
  await order(place, 'levers', { ...CLOSED, until: inHours(4) })
}

async function statusOf({ gate }: Place): Promise<{ readonly held: number; readonly anonymous: number }> {
  const headers = { authorization: `Bearer ${await readerToken('ida')}` }
  const [held, anonymous] = await Promise.all(
    [{ headers }, {}].map((sent) => askHost(gate.url, WWW, '/articles/1', sent)),
  )
  return { held: held?.status ?? 0, anonymous: anonymous?.status ?? 0 }
}

const acts = ({ lines }: Place): string[] => lines.filter((line) => line.includes('"audit":'))

describe('script on a page of the publisher', () => {
  it('on another host than the dashboard reads nothing, and presses no button, not even by orders that it has been given', async () => {
    const place = places.own
    const page = await signedIn(place, { runsScripts: true })
    await prepare(place)
    await page.goto(place.dashboard)
    const forms = await sealedForms(page)
    expect(forms.map(({ text }) => text).toSorted()).toEqual(['Close', 'Lift', 'Look up', 'Open', 'Sign out', 'Undo'])
    const before = acts(place).length
    const found = await attackFrom(await pageAt(place), place.dashboard, forms)
    expect(found.read).toBe('TypeError')
    expect(found.posts.filter((post) => !/^(?:TypeError|opaque 0)$/.test(post))).toEqual([])
    expect(found.shown).toEqual([])
    // A browser tells nobody of the answer to a fetch without CORS.
    expect(found.statuses).toHaveLength(forms.length * 4)
    expect(new Set(found.statuses)).toEqual(new Set([400]))
    expect(acts(place)).toHaveLength(before)
    expect(await statusOf(place)).toEqual({ held: 503, anonymous: 503 })
    // The same orders are carried out once a person presses the buttons.
    await page.goto(place.dashboard)
    await page.click('button:text-is("Undo")')
    expect(await page.textContent('[role=status]')).toBe('It is no longer closed.')
    expect(await statusOf(place)).toEqual({ held: 402, anonymous: 402 })
    await page.click('button:text-is("Lift")')
    expect(await page.textContent('[role=status]')).toBe('The hold was lifted.')
    expect(await statusOf(place)).toEqual({ held: 200, anonymous: 402 })
    await page.selectOption('select[name=part] >> nth=0', 'zone news')
    await page.click('button:text-is("Open")')
    expect(await page.textContent('[role=status]')).toBe('It is opened.')
    expect(await statusOf(place)).toEqual({ held: 200, anonymous: 200 })
    await page.click('button:text-is("Undo")')
  })

  it('on the host of the dashboard can read the page, and presses no button: each asks for a token', async () => {
    const place = places.zone
    const page = await signedIn(place, { runsScripts: true })
    await prepare(place)
    await page.goto(place.dashboard)
    const forms = (await sealedForms(page)).filter(({ text }) => text !== 'Sign out')
    expect(forms.map(({ text }) => text).toSorted()).toEqual(['Close', 'Lift', 'Look up', 'Open', 'Undo'])
    const before = acts(place).filter((line) => line.includes('"done":true')).length
    const found = await attackFrom(await pageAt(place), place.dashboard, forms)
    expect(found.read).toBe('basic 200')
    expect(new Set(found.posts)).toEqual(new Set(['basic 401']))
    expect(found.shown).toEqual([])
    expect(found.statuses).toHaveLength(forms.length * 5)
    expect(new Set(found.statuses)).toEqual(new Set([401]))
    expect(acts(place).filter((line) => line.includes('"done":true'))).toHaveLength(before)
    expect(await statusOf(place)).toEqual({ held: 503, anonymous: 503 })
    await order(place, 'levers', { ...CLOSED, undo: true })
    await order(place, 'hold', { account: 'ida', lift: true })
  })
})

/** A page of the publisher, in another tab of the operator's browser. */
async function pageAt({ publisher }: Place): Promise<Page> {
  const page = await context.newPage()
  await page.goto(`${publisher}/free`)
  return page
}

const LOOKS = (['light', 'dark'] as const).flatMap((scheme) =>
  ([320, 1280] as const).map((width) => [scheme, width] as const),
)

describe.each(['own', 'zone'] as const)('the dashboard on its %s host', (name) => {
  let place: Place
  beforeEach(() => void (place = places[name]))

  it.each(LOOKS)('has no fault that axe knows, whatever it has done: %s, %i px', async (scheme, width) => {
    const page = await signedIn(place, { width, scheme, runsScripts: true })
    const isFaultless = async (): Promise<void> => {
      expect(await violationsOf(page)).toEqual([])
      expect(await scrollsSideways(page)).toBe(false)
      expect(await smallTargets(page)).toEqual([])
    }
    const press = async (button: string, scope: string): Promise<void> => {
      const form = page.locator('form', { has: page.locator(`button:text-is("${button}")`) }).first()
      if (name === 'zone') await form.locator('input[name=token]').fill(await staffToken(scope))
      await form.locator(`button:text-is("${button}")`).first().click()
    }
    await prepare(place)
    await page.goto(place.dashboard)
    await isFaultless()
    const lookUp = page.locator('form', { has: page.locator('input[name=account]') })
    await lookUp.locator('input[name=account]').fill('ida')
    await press('Look up', 'view')
    await page.waitForSelector('pre')
    await isFaultless()
    await press('Lift', 'hold')
    await page.waitForSelector('[role=status]')
    await isFaultless()
    await press('Undo', 'levers')
    await page.waitForSelector('text=None is in effect')
    await isFaultless()
    // A look-up of nobody is answered by a page, too.
    await press('Look up', 'view')
    await page.waitForSelector('[role=alert]')
    await isFaultless()
  })
})
