import { describe, expect, it } from 'vitest'
import * as main from '../../../src/index.ts'
import { among, type BundledPlugin, bundled } from '../bundled.ts'

const STRIPE = './src/stripe/index.ts'
const SOURCE: BundledPlugin = [
  'stripe',
  STRIPE,
  'stripe-signature',
  'the "events" of the zone name no source',
  'customer.subscription.',
  '/v1/entitlements/',
]
const METER: BundledPlugin = ['stripeMeter', STRIPE, '/v1/billing/meter_events', 'duplicate_meter_event']

describe('the bundle of a Worker', () => {
  it('has of Stripe what its configuration names', async () => {
    const [both, source, meter] = await Promise.all([[SOURCE, METER], [SOURCE], [METER]].map(bundled))
    const [, , ...ofSource] = SOURCE
    const [, , ...ofMeter] = METER
    expect(among(both ?? '', [...ofSource, ...ofMeter])).toEqual([...ofSource, ...ofMeter])
    expect([among(source ?? '', ofMeter), among(meter ?? '', ofSource)]).toEqual([[], []])
  })

  it('knows no Stripe, if its configuration names all but that, and mpp(), which charges cards by Stripe', async () => {
    const names = Object.keys(main).filter((name) => name !== 'mpp')
    const all = names.map((name): BundledPlugin => [name, './src/index.ts'])
    expect(await bundled(all)).not.toMatch(/stripe/i)
  })
})
