import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { handle } from '../../../src/paywall.ts'
import { createBackground, newServices, worldOrigin, realObjects } from '../../support/services.ts'
import { accountLedger } from '../../support/ledger.ts'
import { createWorld, type World } from '../../support/world.ts'
import { ledgerOf, readingOf } from '../objects.ts'

const services = newServices(realObjects())
const background = createBackground()
let world: World
let account: string
let number = 0

beforeEach(async () => {
  world = await createWorld()
  account = `account ${++number} of visits.test.ts`
  await ledgerOf(accountLedger(account)).grant({ id: 'g', units: 1_000_000_000n, currency: 'USD' })
})
afterEach(() => world.end())

type Fields = Readonly<Record<string, string>>

/** With the reader's cookie, and what a browser says of how it came to ask. */
async function ask(path: string, fields: Fields, init: RequestInit = {}): Promise<Response> {
  const cookie = `__Host-faregate=${await world.token({ sub: account })}`
  const headers = { cookie, accept: 'text/html', ...fields }
  const request = new Request(`https://news.test${path}`, { ...init, headers })
  const response = await handle(request, services, worldOrigin(world), background.waitUntil)
  const body = await response.text()
  await background.settled()
  return new Response(body, response)
}

const charges = async (): Promise<number> => (await readingOf(accountLedger(account))).totals.charges

const opening = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
const visits: [how: string, fields: Fields][] = [
  ['a link in a newsletter', { 'sec-fetch-site': 'cross-site', ...opening, 'sec-fetch-user': '?1' }],
  ['a link on a sibling host', { 'sec-fetch-site': 'same-site', ...opening, 'sec-fetch-user': '?1' }],
  ['a redirect by script', { 'sec-fetch-site': 'cross-site', ...opening }],
  ['a link of ours', { 'sec-fetch-site': 'same-origin', ...opening }],
  ['the address bar', { 'sec-fetch-site': 'none', ...opening }],
  ['an old browser, from a page of ours', { referer: 'https://news.test/' }],
  ['an old browser, from nowhere', {}],
]

const embedded: [how: string, fields: Fields][] = [
  ['a frame', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }],
  ['an image', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }],
  ['a script', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors', origin: 'https://evil.test' }],
  ['a frame of an old browser', { referer: 'https://evil.test/' }],
]

describe('a reader with a quota, who comes by', () => {
  it.each(visits)('%s, reads the page, and it counts once', async (_how, fields) => {
    expect((await ask('/metered/1', fields)).status).toBe(200)
    expect(await charges()).toBe(1)
  })
})

describe('a page of another site that embeds ours by', () => {
  it.each(embedded)('%s reads what costs nothing, and takes nothing of the quota', async (_how, fields) => {
    expect((await ask('/articles/1', fields)).status).toBe(200)
    const refused = await ask('/metered/1', fields)
    expect(refused.status).toBe(402)
    expect(await refused.text()).toContain('sent from another site')
    expect((await ask('/metered/1', { ...fields, ...opening }, { method: 'POST' })).status).toBe(402)
    expect(await charges()).toBe(0)
  })
})
