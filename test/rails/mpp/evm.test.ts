import { describe, expect, it } from 'vitest'
import { evmMethod } from '../../../src/rails/mpp/evm.ts'
import type { PaymentCredential } from '../../../src/rails/mpp/rules/credential.ts'
import { challengeNonce } from '../../../src/rails/mpp/rules/evmcharge.ts'
import { bearer, mpp, receipt, x402 } from '../../../src/index.ts'
import { faultsOf, ZONE } from '../../support/compiled.ts'

const TOKEN = {
  network: 'eip155:84532',
  asset: '0x036CbD53842c5426634e7929541eC2318f3dCF7e',
  name: 'USDC',
  version: '2',
  decimals: 6,
  currency: 'USD',
  payTo: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
}
const CHAIN = { facilitator: { url: 'https://facilitator.test' }, accepts: [TOKEN] }
const method = evmMethod(CHAIN)
const USD = (units: bigint) => ({ units, currency: 'USD' })
const [request = {}] = method.requestsFor(USD(750_000_000n))

const challenge = {
  id: 'kM9xPqWvT2nJrHsY4aDfEb',
  realm: 'reports',
  method: 'evm',
  intent: 'charge',
  request: 'cQ',
  expires: '2026-11-29T05:00:00Z',
}
const EXPIRES = Date.UTC(2026, 10, 29, 5) / 1000
const PAYLOAD = {
  type: 'authorization',
  from: '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC',
  to: TOKEN.payTo,
  value: '750000',
  validAfter: '0',
  validBefore: String(EXPIRES),
  nonce: challengeNonce(challenge),
  signature: `0x${'ab'.repeat(65)}`,
}
const readOf = (over: object): unknown => {
  const credential: PaymentCredential = { challenge, payload: { ...PAYLOAD, ...over } }
  const read = method.read(credential, request)
  return read.ok ? read.value : read.error.reason
}

describe('the method evm', () => {
  it('asks for whole units of each token of the currency', () => {
    expect(method.requestsFor(USD(750_000_000n))).toEqual([
      {
        amount: '750000',
        currency: TOKEN.asset,
        recipient: TOKEN.payTo,
        methodDetails: { chainId: 84_532, credentialTypes: ['authorization'], decimals: 6 },
      },
    ])
    expect(method.requestsFor(USD(500n))).toEqual([])
    expect(method.requestsFor({ units: 750_000_000n, currency: 'EUR' })).toEqual([])
  })

  it('reads an authorization as the payment by x402 that it is', () => {
    expect(readOf({})).toMatchObject({
      name: JSON.stringify(['eip155:84532', TOKEN.asset, PAYLOAD.from, PAYLOAD.nonce]).toLowerCase(),
      payer: PAYLOAD.from.toLowerCase(),
      requirements: { scheme: 'exact', network: 'eip155:84532', amount: '750000', payTo: TOKEN.payTo },
      expires: EXPIRES - 6,
    })
  })

  it.each<[string, object, string]>([
    ['another nonce', { nonce: `0x${'0'.repeat(64)}` }, 'credential-invalid'],
    ['less', { value: '749999' }, 'payment-insufficient'],
    ['another payee', { to: PAYLOAD.from }, 'payment-insufficient'],
    ['more time than its challenge', { validBefore: String(EXPIRES + 1) }, 'credential-invalid'],
    ['another type', { type: 'permit2' }, 'credential-malformed'],
    ['no signature', { signature: undefined }, 'credential-malformed'],
    ['a number for its value', { value: 750_000 }, 'credential-malformed'],
  ])('refuses %s', (_what, over, reason) => {
    expect(readOf(over)).toBe(reason)
  })

  it('hashes challenge and realm into the nonce, as wallets do', () => {
    expect(challengeNonce(challenge)).toMatch(/^0x[\da-f]{64}$/)
    expect(challengeNonce(challenge)).not.toBe(challengeNonce({ ...challenge, realm: 'report' }))
  })
})

describe('mpp()', () => {
  const routes = [{ path: '/a', price: { amount: '0.75', currency: 'USD' } }]
  const env = { GATE_SECRET: 'a secret of the gate for the tests, of 32 bytes', STRIPE_KEY: 'sk_test_of_nobody_at_all' }
  const stripe = { secretKey: 'STRIPE_KEY', networkId: 'profile_1', paymentMethodTypes: ['card'] }
  const faults = (zone: object, shared: object = { secrets: { gate: 'GATE_SECRET' } }) =>
    faultsOf({ zones: [{ ...ZONE, routes, ...zone }], ...shared }, env).map(
      ({ path, message }) => `${path}: ${message}`,
    )

  it('takes its tokens from x402() beside it, or from its own options', () => {
    expect(faults({ rails: [bearer(), x402(CHAIN), mpp({ evm: true })] })).toEqual([])
    expect(faults({ rails: [bearer(), mpp({ evm: CHAIN, stripe })] })).toEqual([])
    expect(faults({ rails: [bearer(), receipt(), mpp({ evm: true, stripe })] })).toEqual([
      'zones[0].rails: expected x402() beside mpp({ evm: true })',
    ])
  })

  it('tells the faults of its options, and quotes no secret', () => {
    expect(faults({ rails: [mpp({})] })).toEqual(['zones[0].rails[0]: expected "evm" or "stripe", or both'])
    expect(faults({ rails: [mpp({ stripe: { ...stripe, secretKey: 'sk_live_abcdef' } })] })).toEqual([
      expect.not.stringContaining('sk_live'),
    ])
    expect(faults({ rails: [mpp({ stripe: { ...stripe, apiUrl: 'http://stripe.test' } })] })).toEqual([
      'zones[0].rails[0].stripe.apiUrl: expected an https URL (http only on loopback)',
    ])
    expect(faults({ rails: [mpp({ stripe })] }, {})).toEqual(['secrets.gate: is missing: zones[0].rails[0] needs it'])
  })

  it('is at fault for a price that nothing of it charges, where no other rail takes payments', () => {
    const cheap = [{ path: '/a', price: { amount: '0.10', currency: 'USD' } }]
    expect(faults({ routes: cheap, rails: [bearer(), mpp({ stripe })] })).toEqual([
      'zones[0].routes: 0.1 USD for "/a" is an amount that no method of mpp() charges',
    ])
    expect(faults({ routes: cheap, rails: [bearer(), receipt(), mpp({ stripe })] })).toEqual([])
    expect(faults({ routes: cheap, rails: [bearer(), x402(CHAIN), mpp({ evm: true, stripe })] })).toEqual([])
  })
})
