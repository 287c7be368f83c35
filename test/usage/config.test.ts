import { describe, expect, it } from 'vitest'
import { compile, type Fault } from '../../src/config/config.ts'
import type { UsageOptions } from '../../src/index.ts'
import { ZONE } from '../support/compiled.ts'

const env = {
  HS_SECRET: '0123456789abcdef0123456789abcdef',
  TOKEN: 'a_token_of_length',
  SHORT: 'short',
  QUEUE: { send: () => undefined, sendBatch: () => undefined },
  WORKER: { fetch: () => undefined, sendBatch: () => undefined },
}

/** Where usage goes, or what is wrong with options that the types may not even allow. */
function of(usage: unknown) {
  const compiled = compile({ zones: [ZONE], usage: usage as UsageOptions }, env, { needsOrigin: true })
  return compiled.ok ? compiled.value.usage : compiled.error
}

const meters = { requests: 'api_requests' }
const ofOpenMeter = (change: object) => of({ openmeter: { url: 'https://m.test', token: 'TOKEN', ...change } })
const ofStripe = (change: object) => of({ stripe: { key: 'TOKEN', meters, ...change } })

describe('usage', () => {
  it('goes to one of four, with the secrets in place of their names', () => {
    const signed = { url: 'https://u.test', secret: 'HS_SECRET' }
    expect(of(signed)).toEqual({ kind: 'signed', url: signed.url, secret: env.HS_SECRET })
    expect(of({ queue: 'QUEUE' })).toEqual({ kind: 'queue', queue: 'QUEUE' })
    expect(ofOpenMeter({})).toEqual({ kind: 'openmeter', url: 'https://m.test', token: env.TOKEN })
    const stripe = { kind: 'stripe', url: 'https://api.stripe.com', key: env.TOKEN, meters }
    expect(ofStripe({})).toEqual(stripe)
    const url = 'http://127.0.0.1:9000'
    expect(ofStripe({ url })).toEqual({ ...stripe, url })
  })

  const faulty: [name: string, found: () => unknown, path: string][] = [
    ['nobody', () => of({}), 'usage'],
    ['no object', () => of('https://u.test'), 'usage'],
    ['two', () => of({ queue: 'QUEUE', url: 'https://u.test' }), 'usage.url'],
    ['a queue that is not there', () => of({ queue: 'ABSENT' }), 'usage.queue'],
    ['a variable', () => of({ queue: 'TOKEN' }), 'usage.queue'],
    ['a Worker', () => of({ queue: 'WORKER' }), 'usage.queue'],
    ['OpenMeter over http', () => ofOpenMeter({ url: 'http://m.test' }), 'usage.openmeter.url'],
    ['OpenMeter at no URL', () => ofOpenMeter({ url: 'm.test?' }), 'usage.openmeter.url'],
    ['OpenMeter with a query', () => ofOpenMeter({ url: 'https://m.test?a' }), 'usage.openmeter.url'],
    ['OpenMeter without a token', () => ofOpenMeter({ token: undefined }), 'usage.openmeter.token'],
    ['OpenMeter with a token that is not there', () => ofOpenMeter({ token: 'ABSENT' }), 'usage.openmeter.token'],
    ['Stripe over http', () => ofStripe({ url: 'http://s.test' }), 'usage.stripe.url'],
    ['Stripe with a key that is no name', () => ofStripe({ key: 'sk_test_abcdefghijkl' }), 'usage.stripe.key'],
    ['Stripe with a short key', () => ofStripe({ key: 'SHORT' }), 'usage.stripe.key'],
    ['Stripe without meters', () => ofStripe({ meters: undefined }), 'usage.stripe.meters'],
    ['Stripe with no meter', () => ofStripe({ meters: {} }), 'usage.stripe.meters'],
    ['a meter without a name', () => ofStripe({ meters: { requests: '' } }), 'usage.stripe.meters.requests'],
    ['a meter of a long name', () => ofStripe({ meters: { a: 'm'.repeat(101) } }), 'usage.stripe.meters.a'],
    [
      'a count of a long name',
      () => ofStripe({ meters: { ['c'.repeat(51)]: 'm' } }),
      `usage.stripe.meters.${'c'.repeat(51)}`,
    ],
  ]
  it.each(faulty)('that goes to %s has that one fault', (_name, found, path) => {
    expect((found() as readonly Fault[]).map((fault) => fault.path)).toEqual([path])
  })

  it('that goes to nobody is told who there is', () => {
    expect(of({ to: 'me' })).toEqual([{ path: 'usage', message: expect.stringMatching(/\{queue\}.*\{stripe/) }])
  })

  it('with too short a secret is told so without the secret', () => {
    expect(JSON.stringify(ofStripe({ key: 'SHORT' }))).not.toContain(env.SHORT)
  })
})
