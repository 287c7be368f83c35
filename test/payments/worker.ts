import { bearer, defineConfig, html, mpp, packs, purchases, receipt, signed, x402 } from '../../src/index.ts'
import { faregate } from '../../src/platform/cloudflare/index.ts'

/**
 * A gate that takes payments in every way: `127.0.0.1` believes its facilitator alone, `localhost` also asks the chain
 * for evidence.
 */
const config = defineConfig((env) => {
  const token = {
    network: 'eip155:84532',
    asset: '0x036CbD53842c5426634e7929541eC2318f3dCF7e',
    name: 'USDC',
    version: '2',
    decimals: 6,
    currency: 'USD',
    payTo: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
  }
  const waitMs = Number(env['FACILITATOR_MS'])
  const chain = {
    facilitator: { url: env['FACILITATOR_URL'] ?? '', verifyMs: waitMs, settleMs: waitMs },
    accepts: [token],
    failures: { requests: 10_000, seconds: 60 },
  }
  const card = {
    secretKey: 'STRIPE_KEY',
    networkId: 'profile_test',
    paymentMethodTypes: ['card'],
    apiUrl: env['STRIPE_URL'] ?? '',
  }
  const price = { amount: '0.75', currency: 'USD' }
  const zone = {
    audience: 'https://reports.test',
    issuers: [{ issuer: 'https://billing.test', secret: 'TOKEN_SECRET' }],
    origin: { servers: [{ url: env['ORIGIN_URL'] ?? '' }], limits: { responseSeconds: 3, connectSeconds: 3 } },
    routes: [
      { path: '/reports/*', price },
      { path: '/dimes/*', price: { amount: '0.10', currency: 'USD' } },
      { path: '/api/*', price: { amount: '0.01', currency: 'USD' } },
      {
        path: '/packed/*',
        price: { amount: '0.01', currency: 'USD' },
        packs: [{ uses: 100, amount: '0.90' }],
        cache: 'off' as const,
      },
      {
        path: '/passed/*',
        price: { amount: '0.01', currency: 'USD' },
        packs: [{ pass: 'PT1H', amount: '0.50' }],
        cache: 'off' as const,
      },
      {
        path: '/filled/*',
        price: { amount: '0.01', currency: 'USD' },
        packs: [{ credit: true as const, amount: '0.03' }],
        cache: 'off' as const,
      },
      { path: '/orders/*', price, cache: 'off' as const },
      { path: '/upfront/*', price, cache: 'off' as const, settle: 'before' as const },
    ],
    refusals: [html()],
    unmatched: 'closed' as const,
    remedies: { documentation: 'https://reports.test/problems', checkout: 'https://reports.test/buy' },
  }
  const railsWith = (rpc: object) => [
    bearer(),
    receipt(),
    packs(),
    purchases(),
    x402({ ...chain, ...rpc }),
    mpp({ evm: true, stripe: card }),
  ]
  return {
    secrets: { gate: 'GATE_SECRET' },
    usage: [signed({ url: env['BILLING_URL'] ?? '', secret: 'USAGE_SECRET' })],
    zones: [
      { ...zone, name: 'reports', hosts: ['127.0.0.1'], rails: railsWith({}) },
      { ...zone, name: 'proven', hosts: ['localhost'], rails: railsWith({ rpc: env['CHAIN_URL'] ?? '' }) },
    ],
  }
})

const { Gate, Origin, Ledger } = faregate(config)
export { Gate as default, Ledger, Origin }
