import { expect, it } from 'vitest'
import { placeInWords } from '../../src/account/place.ts'
import { formFor } from '../../src/pages/words.ts'
import { newspaper } from '../refusals/newspaper.ts'

const price = { amount: '1', currency: 'EUR' }
const { zone } = newspaper({
  routes: [
    { path: '/premium/*', requires: 'premium', offer: { title: 'Premium' } },
    { path: '/one/*', price, offers: ['article'] },
    { path: '/two/*', requires: 'premium', price, offers: ['article', 'monthly'] },
    { path: '/plain/*/print', requires: 'premium' },
  ],
})

it.each([
  ['/premium/*', 'Premium'],
  ['/one/*', 'Dieser Artikel'],
  ['/two/*', '/two/'],
  ['/plain/*/print', '/plain/'],
  ['/articles/7', '/articles/7'],
  ['/*', '/'],
  ['', ''],
])('A reader is told of the route %j as %j', (route, said) => {
  expect(placeInWords(route, zone, 'de')).toBe(said)
})

it.each([
  ['page view|page views', 1n, 'page view'],
  ['page view|page views', 0, 'page views'],
  ['page view|page views', '12', 'page views'],
  ['of one form', 1, 'of one form'],
  ['of one form', 2, 'of one form'],
] as const)('Of %j goes with %s: %j', (text, count, form) => {
  expect(formFor(text, count, 'en')).toBe(form)
})
