import { describe, expect, it } from 'vitest'
import { contrastOf } from '../../src/pages/contrast.ts'
import { html } from '../../src/refusals/html.ts'
import { zoneFaults } from '../support/compiled.ts'

const PRICE = { amount: '5', currency: 'EUR' }
const MONTHLY = { title: 'Monthly', price: { ...PRICE, every: 'P1M' }, grants: ['premium'] }
const ROUTES = [
  { path: '/articles/*', requires: 'premium', offers: ['monthly'] },
  { path: '/priced/*', price: PRICE },
]
const LOOK = { refusals: [html()], routes: ROUTES, offers: { monthly: MONTHLY } }
const texts = (group: object): object => ({ pages: { texts: { de: group } } })

describe('what a zone has on sale and how its pages look', () => {
  it.each([
    ['nothing', {}],
    ['readable colours', { pages: { colors: { accent: '#0b57d0', accentDark: '#8ab4f8' } } }],
    ['a text with its placeholder', texts({ 'payment-required': { heading: 'Weiter mit {offer}' } })],
    ['a text of every page', texts({ legal: { terms: 'AGB und mehr' } })],
    [
      'a free stylesheet and logo',
      { pages: { site: { name: 'A', logo: { path: '/l.svg', alt: 'A' } }, stylesheet: '/p.css' } },
    ],
    ['an offer that no route names', { offers: { monthly: MONTHLY, other: { title: 'Other', price: PRICE } } }],
    [
      'a receipt that pays the price of a route',
      {
        routes: [{ path: '/priced/*', price: PRICE, offers: ['once'] }],
        offers: { once: { title: 'Once', price: PRICE, receipt: { uses: 1 } } },
      },
    ],
  ])('has no fault with %s', (_what, change) => {
    expect(zoneFaults({ ...LOOK, ...change })).toEqual([])
  })

  it.each([
    ['pages.colors.accent', 'a contrast', { pages: { colors: { accent: '#8ab4f8' } } }],
    ['pages.colors.accentDark', 'a contrast', { pages: { colors: { accentDark: '#1a4fa3' } } }],
    ['pages.texts.de.payment-requird', 'no group', texts({ 'payment-requird': { heading: 'x' } })],
    ['pages.texts.de.payment-required.headline', 'no text', texts({ 'payment-required': { headline: 'x' } })],
    ['pages.texts.de.payment-required.heading', '{price}', texts({ 'payment-required': { heading: '{price}' } })],
    [
      'pages.texts.de.payment-required',
      'no group',
      { refusals: [], ...texts({ 'payment-required': { heading: 'x' } }) },
    ],
    ['pages.stylesheet', 'free route', { pages: { stylesheet: '/articles/p.css' } }],
    [
      'pages.site.logo.path',
      'free route',
      { pages: { site: { name: 'A', logo: { path: '/priced/l.svg', alt: 'A' } } } },
    ],
    ['routes[0].offers', 'on sale nowhere', { offers: { other: MONTHLY } }],
    ['offers.monthly', 'opens a route', { offers: { monthly: { ...MONTHLY, grants: ['plus'] } } }],
    ['offers.monthly', 'opens a route', { offers: { monthly: { title: 'x', price: PRICE, receipt: { uses: 1 } } } }],
  ])('is at fault at %s: %s', (path, message, change) => {
    expect(zoneFaults({ ...LOOK, ...change })).toEqual([
      { path: `zones[0].${path}`, message: expect.stringContaining(message) as string },
    ])
  })
})

describe('the contrast of two colours', () => {
  it.each([
    ['#ffffff', '#000000', 21],
    ['#ffffff', '#ffffff', 1],
    ['#767676', '#ffffff', 4.54],
    ['#ff0000', '#ffffff', 4],
  ])('of %s and %s is %s, whichever comes first', (one, other, expected) => {
    expect(contrastOf(one, other)).toBeCloseTo(expected, 1)
    expect(contrastOf(other, one)).toBe(contrastOf(one, other))
  })
})
