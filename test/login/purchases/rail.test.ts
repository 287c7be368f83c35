import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { makeParties, NOW, type Parties } from '../../tokens/hostile/parties.ts'
import { cookiesOfPurchase } from '../../../src/login/purchases/confirmed.ts'
import { PASS, receiptOfBilling } from './site.ts'
import { FETCH, FRAME, HERE, IMAGE, LINK, OPENING, PurchaseWorld, shopOptions } from './world.ts'

const PAGE = '/reports/1'
const NAME = /^__Host-faregate-receipt-/
let parties: Parties
let world: PurchaseWorld

beforeAll(async () => {
  parties = await makeParties()
})
beforeEach(() => {
  world = new PurchaseWorld(parties)
})
afterEach(() => {
  // Whatever a test is about: no cookie and no id of a purchase is told to anybody but its browser.
  const outside = world.received.flatMap(({ url, headers }) => [url, ...Array.from(headers, (pair) => pair.join(': '))])
  expect([...world.told, ...outside].join('\n')).not.toMatch(/faregate-receipt|eyJhbGciOiJkaXIi/)
})
afterAll(() => vi.restoreAllMocks())

const kept = (): string[] => [...world.browser.cookies.keys()].filter((name) => NAME.test(name))

describe('A receipt of uses in the browser', () => {
  it('is used only after its reader has confirmed that, once for five minutes', async () => {
    await world.buy(receiptOfBilling())
    const asking = await world.open(PAGE)
    const page = await asking.text()
    expect([asking.status, world.received.length]).toEqual([402, 0])
    expect(page).toContain('it uses <strong>1</strong> of <strong>20</strong>, and you have <strong>20</strong> left')
    expect(page).toContain('<form method="post" action="/__faregate/confirm">')
    const sent = await world.press(page)
    expect([sent.status, sent.headers.get('location')]).toEqual([303, PAGE])
    for (const fields of [HERE, HERE, FETCH]) expect(await world.status(PAGE, fields)).toBe(200)
    world.now += 301_000
    expect(await (await world.open(PAGE)).text()).toContain('<strong>19</strong> left')
    expect(await world.status('/reports/2')).toBe(402)
  })

  it.each([
    ['a link of another site', LINK],
    ['the address bar', { 'sec-fetch-site': 'none', ...OPENING }],
    ['an old browser', { accept: 'text/html' }],
  ])('asks whoever opens its page by %s', async (_how, fields) => {
    await world.buy(receiptOfBilling())
    expect(await (await world.open(PAGE, fields)).text()).toContain('Use one and open')
  })

  it.each([
    ['a frame', FRAME],
    ['an image', IMAGE],
    ['a script of ours', { ...FETCH, accept: '*/*' }],
  ])('asks no ledger for %s, and tells it no balance', async (_what, fields) => {
    await world.buy(receiptOfBilling())
    const response = await world.open(PAGE, fields)
    expect(response.status).toBe(402)
    expect(await response.text()).not.toMatch(/<strong>20<|<form/)
    expect(world.calls).toEqual([])
  })

  it('is confirmed by no other site, for no other page, and for no other receipt', async () => {
    await world.buy(receiptOfBilling())
    const page = await (await world.open(PAGE)).text()
    expect((await world.press(page, LINK)).status).toBe(403)
    await world.press(page)
    expect(await world.status('/reports/2')).toBe(402)
    world.browser.cookies.delete(kept()[0] ?? '')
    await world.buy(receiptOfBilling({ jti: 'another' }))
    expect(await world.status(PAGE)).toBe(402)
    const old = await world.press(page)
    expect([old.status, old.headers.getSetCookie()]).toEqual([303, []])
  })

  it('opens at once where the route trusts what a page of ours began, and asks others', async () => {
    await world.buy(receiptOfBilling({}, '/trusting/*'))
    expect(await world.status('/trusting/1', FETCH)).toBe(200)
    expect(await (await world.open('/trusting/1', LINK)).text()).toContain('<strong>19</strong> left')
  })

  it('is said to be used up once it is, though the page just opened comes back free', async () => {
    await world.buy(receiptOfBilling({ grant: { kind: 'uses', uses: 1 } }))
    await world.confirm(PAGE)
    expect([await world.status(PAGE), await world.status(PAGE)]).toEqual([200, 200])
    world.now += 301_000
    expect(await (await world.open(PAGE)).text()).toContain('This payment has been used')
    expect(kept()).toHaveLength(1)
  })

  it('opens its page five times for one confirmation, and then asks again', async () => {
    await world.buy(receiptOfBilling())
    await world.confirm(PAGE)
    for (let time = 0; time < 5; time++) expect(await world.status(PAGE)).toBe(200)
    expect(await (await world.open(PAGE)).text()).toContain('opened this as often as one payment allows')
    expect(await (await world.open(PAGE)).text()).toContain('<strong>19</strong> left')
  })

  it('is used once by an impatient reader: two tabs, and twice the button', async () => {
    await world.buy(receiptOfBilling())
    const page = await (await world.open(PAGE)).text()
    for (const shown of [page, page]) await world.press(shown)
    const both = await Promise.all([world.status(PAGE), world.status(PAGE)])
    expect(both).toEqual([200, 200])
    world.now += 301_000
    expect(await (await world.open(PAGE)).text()).toContain('<strong>19</strong> left')
  })

  it('opens right after it was bought, without a further question', async () => {
    const bought = receiptOfBilling()
    await world.buy(bought)
    expect(await world.confirmFirst(bought, PAGE)).toMatch(/^__Host-faregate-confirm=.*; SameSite=Strict$/)
    expect(await world.confirmFirst(bought, PAGE)).toBeUndefined()
    expect([await world.status(PAGE), await world.status('/reports/2')]).toEqual([200, 402])
    for (const path of ['/both/1', '/paid/1', '/free/1', '/trusting/1'])
      expect(await world.confirmFirst(bought, path), path).toBeUndefined()
    expect(await world.confirmFirst(receiptOfBilling(PASS), '/reports/3')).toBeUndefined()
  })

  it('opens the page that it was bought for with the cookies that end a purchase', async () => {
    const exchange = world.browser.exchange('/__faregate/return/shop?code=1')
    const bought = [receiptOfBilling({}, '/films/*'), receiptOfBilling({ jti: 'second' })]
    world.browser.keep(await cookiesOfPurchase(bought, `${PAGE}?part=2#end`, exchange, world.zone))
    expect(await world.status(`${PAGE}?part=2`)).toBe(200)
    expect((await cookiesOfPurchase(bought, '/paid/1', exchange, world.zone)).length).toBe(2)
  })

  it('costs nothing where the origin fails', async () => {
    await world.buy(receiptOfBilling())
    await world.confirm(PAGE)
    world.answer = () => new Response('sorry', { status: 500 })
    expect(await world.status(PAGE)).toBe(500)
    world.now += 301_000
    expect(await (await world.open(PAGE)).text()).toContain('<strong>20</strong> left')
  })

  it('asks again with 503 while its ledger cannot be read', async () => {
    const given = shopOptions(parties)
    await world.buy(receiptOfBilling())
    world.renew({ ...given, endpoints: given.endpoints ?? [] })
    vi.spyOn(world.services, 'ledgers' as never, 'get' as never).mockReturnValue(undefined as never)
    expect(await world.status(PAGE)).toBe(503)
  })

  it('is not fetched ahead', async () => {
    await world.buy(receiptOfBilling())
    expect(await world.status(PAGE, { ...HERE, 'sec-purpose': 'prefetch;prerender' })).toBe(503)
  })
})

