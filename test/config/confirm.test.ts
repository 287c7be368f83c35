import { describe, expect, it } from 'vitest'
import { zoneFaults, zoneOf } from '../support/compiled.ts'

const price = { amount: '0.25', currency: 'USD' }
const confirmOf = (route: object, zone: object = {}): unknown => {
  const { terms } = zoneOf({ ...zone, routes: [{ path: '/a', price, ...route }] }).routes.entries[0]?.route ?? {}
  return terms?.kind === 'paid' ? terms.confirm : 'not paid'
}

describe('what is confirmed before a cookie pays', () => {
  it.each([
    [{}, {}, undefined],
    [{ confirm: 'other-sites' }, {}, 'other-sites'],
    [{ confirm: 'always' }, { confirm: 'other-sites' }, undefined],
    [{}, { confirm: 'other-sites' }, 'other-sites'],
  ])('is, of the route %j in the zone %j, %s', (route, zone, expected) => {
    expect(confirmOf(route, zone)).toBe(expected)
  })

  it.each([true, false, 'never', 'other-site'])('is not %j', (confirm) => {
    const paths = zoneFaults({ confirm, routes: [{ path: '/a', price, confirm }] }).map(({ path }) => path)
    expect(paths.toSorted()).toEqual(['zones[0].confirm', 'zones[0].routes[0].confirm'])
  })
})
