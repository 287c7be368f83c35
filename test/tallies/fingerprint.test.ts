import { expect, it } from 'vitest'
import { bearer, x402Listing } from '../../src/index.ts'
import type { ZoneOptions } from '../../src/config/options.ts'
import type { Site } from '../../src/site.ts'
import { fingerprintOf } from '../../src/tallies/fingerprint.ts'
import { compiled, siteAt, ZONE } from '../support/compiled.ts'

const PRICED: ZoneOptions = {
  ...ZONE,
  rails: [bearer()],
  discovery: [x402Listing()],
  routes: [{ path: '/a/*', price: { amount: '0.10', currency: 'EUR' }, cache: 'off' }],
}
const of = (zone: ZoneOptions): Promise<string> => fingerprintOf(compiled({ zones: [zone] }).sites)

it('a configuration has another fingerprint once a price, a route or a host is another', async () => {
  const same = await of(PRICED)
  expect(await of({ ...PRICED })).toBe(same)
  const others = await Promise.all([
    of({ ...PRICED, routes: [{ path: '/a/*', price: { amount: '0.20', currency: 'EUR' }, cache: 'off' }] }),
    of({ ...PRICED, routes: [{ path: '/b/*', price: { amount: '0.10', currency: 'EUR' }, cache: 'off' }] }),
    of({ ...PRICED, hosts: ['b.test'] }),
  ])
  expect(new Set([same, ...others]).size).toBe(4)
})

it('terms that refer to themselves have no fingerprint, and are no error', async () => {
  const { sites } = compiled({ zones: [ZONE] })
  const site = siteAt({ sites }, 'a.test')
  const circular: { self?: unknown } = {}
  circular.self = circular
  const zone = { ...site.zone, offers: new Map([['a', circular]]) } as unknown as Site['zone']
  expect(await fingerprintOf(new Map([['a.test', { ...site, zone }]]))).toBe('unnamed')
})
