import { describe, expect, it } from 'vitest'
import { zoneFaults, zoneOf } from '../support/compiled.ts'

const price = (amount: string, currency: string, ...countries: string[]) => ({
  amount,
  currency,
  ...(countries.length > 0 && { countries }),
})

const offersOf = (...prices: readonly object[]) => ({
  offers: { monthly: { title: 'Monthly', price: prices, grants: ['premium'] } },
})

describe('The prices of an offer', () => {
  it('are one for all other countries, and one for each list of countries', () => {
    const listed = offersOf(price('5', 'USD'), price('5', 'EUR', 'DE', 'AT'), price('6', 'CHF', 'CH'))
    expect(zoneFaults(listed)).toEqual([])
  })

  it.each([
    [
      'the first names countries',
      [price('5', 'EUR', 'DE'), price('5', 'USD', 'US')],
      'no countries of the first price',
    ],
    ['another names none', [price('5', 'EUR'), price('5', 'USD')], 'expected "countries" of each price but the first'],
    ['a country is in two', [price('5', 'USD'), price('5', 'EUR', 'DE'), price('4', 'EUR', 'DE')], 'in one price only'],
  ])('are a fault if %s', (_, prices, message) => {
    expect(zoneFaults(offersOf(...prices))).toEqual([
      { path: 'zones[0].offers.monthly.price', message: expect.stringContaining(message) },
    ])
  })
})

describe('A checkout of the operator’s', () => {
  const zoneWith = (checkout: string) => zoneOf({ remedies: { checkout } }).remedies

  it('sells each offer by its name if its link has a place for one', () => {
    const link = 'https://shop.test/buy?what={offer}&back={return}'
    expect(zoneWith(link)).toMatchObject({ checkout: link, offer: link })
  })

  it('sells all of them at one address if not', () => {
    expect(zoneWith('https://shop.test/buy')).not.toHaveProperty('offer')
  })

  it.each(['https://shop.test/{offer}/{offer}', 'https://shop.test/{what}'])('is a fault as %s', (checkout) => {
    expect(zoneFaults({ remedies: { checkout } })).toMatchObject([{ path: 'zones[0].remedies.checkout' }])
  })

  it('has no place for an offer in other links', () => {
    expect(zoneFaults({ remedies: { signIn: 'https://shop.test/{offer}' } })).toMatchObject([
      { path: 'zones[0].remedies.signIn' },
    ])
  })
})
