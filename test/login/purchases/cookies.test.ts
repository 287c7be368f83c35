import { beforeAll, describe, expect, it } from 'vitest'
import type { Receipt } from '../../../src/access/receipt.ts'
import { bearer } from '../../../src/index.ts'
import { purchaseCookies } from '../../../src/login/purchases/cookies.ts'
import type { Zone } from '../../../src/zone.ts'
import { makeParties, NOW } from '../../tokens/hostile/parties.ts'
import { createGate } from '../../tokens/payment/gate.ts'
import { CookieJar, PASS, receiptOfBilling } from './site.ts'

let zone: Zone
beforeAll(async () => {
  zone = createGate(await makeParties(), [bearer()]).site.zone
})

const bought = (number: number, over: Partial<Receipt> = {}): Receipt =>
  receiptOfBilling({ jti: `receipt-${number}`, ...over })

describe('The cookies of receipts', () => {
  it('are one for each, for the browser alone, until the receipt ends', async () => {
    const cookies = await purchaseCookies([bought(1), bought(2, PASS)], new CookieJar().exchange(), zone)
    expect(cookies).toHaveLength(2)
    for (const cookie of cookies)
      expect(cookie).toMatch(
        /^__Host-faregate-receipt-[\w-]{8}=[\w.-]+; Path=\/; Max-Age=86400; Secure; HttpOnly; SameSite=Lax$/,
      )
    expect(cookies.join()).not.toContain(btoa('receipt-1').slice(0, 8))
  })

  it('are short: at most 600 bytes for all that a receipt usually has', async () => {
    const whole = bought(1, {
      jti: 'cs_live_a1AbCdEfGhIjKlMnOpQrStUvWxYz0123456789AbCdEfGhIjKlMnOpQrStU',
      signedBy: 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs',
      payer: 'cus_NffrFeUfNV2Hib',
    })
    const long = receiptOfBilling({ ...whole, ...PASS }, '/articles/2026/why-the-ferry-no-longer-stops-here')
    for (const cookie of await purchaseCookies([whole, long], new CookieJar().exchange(), zone))
      expect(cookie.length).toBeLessThanOrEqual(600)
  })

  it('take the place of the same receipt, bought in two tabs', async () => {
    const jar = new CookieJar()
    for (const payer of ['one tab', 'another'])
      jar.keep(await purchaseCookies([bought(1, { payer })], jar.exchange(), zone))
    expect(jar.cookies.size).toBe(1)
  })

  it('are twelve at most: the one that ends first goes, and never the one just bought', async () => {
    const jar = new CookieJar()
    for (let number = 1; number <= 12; number++)
      jar.keep(await purchaseCookies([bought(number, { expires: NOW + 1000 * number })], jar.exchange(), zone))
    const [first = ''] = jar.cookies.keys()
    const cookies = await purchaseCookies([bought(13)], jar.exchange(), zone)
    expect(cookies).toEqual([
      expect.stringContaining('Max-Age=86400'),
      `${first}=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax`,
    ])
    expect(jar.keep(cookies).cookies.size).toBe(12)
    const short = await purchaseCookies([bought(14, { expires: NOW + 60 })], jar.exchange(), zone)
    expect(short).toEqual([expect.stringContaining('Max-Age=60;'), expect.stringContaining('=; Path=/; Max-Age=0;')])
  })

  it('are 4,000 characters at most, of all together', async () => {
    const jar = new CookieJar()
    for (let number = 1; number <= 12; number++)
      jar.keep(await purchaseCookies([bought(number, { payer: 'x'.repeat(600) })], jar.exchange(), zone))
    expect([jar.cookies.size > 2, jar.header.length <= 4000]).toEqual([true, true])
  })

  it('make room by what cannot be opened first', async () => {
    const jar = new CookieJar()
    jar.cookies.set('__Host-faregate-receipt-AAAAAAAA', 'e30..A.A.A')
    for (let number = 1; number <= 12; number++) jar.keep(await purchaseCookies([bought(number)], jar.exchange(), zone))
    expect([jar.cookies.size, jar.cookies.has('__Host-faregate-receipt-AAAAAAAA')]).toEqual([12, false])
  })
})
