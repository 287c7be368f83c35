import { serialize } from 'node:v8'
import { expect, it } from 'vitest'
import { weightOf } from '../../../src/ledger/rules/batch.ts'
import { chargeOf, EUR, limit, ONE } from './pureledger.ts'

const FACTS = { zone: 'news', route: '/päge/*', method: 'GET', account: '報'.repeat(500), count: 3 }

it.each<[string, unknown]>([
  ['a charge', chargeOf('a', 0, { counts: ONE, limits: [limit(3n, 60), limit(9n, 'P1M')], price: EUR(10n ** 40n) })],
  ['its facts', chargeOf('a', 0, { facts: FACTS, expires: 1e12, isPart: true })],
  ['many small values', { list: Array.from({ length: 1000 }, () => [null, undefined, true, 1.5, -1n, '']) }],
])('%s weighs no less than it takes in a call', (_, value) => {
  expect(weightOf(value)).toBeGreaterThanOrEqual(serialize(value).length - 16)
})

it.each<[string, unknown]>([
  ['a function', { facts: { read: () => 1 } }],
  ['a symbol', [Symbol('s')]],
  ['an object of a class', { body: new Response() }],
  ['a promise', { id: Promise.resolve('a') }],
])('%s cannot be sent', (_, value) => {
  expect(weightOf(value)).toBe(Infinity)
})
