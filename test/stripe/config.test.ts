import { describe, expect, it } from 'vitest'
import { bindingsOf } from '../../src/config/rules/bindings.ts'
import { purchases, session } from '../../src/index.ts'
import { stripe, stripeMeter, type StripeMeterOptions } from '../../src/stripe/index.ts'
import { faultsOf, ZONE, zoneFaults } from '../support/compiled.ts'

const env = {
  WEBHOOK: 'whsec_0123456789abcdef',
  NEXT: 'whsec_fedcba9876543210',
  SHORT: 'short',
  KEY: 'rk_0123456789abcdef',
  MAIL: '0123456789abcdef0123456789abcdef',
}

const MAILER = { webhook: 'https://mailer.test/send', secret: 'MAIL' }

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
    ['a sign-in and nothing to sell', { signIn: { email: MAILER } }, 'signIn'],
    ['a mailer without an address', { signIn: { email: { ...MAILER, webhook: undefined } } }, 'signIn.email.webhook'],
    ['a mailer with a short secret', { signIn: { email: { ...MAILER, secret: 'WEBHOOK' } } }, 'signIn.email.secret'],
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

describe('a zone that sells by Stripe alone', () => {
  const receipt = { pass: 60 }
  const credit = { amount: '10', currency: 'EUR' }
  const shopFaults = (change: object, rails: readonly string[] = ['session', 'purchases']) => {
    const events = [stripe({ secret: 'WEBHOOK', key: 'KEY', sell: { monthly: 'price_1' }, ...change })]
    const named = rails.map((name) => ({ session: session(), purchases: purchases() })[name])
    const zone = { ...ZONE, issuers: [], events, rails: named }
    return faultsOf({ secrets: { gate: 'GATE' }, zones: [zone] }, { ...env, GATE: 'g'.repeat(32) })
  }

  it('needs a price, a key and no issuer', () => {
    expect(shopFaults({})).toEqual([])
    const article = {
      price: 'price_2',
      title: 'One',
      quantity: 2,
      receipt: { ...receipt, resource: '/a/*', worth: credit },
    }
    expect(shopFaults({ sell: { article, topUp: { price: 'price_3', credit } } })).toEqual([])
    expect(shopFaults({ sell: { all: { price: 'price_1', grants: ['a', 'b'], formerPrices: ['price_0'] } } })).toEqual(
      [],
    )
    expect(shopFaults({ checkout: { automaticTax: true, promotionCodes: true } })).toEqual([])
  })

  const one = (change: object) => ({ sell: { one: { price: 'price_1', ...change } } })
  it.each([
    ['nothing to sell', { sell: {} }, 'sell'],
    ['no key', { key: undefined }, 'key'],
    ['an issuer of its own', { issuer: 'https://i.test' }, 'issuer'],
    ['another subject', { subject: { metadata: 'account' } }, 'subject'],
    ['an offer of no price', { sell: { one: {} } }, 'sell.one.price'],
    ['an offer whose price is no id', { sell: { one: '5 EUR' } }, 'sell.one'],
    ['an offer of two things', one({ receipt, credit }), 'sell.one'],
    ['a receipt of neither', one({ receipt: {} }), 'sell.one.receipt'],
    ['a receipt of both', one({ receipt: { uses: 1, pass: 1 } }), 'sell.one.receipt'],
    ['a receipt that ends before its pass', one({ receipt: { pass: 3600, validSeconds: 60 } }), 'sell.one.receipt'],
    ['a receipt for no path', one({ receipt: { ...receipt, resource: 'reports' } }), 'sell.one.receipt.resource'],
    [
      'a receipt of no worth',
      one({ receipt: { uses: 1, worth: { amount: '0', currency: 'EUR' } } }),
      'sell.one.receipt.worth',
    ],
    ['credit in a currency of its own', one({ credit: { amount: '10', currency: 'eur' } }), 'sell.one.credit'],
    ['none at once', one({ quantity: 0 }), 'sell.one.quantity'],
    ['one price for two offers', { sell: { one: 'price_1', two: 'price_1' } }, 'sell'],
    ['a name with a space', { sell: { 'one two': 'price_1' } }, 'sell.one two'],
  ])('with %s has that one fault', (_what, change, option) => {
    expect(shopFaults(change).map(({ path }) => path)).toEqual([`zones[0].events[0].${option}`])
  })

  it('needs the rails that keep what is sold', () => {
    expect(shopFaults({}, []).map(({ path }) => path)).toContain('zones[0].rails')
    expect(shopFaults(one({ receipt }), ['session']).map(({ message }) => message)).toEqual([
      'expected purchases() for zones[0].events[0]',
    ])
  })
})
