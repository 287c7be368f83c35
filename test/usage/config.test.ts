import { describe, expect, it } from 'vitest'
import { openmeter, queue, signed } from '../../src/index.ts'
import { compiled, faultsOf, ZONE } from '../support/compiled.ts'

const env = {
  HS_SECRET: '0123456789abcdef0123456789abcdef',
  TOKEN: 'a_token_of_length',
  SHORT: 'short',
  QUEUE: { send: () => undefined, sendBatch: () => undefined },
  WORKER: { fetch: () => undefined, sendBatch: () => undefined },
}

/** What is wrong with options that the types may not even allow. */
const of = (usage: unknown) => faultsOf({ zones: [ZONE], usage }, env)
/** A factory as one without types calls it. */
const loose = (make: (options: never) => unknown) => (options: unknown) => make(options as never)
const [toWebhook, toMeter, toQueue] = [loose(signed), loose(openmeter), loose(queue)]
const ofWebhook = (change: object) => of([toWebhook({ url: 'https://u.test/usage', secret: 'HS_SECRET', ...change })])
const ofMeter = (change: object) => of([toMeter({ url: 'https://m.test', token: 'TOKEN', ...change })])

describe('usage', () => {
  it('goes to all that are named, in their order', () => {
    const usage = [
      signed({ url: 'https://u.test/usage?key', secret: 'HS_SECRET' }),
      queue({ queue: 'QUEUE' }),
      openmeter({ url: 'http://127.0.0.1:9000', token: 'TOKEN' }),
    ]
    expect(compiled({ zones: [ZONE], usage }, env).usage.map(({ name, to }) => [name, to])).toEqual([
      ['signed', 'https://u.test/usage'],
      ['queue', 'queue QUEUE'],
      ['openmeter', 'http://127.0.0.1:9000/'],
    ])
    expect(compiled({ zones: [ZONE] }, env).usage).toEqual([])
  })

  const SINKS = 'expected a list of sinks, such as [signed({url, secret})]'
  it.each([
    ['as it was written once', { url: 'https://u.test/usage', secret: 'HS_SECRET' }, 'usage', SINKS],
    ['one that is in no list', toQueue({ queue: 'QUEUE' }), 'usage', SINKS],
    ['a URL', 'https://u.test', 'usage', SINKS],
    ['nobody', [], 'usage', 'expected at least one, or no "usage"'],
    ['no sink', [{ queue: 'QUEUE' }], 'usage[0]', 'expected a sink, such as signed({url, secret})'],
    ['a factory that was not called', [signed], 'usage[0]', 'expected a sink, such as signed({url, secret})'],
  ])('that goes to %s has that one fault', (_name, usage, path, message) => {
    expect(of(usage)).toEqual([{ path, message }])
  })

  it.each([
    ['a webhook over http', ofWebhook({ url: 'http://u.test/usage' }), 'usage[0].url'],
    ['a webhook without a secret', ofWebhook({ secret: undefined }), 'usage[0].secret'],
    ['a webhook with a secret that is not there', ofWebhook({ secret: 'ABSENT' }), 'usage[0].secret'],
    ['a webhook with a short secret', ofWebhook({ secret: 'SHORT' }), 'usage[0].secret'],
    ['a webhook that names no threshold', ofWebhook({ thresholds: [] }), 'usage[0].thresholds'],
    ['a webhook that names one twice', ofWebhook({ thresholds: [50, 50] }), 'usage[0].thresholds'],
    ['a webhook with more than all', ofWebhook({ thresholds: [50, 101] }), 'usage[0].thresholds[1]'],
    ['a webhook with half a per cent', ofWebhook({ thresholds: [50.5] }), 'usage[0].thresholds[0]'],
    ['a webhook with a threshold of text', ofWebhook({ thresholds: '50' }), 'usage[0].thresholds'],
    ['a queue with none', of([toQueue({ queue: 'QUEUE', thresholds: [0] })]), 'usage[0].thresholds[0]'],
    ['a webhook with something else', ofWebhook({ queue: 'QUEUE' }), 'usage[0].queue'],
    ['no options', of([toQueue(undefined)]), 'usage[0]'],
    ['a queue that is not there', of([toQueue({ queue: 'ABSENT' })]), 'usage[0].queue'],
    ['a variable', of([toQueue({ queue: 'TOKEN' })]), 'usage[0].queue'],
    ['a Worker', of([toQueue({ queue: 'WORKER' })]), 'usage[0].queue'],
    ['OpenMeter over http', ofMeter({ url: 'http://m.test' }), 'usage[0].url'],
    ['OpenMeter at no URL', ofMeter({ url: 'm.test?' }), 'usage[0].url'],
    ['OpenMeter with a query', ofMeter({ url: 'https://m.test?a' }), 'usage[0].url'],
    ['OpenMeter without a token', ofMeter({ token: undefined }), 'usage[0].token'],
    ['OpenMeter with a token that is not there', ofMeter({ token: 'ABSENT' }), 'usage[0].token'],
    ['one twice', of([toQueue({ queue: 'QUEUE' }), toQueue({ queue: 'QUEUE' })]), 'usage[1]'],
    ['a second one', of([toQueue({ queue: 'QUEUE' }), toQueue({ queue: 'ABSENT' })]), 'usage[1].queue'],
  ])('that goes to %s has that one fault', (_name, faults, path) => {
    expect(faults.map((fault) => fault.path)).toEqual([path])
  })

  it('has its faults reported with all the others', () => {
    const found = faultsOf({ zones: [{ ...ZONE, hosts: [] }], usage: [toQueue({ queue: 'ABSENT' })], logs: {} }, env)
    expect(found.map(({ path }) => path).toSorted()).toEqual(['logs', 'usage[0].queue', 'zones[0].hosts'])
  })

  it('with too short a secret is told so without the secret', () => {
    expect(JSON.stringify(ofMeter({ token: 'SHORT' }))).not.toContain(env.SHORT)
  })
})
