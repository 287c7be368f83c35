import { describe, expect, it } from 'vitest'
import { bearer } from '../../../src/rails/bearer.ts'
import { x402 } from '../../../src/rails/x402/rail.ts'
import { packs } from '../../../src/rails/packs/packs.ts'
import { receipt } from '../../../src/rails/receipt.ts'
import { faultsOf as compiledFaults, ZONE } from '../../support/compiled.ts'
import { TOKEN } from '../../support/paid.ts'

const FACILITATOR = { url: 'https://facilitator.test' }
const price = { amount: '0.75', currency: 'USD' }

function faultsOf(options: unknown, route: object = {}, env?: Record<string, unknown>): string[] {
  const rail = x402(options as never)
  const routes = [{ path: '/a/*', price, ...route }]
  const sellers = 'packs' in route ? [receipt(), packs()] : []
  const zone = { ...ZONE, rails: [bearer(), rail, ...sellers], routes }
  const given = { secrets: { gate: 'GATE_SECRET' }, zones: [zone] }
  return compiledFaults(given, { GATE_SECRET: 'a secret of the gate for the tests, of 32 bytes', ...env }).map(
    ({ path, message }) => `${path}: ${message}`,
  )
}
const token = (over: object): object => ({ facilitator: FACILITATOR, accepts: [{ ...TOKEN, ...over }] })
const facilitator = (over: object): object => ({ facilitator: { ...FACILITATOR, ...over }, accepts: [TOKEN] })

describe('the options of x402', () => {
  it('are without faults', () => {
    const all = { ...facilitator({ auth: 'TOKEN', verifyMs: 100, settleMs: 20_000 }), rpc: 'http://127.0.0.1:8545' }
    expect(faultsOf({ ...all, failures: { requests: 5, seconds: 10 } }, {}, { TOKEN: 'x'.repeat(16) })).toEqual([])
    expect(faultsOf(facilitator({ url: 'http://localhost:4022/' }))).toEqual([])
  })

  it.each<[string, object, string]>([
    [
      'a facilitator over plain http',
      facilitator({ url: 'http://facilitator.test' }),
      'facilitator.url: expected an https',
    ],
    ['a password in its address', facilitator({ url: 'https://a:b@facilitator.test' }), 'facilitator.url: expected no'],
    ['a secret that is not there', facilitator({ auth: 'TOKEN' }), 'facilitator.auth: the environment has no secret'],
    ['a settlement of a minute', facilitator({ settleMs: 60_000 }), 'facilitator.settleMs: expected a whole'],
    ['a node over plain http', { ...facilitator({}), rpc: 'http://node.test' }, 'rpc: expected an https'],
    ['no token', { facilitator: FACILITATOR, accepts: [] }, 'accepts: expected a list of 1 to 4'],
    [
      'five tokens',
      { facilitator: FACILITATOR, accepts: [1, 2, 3, 4, 5].map((id) => ({ ...TOKEN, network: `eip155:${id}` })) },
      'accepts: expected a list of 1 to 4',
    ],
    ['a token twice', { facilitator: FACILITATOR, accepts: [TOKEN, TOKEN] }, 'accepts: expected each token once'],
    ['a payee of 19 bytes', token({ payTo: `0x${'7'.repeat(38)}` }), 'accepts[0].payTo: expected an address of 20'],
    ['an asset that has a name', token({ asset: 'USDC' }), 'accepts[0].asset: expected an address of 20 bytes'],
    ['a network by its name', token({ network: 'base-sepolia' }), 'accepts[0].network: expected a network'],
    ['half a decimal', token({ decimals: 0.5 }), 'accepts[0].decimals: expected a whole number'],
    ['an unknown option', { ...facilitator({}), scheme: 'upto' }, 'scheme: is not an option here'],
  ])('do not have %s', (_what, options, fault) => {
    expect(faultsOf(options)).toEqual([expect.stringContaining(`zones[0].rails[1].${fault}`)])
  })

  it('never quote a secret that stands where its name belongs', () => {
    const secret = 'sk_live_51abcdefghijklmn'
    expect(faultsOf(facilitator({ auth: secret })).join()).not.toContain(secret)
  })
})

describe('what x402 cannot charge', () => {
  const ok = { facilitator: FACILITATOR, accepts: [TOKEN] }
  const second = { ...TOKEN, network: 'eip155:8453' }
  const three = [
    { uses: 100, amount: '0.90' },
    { pass: 'PT1H', amount: '0.50' },
  ]

  it.each<[string, object, object, string]>([
    [
      'a price that is no whole number of units',
      ok,
      { price: { amount: '0.0000005', currency: 'USD' } },
      '/a/*: 0.0000005 USD is not a whole number of units of a token with 6 decimals',
    ],
    [
      'such a pack',
      ok,
      { packs: [{ uses: 100, amount: '0.0000001' }] },
      '/a/*: 0.0000001 USD is not a whole number of units of a token with 6 decimals',
    ],
    [
      'a currency that no token is worth, where nothing else may pay',
      ok,
      { price: { amount: '1', currency: 'EUR' }, pay: ['x402'] },
      '/a/*: no token of x402 is worth EUR, and nothing else is in "pay"',
    ],
    [
      'more ways than are told',
      { ...ok, accepts: [TOKEN, second] },
      { packs: three },
      '/a/*: 6 ways to pay by x402, tokens times packs, and at most 4 are told',
    ],
    [
      'what has no room in a field',
      { ...ok, accepts: [{ ...TOKEN, name: 'x'.repeat(2000) }] },
      {},
      '/a/*: "PAYMENT-REQUIRED" may have 4012 bytes, and 3072 is the most',
    ],
  ])('is %s', (_what, options, route, fault) => {
    expect(faultsOf(options, route)).toEqual([`zones[0].routes: ${fault}`])
  })

  it.each<[string, object]>([
    ['a currency that others may pay', { price: { amount: '1', currency: 'EUR' } }],
    ['a millionth', { price: { amount: '0.000001', currency: 'USD' } }],
    ['three packs of one token', { packs: [...three, { uses: 10, amount: '0.09' }] }],
  ])('is not %s', (_what, route) => {
    expect(faultsOf(ok, route)).toEqual([])
  })
})
