import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { html, purchases } from '../../../src/index.ts'
import { objectsOf } from '../../../src/platform/cloudflare/ledgers.ts'
import { Browser, type Fields, HERE } from '../../support/browser.ts'
import paid from '../../support/paid.ts'
import { createGate } from '../cache/gate.ts'
import { createShop, LATER, MINUTE, SECRETS, type Shop, type Signed, toldBy } from './shop.ts'

const FETCH: Fields = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }
const COOKIE = /^__Host-faregate-receipt-[\w-]{8}$/

let shop: Shop
let browser: Browser

/** The shop with a zone that keeps receipts in browsers. */
beforeEach(async () => {
  shop = await createShop()
  vi.spyOn(console, 'error').mockImplementation(() => undefined)
  const config = typeof paid === 'function' ? paid({}) : paid
  if (!('zones' in config)) throw new Error('expected zones')
  const zones = config.zones.map((zone) =>
    zone.name === 'reports' ? { ...zone, rails: [...zone.rails, purchases()], refusals: [html()] } : zone,
  )
  const { PAID } = env as unknown as { readonly PAID: unknown }
  shop.gate = createGate('embedded', { ...config, zones }, SECRETS, objectsOf({ LEDGER: PAID }))
  const send = (path: string, init?: RequestInit) => shop.send(undefined, path, init)
  browser = new Browser({ account: 'nobody', send } as never, '')
  browser.jar.clear()
})
afterEach(() => shop.end())

const buying = async (amount: string, fields: Fields = FETCH, payment?: Signed): Promise<Response> =>
  browser.open('/packed/1', {
    ...fields,
    'toy-payment': (payment ?? (await shop.sign({ amount }))).credential,
  })
const kept = (): string[] => [...browser.jar.keys()].filter((name) => COOKIE.test(name))

describe('a pack that a page of the site has bought', () => {
  it('of an hour opens what the browser opens and what its pages fetch, by a cookie that ends with it', async () => {
    const bought = await buying('0.90')
    const [cookie] = bought.headers.getSetCookie()
    expect([bought.status, kept().length]).toEqual([200, 1])
    expect(cookie).toContain('; Path=/; Max-Age=3600; Secure; HttpOnly; SameSite=Lax')
    expect(bought.headers.get('cache-control')).toContain('private')
    expect((await browser.open('/packed/2')).status).toBe(200)
    expect((await browser.open('/packed/3', FETCH)).status).toBe(200)
    expect((await browser.open('/packed/3', { ...FETCH, 'sec-fetch-site': 'cross-site' })).status).toBe(402)
    vi.setSystemTime(LATER + 61 * MINUTE)
    expect((await browser.open('/packed/2')).status).toBe(402)
    expect([kept(), shop.bank.asked.length]).toEqual([[], 1])
  })

  it('of three requests has two left, each of which the reader confirms', async () => {
    expect((await buying('0.60')).status).toBe(200)
    for (const path of ['/packed/2', '/packed/3']) {
      const asking = await browser.open(path)
      expect(asking.status).toBe(402)
      const confirmed = await browser.press(await asking.text())
      expect([confirmed.status, confirmed.headers.get('location')]).toEqual([303, path])
      expect((await browser.open(path)).status).toBe(200)
    }
    const spent = await browser.open('/packed/4')
    expect([spent.status, await spent.text()]).toEqual([402, expect.not.stringContaining('<form method="post"')])
    expect([shop.bank.asked.length, shop.world.received.length]).toEqual([1, 3])
  })

  it('is one cookie and one pack, however often its payment is sent', async () => {
    const payment = await shop.sign({ amount: '0.60' })
    for (let time = 0; time < 2; time++) expect((await buying('', FETCH, payment)).status).toBe(200)
    expect([kept().length, shop.bank.moved.size]).toEqual([1, 1])
  })

  it('is refused from the cookie once its receipt is used up by whoever sends it', async () => {
    const bought = await buying('0.60')
    const init = { headers: { 'faregate-receipt': bought.headers.get('faregate-receipt') ?? '' } }
    const use = async () => toldBy(await shop.send(undefined, '/packed/9', init))
    expect([await use(), await use(), await use()]).toEqual(['served', 'served', '402 payment-spent'])
    const page = await (await browser.open('/packed/2')).text()
    expect(page).not.toContain('<form method="post"')
  })

  it.each<[string, Fields]>([
    ['a program', {}],
    ['a page of another site', { ...FETCH, 'sec-fetch-site': 'cross-site' }],
    ['a page of another host of the site', { ...FETCH, 'sec-fetch-site': 'same-site' }],
    ['a program that names no site', { 'sec-fetch-mode': 'cors' }],
  ])('is kept by no cookie where %s has bought it', async (_who, fields) => {
    const bought = await buying('0.60', fields)
    expect([bought.status, bought.headers.has('faregate-receipt')]).toEqual([200, true])
    expect(bought.headers.getSetCookie()).toEqual([])
  })

  it.each(['0.25', '0.60'])(
    'sets no cookie where nothing is bought beside the page, or nothing settles',
    async (amount) => {
      if (amount === '0.60') shop.bank.mood = 'fails'
      expect((await buying(amount)).headers.getSetCookie()).toEqual([])
    },
  )
})

it('a zone without purchases() sets no cookie', async () => {
  shop.restart()
  const bought = await buying('0.60', HERE)
  expect([bought.headers.has('faregate-receipt'), bought.headers.getSetCookie()]).toEqual([true, []])
})
