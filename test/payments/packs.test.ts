import { describe, expect, it } from 'vitest'
import { CLIENTS, type ClientOptions } from '../../tools/payments/clients/clients.ts'
import { startForFile } from '../slow/startforfile.ts'
import { decoded, startPaymentGate, told } from './gate.ts'

const gate = await startForFile(startPaymentGate())
const { url } = gate

/** Picks what gives this, as a client does that knows of packs. */
const picking =
  (kind: 'uses' | 'pass' | 'credit'): NonNullable<ClientOptions['pick']> =>
  (_version, accepts) => {
    const found = accepts.find(({ extra }) => kind in ((extra['faregate'] as object | undefined) ?? {}))
    if (found === undefined) throw new Error(`no ${kind} is offered`)
    return found
  }

describe('a pack, bought by @x402/fetch with a selector', () => {
  it('of a hundred requests is one settlement for a hundred pages, and the next is refused', async () => {
    const effects = await gate.during(async () => {
      const first = await CLIENTS.x402Fetch(`${url}/packed/0`, { pick: picking('uses') })
      expect(await told(first.clone())).toBe('200 the page /packed/0')
      const headers = { 'faregate-receipt': first.headers.get('faregate-receipt') ?? '' }
      for (let page = 1; page < 100; page++)
        expect(await told(fetch(`${url}/packed/${page}`, { headers }))).toBe(`200 the page /packed/${page}`)
      expect(await told(fetch(`${url}/packed/100`, { headers }))).toBe('402 payment-spent')
    })
    expect(effects).toEqual({ units: 900_000n, intents: 0, runs: 100, calls: ['verify', 'settle'] })
  })

  it('of an hour, by a page of the site, opens pages by the cookie that its browser then has', async () => {
    const here = { 'sec-fetch-site': 'same-origin' }
    const effects = await gate.during(async () => {
      const bought = await CLIENTS.x402Fetch(`${url}/passed/0`, { init: { headers: here }, pick: picking('pass') })
      expect(await told(bought.clone())).toBe('200 the page /passed/0')
      const [cookie = '', ...others] = bought.headers.getSetCookie().map((set) => set.slice(0, set.indexOf(';')))
      expect([cookie, others]).toEqual([expect.stringMatching(/^__Host-faregate-receipt-[\w-]{8}=./), []])
      for (let page = 1; page < 4; page++)
        expect(await told(fetch(`${url}/passed/${page}`, { headers: { ...here, cookie } }))).toMatch(/^200 /)
      expect(await told(fetch(`${url}/passed/4`, { headers: { cookie } }))).toMatch(/^402 /)
    })
    expect(effects).toEqual({ units: 500_000n, intents: 0, runs: 4, calls: ['verify', 'settle'] })
  })

  it('of credit is for the account whose token is beside it, and pays until it is used up', async () => {
    const init = { headers: { authorization: `Bearer ${await gate.token(300)}` } }
    const page = `${url}/filled/a`
    const effects = await gate.during(async () => {
      expect(await told(CLIENTS.x402Fetch(page, { init, pick: picking('credit') }))).toBe('200 the page /filled/a')
      const later = [await told(fetch(page, init)), await told(fetch(page, init)), await told(fetch(page, init))]
      expect(later).toEqual(['200 the page /filled/a', '200 the page /filled/a', '402 credit-insufficient'])
    })
    expect(effects).toEqual({ units: 30_000n, intents: 0, runs: 3, calls: ['verify', 'settle'] })
  })

  it('of credit is offered to nobody without an account, by x402 and by MPP', async () => {
    const init = { headers: { authorization: `Bearer ${await gate.token(300)}` } }
    const offered = async (given?: RequestInit) => {
      const refused = await fetch(`${url}/filled/b`, given)
      const { accepts } = decoded(refused, 'PAYMENT-REQUIRED') as { accepts: { amount: string }[] }
      const byMpp = refused.headers.get('www-authenticate')?.includes('Prepaid credit')
      return [refused.status, accepts.map(({ amount }) => amount), byMpp]
    }
    expect(await offered()).toEqual([402, ['10000'], false])
    expect(await offered(init)).toEqual([402, ['10000', '30000'], true])
  })
})
