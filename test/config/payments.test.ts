import { describe, expect, it } from 'vitest'
import { bearer } from '../../src/rails/bearer.ts'
import { packs } from '../../src/rails/packs/packs.ts'
import { receipt } from '../../src/rails/receipt.ts'
import { toyPay } from '../rails/toypay.ts'
import { faultsOf as compiledFaults, ZONE, zoneOf } from '../support/compiled.ts'

const rails = [bearer(), receipt(), packs(), toyPay({ facilitator: 'https://pay.example', secret: 's' })]
const shared = { secrets: { gate: 'GATE_SECRET' } }
const env = { GATE_SECRET: 'a secret of the gate for the tests, of 32 bytes' }
const price = { amount: '0.01', currency: 'USD' }
const offerOf = (route: object): object | undefined => {
  const { terms } =
    zoneOf({ rails, routes: [{ path: '/a', price, ...route }] }, env, shared).routes.entries[0]?.route ?? {}
  return terms?.kind === 'paid' ? terms.offer : undefined
}
const faultsOf = (route: object): readonly string[] => faultsWith(rails, [{ path: '/a', price, ...route }])
const faultsWith = (named: object[], routes: object[]): readonly string[] =>
  compiledFaults({ zones: [{ ...ZONE, rails: named, routes }], ...shared }, env).map(({ path }) => path)

describe('how a route is paid for', () => {
  it('is by each request, by every rail, and once the origin has answered', () => {
    const names = Object.keys(offerOf({}) ?? {})
    expect(names).not.toEqual(expect.arrayContaining(['packs']))
    expect(names).not.toEqual(expect.arrayContaining(['paidBy']))
    expect(names).not.toEqual(expect.arrayContaining(['settlesFirst']))
  })

  it('is what it says, in the currency of its price', () => {
    const packs = [
      { uses: 100, amount: '0.90' },
      { pass: 'PT1H', amount: '0.50' },
    ]
    const of = (units: bigint) => ({ units, currency: 'USD' })
    expect(offerOf({ packs, pay: ['toy-pay'], settle: 'before' })).toMatchObject({
      packs: [
        { amount: of(900_000_000n), gives: { kind: 'uses', uses: 100 } },
        { amount: of(500_000_000n), gives: { kind: 'pass', passSeconds: 3600 } },
      ],
      paidBy: ['toy-pay'],
      settlesFirst: true,
    })
  })

  it.each<[string, object, string]>([
    ['packs of nothing', { packs: [{ amount: '1' }] }, '.packs[0]'],
    ['packs of two things', { packs: [{ amount: '1', uses: 2, pass: 'PT1H' }] }, '.packs[0]'],
    ['packs of no credit', { packs: [{ amount: '1', credit: false }] }, '.packs[0].credit'],
    ['packs of one use', { packs: [{ amount: '1', uses: 1 }] }, '.packs[0].uses'],
    ['packs that cost nothing', { packs: [{ amount: '0', uses: 2 }] }, '.packs[0].amount'],
    ['a pass of a second', { packs: [{ amount: '1', pass: 'PT1S' }] }, '.packs[0].pass'],
    ['four packs', { packs: [2, 3, 4, 5].map((uses) => ({ uses, amount: '1' })) }, '.packs'],
    ['rails that the zone has not', { pay: ['x402'] }, '.pay'],
    ['rails that move no money', { pay: ['bearer'] }, '.pay'],
    ['another time', { settle: 'after' }, '.settle'],
    ['what has no price', { price: undefined, requires: 'a', settle: 'before' }, ''],
  ])('is not %s', (_what, route, path) => {
    expect(faultsOf(route)).toEqual([`zones[0].routes[0]${path}`])
  })

  const pack = { path: '/a', price, packs: [{ uses: 2, amount: '0.01' }] }
  const credit = { amount: price.amount, credit: true }
  const toy = toyPay({ facilitator: 'https://pay.example', secret: 's' })

  it.each<[string, object[], object[], string]>([
    ['with packs that nothing sells', [bearer(), receipt(), toy], [pack], 'routes[0].packs'],
    ['with packs whose receipts nobody takes', [bearer(), packs(), toy], [pack], 'rails'],
    ['with credit that the request uses up', rails, [{ path: '/a', price, packs: [credit] }], 'routes[0].packs'],
    [
      'with credit for nobody',
      rails.filter(({ name }) => name !== 'bearer'),
      [{ path: '/a', price, packs: [{ ...credit, amount: '5' }] }],
      'routes[0].packs',
    ],
    [
      'with packs of a path that has two prices',
      rails,
      [pack, { path: '/a', query: { all: true }, price }],
      'routes[0].packs',
    ],
  ])('is not %s', (_what, named, routes, path) => {
    expect(faultsWith(named, routes)).toEqual([`zones[0].${path}`])
  })
})
