import { describe, expect, it } from 'vitest'
import { bindingsOf } from '../../src/config/rules/bindings.ts'
import { stripe, stripeMeter, type StripeMeterOptions } from '../../src/stripe/index.ts'
import { faultsOf, ZONE, zoneFaults } from '../support/compiled.ts'

const env = {
  WEBHOOK: 'whsec_0123456789abcdef',
  NEXT: 'whsec_fedcba9876543210',
  SHORT: 'short',
  KEY: 'rk_0123456789abcdef',
}

const given = (change: object) => stripe({ secret: 'WEBHOOK', issuer: 'https://i.test', ...change })
const faults = (change: object) => zoneFaults({ events: [given(change)] }, env)

describe('a zone that Stripe tells what became of accounts', () => {
  it('needs no more than a secret and an issuer, and takes several secrets and a local API', () => {
    expect(faults({})).toEqual([])
    const subject = { metadata: 'account' }
    expect(faults({ secret: ['WEBHOOK', 'NEXT'], subject, apiKey: 'KEY', toleranceSeconds: 60 })).toEqual([])
    expect(faults({ apiUrl: 'http://127.0.0.1:1' })).toEqual([])
    expect(given({}).create(bindingsOf(env))).toMatchObject({ name: 'stripe', path: 'stripe' })
  })

  it.each([
    ['no secret', { secret: undefined }, 'secret'],
    ['one secret of two that is not there', { secret: ['WEBHOOK', 'ABSENT'] }, 'secret'],
    ['a short secret', { secret: 'SHORT' }, 'secret'],
    ['an issuer that is not the zone’s', { issuer: 'https://j.test' }, 'issuer'],
    ['no issuer', { issuer: undefined }, 'issuer'],
    ['a subject that there is not', { subject: 'email' }, 'subject'],
    ['a key that is not there', { apiKey: 'ABSENT' }, 'apiKey'],
    ['an API over http', { apiUrl: 'http://api.test' }, 'apiUrl'],
    ['signatures of any age', { toleranceSeconds: 0 }, 'toleranceSeconds'],
    ['something else beside', { token: 'KEY' }, 'token'],
    ['a key that is not there under its present name', { key: 'ABSENT' }, 'key'],
    ['a key by both names', { key: 'KEY', apiKey: 'KEY' }, 'apiKey'],
    ['terms of a checkout and nothing to sell', { checkout: {} }, 'checkout'],
  ])('with %s has that one fault, which quotes no secret', (_what, change, option) => {
    const found = faults(change)
    expect(found.map(({ path }) => path)).toEqual([`zones[0].events[0].${option}`])
    expect(JSON.stringify(found)).not.toMatch(/whsec_|"short"|rk_/)
  })
})

describe('usage that goes to meters of Stripe', () => {
  const meters = { requests: 'api_requests' }
  const faultsWith = (change: object) => {
    const options = { key: 'KEY', meters, ...change } as StripeMeterOptions
    return faultsOf({ zones: [ZONE], usage: [stripeMeter(options)] }, env)
  }

  it('has a default for where they are', () => {
    expect(stripeMeter({ key: 'KEY', meters }).to).toBe('https://api.stripe.com/')
    expect(faultsWith({})).toEqual([])
    expect(faultsWith({ url: 'http://127.0.0.1:9000' })).toEqual([])
  })

  it.each([
    ['an API over http', { url: 'http://s.test' }, 'url'],
    ['a key that is no name', { key: 'sk_test_abcdefghijkl' }, 'key'],
    ['a short key', { key: 'SHORT' }, 'key'],
    ['no meters', { meters: undefined }, 'meters'],
    ['no meter', { meters: {} }, 'meters'],
    ['a meter without a name', { meters: { requests: '' } }, 'meters.requests'],
    ['a meter of a long name', { meters: { a: 'm'.repeat(101) } }, 'meters.a'],
    ['a count of a long name', { meters: { ['c'.repeat(51)]: 'm' } }, `meters.${'c'.repeat(51)}`],
  ])('with %s has that one fault, which quotes no secret', (_what, change, option) => {
    const found = faultsWith(change)
    expect(found.map(({ path }) => path)).toEqual([`usage[0].${option}`])
    expect(JSON.stringify(found)).not.toMatch(/sk_test|"short"|rk_/)
  })
})
