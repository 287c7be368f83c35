import { describe, expect, it } from 'vitest'
import { exemptedOf, headlineOf, offersOf } from '../../src/operator/rules/figures.ts'
import { Tally, type TalliedRequest } from '../../src/tallies/rules/tally.ts'

const SERVED: TalliedRequest = {
  route: '/articles/*',
  decision: 'serve',
  status: 200,
  reason: undefined,
  cache: undefined,
  rail: undefined,
  credential: undefined,
  exempt: undefined,
  model: undefined,
  observed: undefined,
  account: undefined,
  bytes: undefined,
  originMs: undefined,
  totalMs: 1,
}
const page = (reason: string, format = 'html'): Partial<TalliedRequest> => ({
  decision: 'refuse',
  status: 402,
  reason,
  format,
})
const trip = (step: 'begun' | 'finished' | 'cancelled', offer?: string): Partial<TalliedRequest> => ({
  route: undefined,
  decision: 'own',
  trip: step,
  offer,
})

function tallyOf(all: readonly Partial<TalliedRequest>[]): Tally {
  const tally = new Tally()
  for (const one of all) tally.record({ ...SERVED, ...one })
  return tally
}

describe('offers', () => {
  const tally = tallyOf([
    page('payment-required'),
    page('subscription-inactive'),
    page('payment-required', 'problem'),
    page('usage-limit-reached'),
    page('security-hold'),
    { ...page('payment-required'), route: '/reports/*' },
    trip('begun', 'monthly'),
    trip('begun', 'monthly'),
    trip('finished', 'monthly'),
    trip('cancelled', 'monthly'),
    trip('begun'),
    trip('finished'),
    trip('finished', 'gone'),
  ])

  it('are counted where a page could sell them, and where a trip was for one', () => {
    const opening = new Map([
      ['/articles/*', ['monthly', 'day']],
      ['/never/*', ['rare']],
    ])
    expect(offersOf(tally, opening)).toEqual([
      { offer: 'monthly', pages: 3, begun: 2, finished: 1, cancelled: 1 },
      { offer: 'gone', pages: 0, begun: 0, finished: 1, cancelled: 0 },
      { offer: 'day', pages: 3, begun: 0, finished: 0, cancelled: 0 },
      { offer: 'rare', pages: 0, begun: 0, finished: 0, cancelled: 0 },
    ])
  })

  it('of the headline: pages of any route, and purchases, no sign-ins', () => {
    expect(headlineOf(tally)).toMatchObject({ pages: 4, bought: 2, asked: 3 })
  })
})

it('what exemptions opened is told apart by exemption, the most frequent first', () => {
  const tally = tallyOf([
    { exempt: 'free-reading', bytes: 5 },
    { exempt: 'search-crawlers', bytes: 1000 },
    { exempt: 'search-crawlers', bytes: 24 },
    {},
  ])
  expect(exemptedOf(tally)).toEqual([
    ['search-crawlers', 2, 1024],
    ['free-reading', 1, 5],
  ])
})