describe('A pass in the browser', () => {
  it.each([
    ['a link of another site', LINK],
    ['the address bar', { 'sec-fetch-site': 'none', ...OPENING }],
    ['an old browser', {}],
    ['a script of ours', FETCH],
    ['an image of ours', { ...IMAGE, 'sec-fetch-site': 'same-origin' }],
  ])('opens its pages without a question: by %s', async (_how, fields) => {
    await world.buy(receiptOfBilling(PASS))
    expect([await world.status(PAGE, fields), await world.status('/reports/2', fields)]).toEqual([200, 200])
    expect(await world.status('/trusting/1', fields)).toBe(402)
  })

  it.each([
    ['a frame', FRAME],
    ['an image', IMAGE],
    ['a script', { ...FETCH, 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
  ])('is begun by nothing that another site only loads: %s', async (_what, fields) => {
    await world.buy(receiptOfBilling(PASS))
    expect([await world.status(PAGE, fields), world.calls]).toEqual([402, []])
  })

  it('is over when its time is', async () => {
    await world.buy(receiptOfBilling({ ...PASS, expires: NOW + 10 * 86_400 }))
    expect(await world.status(PAGE)).toBe(200)
    world.now += 86_400_000
    expect(await world.reason(PAGE)).toBe('payment-spent')
  })

  it('authorises an unsafe method for pages of ours alone, and if it was bought for that', async () => {
    await world.buy(receiptOfBilling({ ...PASS, methods: ['GET', 'POST'] }, '/forms/*'))
    const post = { method: 'POST' }
    expect(await world.status('/forms/1', FETCH, post)).toBe(200)
    expect(await world.status('/forms/1', LINK, post)).toBe(402)
    expect(await world.status('/forms/1', {}, post)).toBe(402)
    expect(await world.status('/forms/1', HERE, { ...post, method: 'DELETE' })).toBe(402)
  })
})

describe('Several receipts in the browser', () => {
  it('count by what is left of them: a used-up one hides none', async () => {
    const one = receiptOfBilling({ grant: { kind: 'uses', uses: 1 }, expires: NOW + 4000 })
    await world.buy(one)
    await world.confirm(PAGE)
    expect(await world.status(PAGE)).toBe(200)
    await world.buy(receiptOfBilling({ jti: 'second' }))
    expect(await world.status(PAGE)).toBe(200)
    world.now += 301_000
    expect(await (await world.open(PAGE)).text()).toContain('<strong>20</strong> left')
    expect([await world.confirm(PAGE), await world.status(PAGE)]).toEqual([303, 200])
  })

  it('begin no second pass while one lasts', async () => {
    await world.buy(receiptOfBilling({ ...PASS, jti: 'first', expires: NOW + 90_000 }))
    expect(await world.status(PAGE)).toBe(200)
    await world.buy(receiptOfBilling({ ...PASS, jti: 'second', expires: NOW + 88_000 }))
    world.now += 3_600_000
    expect(await world.status(PAGE)).toBe(200)
    world.now += 82_900_000
    expect(await world.status(PAGE), 'the first is over, and the second begins').toBe(200)
  })

  it('stand aside where too little was paid for one of them', async () => {
    await world.buy(receiptOfBilling({ jti: 'cheap', amount: { units: 1n, currency: 'USD' }, expires: NOW + 1000 }))
    expect(await world.reason(PAGE)).toBe('payment-insufficient')
    await world.buy(receiptOfBilling(PASS))
    expect(await world.status(PAGE)).toBe(200)
  })

  it('are opened once, and cost no call where none pays', async () => {
    const decrypt = vi.spyOn(crypto.subtle, 'decrypt')
    for (const jti of ['one', 'two', 'three']) await world.buy(receiptOfBilling({ ...PASS, jti }, `/${jti}/*`))
    decrypt.mockClear()
    for (let time = 0; time < 3; time++) expect(await world.status(PAGE)).toBe(402)
    expect([decrypt.mock.calls.length, world.calls]).toEqual([3, []])
  })
})
