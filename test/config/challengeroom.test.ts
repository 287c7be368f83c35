import { describe, expect, it } from 'vitest'
import { bearer } from '../../src/rails/bearer.ts'
import { crawl } from '../../src/rails/crawl/crawl.ts'
import { mpp } from '../../src/rails/mpp/mpp.ts'
import { receipt } from '../../src/rails/receipt.ts'
import { x402 } from '../../src/rails/x402/rail.ts'
import { faultsOf, ZONE } from '../support/compiled.ts'
import { TOKEN } from '../support/paid.ts'

const price = { amount: '0.75', currency: 'USD' }
const env = { GATE: 'a secret of the gate for the tests, of 32 bytes', STRIPE: 'sk_test_0123456789abcdef' }
const stripe = { secretKey: 'STRIPE', networkId: 'profile_test', paymentMethodTypes: ['card', 'link'] }

/** A zone with every rail, tokens of so many chains, and a page at such a path. */
function messagesFor(chains: number, path: string, hasCards = true): readonly string[] {
  const accepts = Array.from({ length: chains }, (_, at) => ({ ...TOKEN, network: `eip155:${8453 + at}` }))
  const rails = [
    bearer(),
    receipt(),
    x402({ facilitator: { url: 'https://facilitator.test' }, accepts }),
    mpp({ evm: true, ...(hasCards && { stripe }) }),
    crawl({ agents: { 'https://bot.example': { billing: 'credit' } } }),
  ]
  const zone = {
    ...ZONE,
    rails,
    routes: [
      { path, price },
      { path: '/robots.txt', free: true },
    ],
  }
  return faultsOf({ secrets: { gate: 'GATE' }, zones: [zone] }, env).map(({ path: at, message }) => `${at}: ${message}`)
}

describe('the ways to pay', () => {
  it('have room in a 402 with every rail', () => expect(messagesFor(1, '/reports/*')).toEqual([]))

  it('are a fault where one of them would be left out, with the name of the route', () => {
    const path = `/${'long/'.repeat(90)}*`
    const found = messagesFor(4, path, false)
    expect(found).toEqual([
      expect.stringMatching(/^zones\[0\]\.routes: \/long\/.*: the ways to pay take \d+ bytes of fields/),
    ])
  })

  it('are a fault where MPP would ask in more ways than it has challenges for', () => {
    expect(messagesFor(3, '/reports/*')).toEqual([])
    expect(messagesFor(4, '/reports/*')).toEqual([
      'zones[0].routes: /reports/*: mpp() asks in 5 ways, and 4 is the most: name fewer tokens, methods or packs',
    ])
  })

  it('are measured where no rail moves money, too', () => {
    const wordy = { ...bearer(), name: 'wordy', challenge: () => ({ fields: [['Ask', 'x'.repeat(5000)]] }) }
    const rails = [bearer(), crawl({ agents: { 'https://bot.example': { billing: 'credit' } } }), wordy]
    const routes = [
      { path: '/reports/*', price },
      { path: '/robots.txt', free: true },
    ]
    const found = faultsOf({ zones: [{ ...ZONE, rails, routes }] }, env).map(({ message }) => message)
    expect(found).toEqual([expect.stringMatching(/^\/reports\/\*: the ways to pay take \d+ bytes of fields/)])
  })
})
