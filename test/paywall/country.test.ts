import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { OfferPriceOptions } from '../../src/config/options.ts'
import { ok } from '../../src/core/result.ts'
import { createApp } from '../../src/gate.ts'
import { bearer } from '../../src/index.ts'
import { web } from '../../src/platform/web/index.ts'
import { createServices } from '../../src/services.ts'
import { compiled, ZONE } from '../support/compiled.ts'

const EVERYWHERE = { amount: '10.00', currency: 'USD' }

let country: string | undefined
const countryOf = vi.fn(() => country)

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => undefined)
})
afterEach(() => {
  vi.restoreAllMocks()
  countryOf.mockReset().mockImplementation(() => country)
})

function asking(price: OfferPriceOptions | OfferPriceOptions[]): () => Promise<string> {
  const issuers = [{ issuer: 'https://i.test', secret: 'SECRET' }]
  const offers = { monthly: { title: 'A month', price, grants: ['premium'] } }
  const routes = [{ path: '/articles/*', requires: 'premium' }]
  const zones = [{ ...ZONE, issuers, offers, routes, rails: [bearer()] }]
  const found = compiled({ zones }, { SECRET: '0123456789abcdef0123456789abcdef' })
  const app = createApp({ ...createServices(found, { ...web({}), countryOf }), log: () => undefined }, [])
  const behind = { purge: async () => false, origin: async () => ok({ response: new Response('the page') }) }
  return async () => {
    const response = await app(new Request('https://a.test/articles/1'), behind, () => undefined)
    const { offers: told } = await response.json<{ offers: { price: { amount: string; currency: string } }[] }>()
    return `${response.status} ${told[0]?.price.amount} ${told[0]?.price.currency}`
  }
}

describe('where a request comes from', () => {
  it('is not asked for where no price depends on it', async () => {
    country = 'DE'
    const ask = asking(EVERYWHERE)
    expect([await ask(), await ask()]).toEqual(['402 10 USD', '402 10 USD'])
    expect(countryOf).not.toHaveBeenCalled()
  })

  it('is asked for at each refusal where some country has a price of its own', async () => {
    const ask = asking([EVERYWHERE, { amount: '9.00', currency: 'EUR', countries: ['DE', 'AT'] }])
    const told: Record<string, string> = {}
    for (const from of ['DE', 'US', 'AT', undefined, 'DE']) {
      country = from
      told[String(from)] = await ask()
    }
    expect(told).toEqual({
      DE: '402 9 EUR',
      US: '402 10 USD',
      AT: '402 9 EUR',
      undefined: '402 10 USD',
    })
    expect(countryOf).toHaveBeenCalledTimes(5)
  })
})
