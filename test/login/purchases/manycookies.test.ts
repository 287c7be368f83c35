import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { MOST_RECEIPTS } from '../../../src/login/purchases/jar.ts'
import { makeParties, NOW, type Parties } from '../../tokens/hostile/parties.ts'
import { PASS, receiptOfBilling } from './site.ts'
import { HERE, OPENING, PurchaseWorld } from './world.ts'

const PAGE = '/reports/1'
let parties: Parties
let world: PurchaseWorld

beforeAll(async () => {
  parties = await makeParties()
})
beforeEach(() => {
  world = new PurchaseWorld(parties)
})
afterAll(() => vi.restoreAllMocks())

describe('A receipt that opens the page is hidden by none', () => {
  it.each([
    ['for which too little was paid', { amount: { units: 1n, currency: 'USD' } }],
    ['whose time has not come', { notBefore: NOW + 3600 }],
    ['whose time is over', { expires: NOW - 60 }],
  ])('%s, though that would be used first', async (_which, over) => {
    const bad = receiptOfBilling({ ...PASS, jti: 'bad', expires: NOW + 1000, ...over })
    await world.buy(bad, receiptOfBilling({ ...PASS, jti: 'good' }))
    expect(await world.status(PAGE)).toBe(200)
  })
})

describe('The cookies of receipts', () => {
  it('are opened up to twice as many as a browser keeps', async () => {
    await world.buy(receiptOfBilling(PASS))
    const [name = '', value = ''] = [...world.browser.cookies][0] ?? []
    for (let at = 0; at < 40; at++) {
      const spelt = `${value.slice(0, -8)}${String(at).padStart(6, 'A')}AA`
      world.browser.cookies.set(`${name.slice(0, -2)}${String(at).padStart(2, '0')}`, spelt)
    }
    const decrypt = vi.spyOn(crypto.subtle, 'decrypt')
    await world.open(PAGE)
    expect(decrypt.mock.calls.length).toBeLessThanOrEqual(2 * MOST_RECEIPTS)
  })

  it('have none for a receipt that is too long, and the log says so', async () => {
    await world.buy(receiptOfBilling({ payer: 'p'.repeat(4000) }), receiptOfBilling({ ...PASS, jti: 'short' }))
    expect(world.browser.cookies.size).toBe(1)
    expect(world.told.join('\n')).toContain('too long for a cookie')
  })
})

describe('A receipt of uses', () => {
  it('opens no upgrade by the confirmation of a page', async () => {
    await world.buy(receiptOfBilling())
    await world.confirm(PAGE)
    expect(await world.status(PAGE, { ...HERE, upgrade: 'websocket', connection: 'upgrade' })).toBe(402)
    expect(await world.status(PAGE)).toBe(200)
  })

  it('opens at once what its reader has typed, where the route trusts that', async () => {
    await world.buy(receiptOfBilling({}, '/trusting/*'))
    expect(await world.status('/trusting/1', { 'sec-fetch-site': 'none', ...OPENING })).toBe(200)
  })
})
