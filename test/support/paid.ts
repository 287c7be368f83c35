import { bearer, defineConfig, openapi, packs, receipt, signed, x402, x402Listing } from '../../src/index.ts'
import { toyPay } from '../rails/toypay.ts'
import { ENDPOINTS } from './endpoints.ts'

/** Of all wallets of the tests. */
export const WALLETS = 'the key of all toy wallets'
/** Who moves the money of the zone `reports`, and of the zone `films`. */
export const BANK = 'https://bank.test'
export const OTHER_BANK = 'https://other-bank.test'

/** Who settles the payments of the zone `chain`, in a token of a chain. */
export const FACILITATOR = 'https://facilitator.test'
export const TOKEN = {
  network: 'eip155:84532',
  asset: '0x036CbD53842c5426634e7929541eC2318f3dCF7e',
  name: 'USDC',
  version: '2',
  decimals: 6,
  currency: 'USD',
  payTo: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
}

const price = { amount: '0.25', currency: 'USD' }
const zone = {
  audience: 'https://news.test',
  issuers: [{ issuer: 'https://billing.test', jwks: { url: 'https://billing.test/jwks.json' } }],
  origin: { servers: [{ url: 'https://origin.test' }], limits: { responseSeconds: 10, connectSeconds: 10 } },
  unmatched: 'closed' as const,
  remedies: { documentation: 'https://billing.test/problems', checkout: 'https://billing.test/checkout' },
}

/** Two zones that take toy payments, each by a bank of its own, and two that do not. */
export default defineConfig({
  secrets: { gate: 'GATE_SECRET' },
  endpoints: ENDPOINTS,
  usage: [signed({ url: 'https://billing.test/usage', secret: 'USAGE_SECRET' })],
  zones: [
    {
      ...zone,
      name: 'reports',
      hosts: ['reports.test'],
      rails: [bearer(), receipt(), packs(), toyPay({ facilitator: BANK, secret: WALLETS })],
      routes: [
        { path: '/reports/*', price },
        { path: '/fresh/*', price, cache: 'off' },
        { path: '/unkept/*', price, cache: 'off', idempotency: { keep: false } },
        { path: '/dear/*', price, cache: 'off', settle: 'before' },
        {
          path: '/packed/*',
          price,
          cache: 'off',
          packs: [
            { uses: 3, amount: '0.60' },
            { pass: 'PT1H', amount: '0.90' },
          ],
        },
        {
          path: '/filled/*',
          price,
          cache: 'off',
          packs: [{ credit: true, amount: '5.00' }],
        },
        { path: '/both/*', requires: 'premium', price, cache: 'off' },
        {
          path: '/counted/*',
          requires: 'premium',
          price,
          cache: 'off',
          quotas: [{ name: 'counted', unit: 'requests', quota: 1, window: 3600 }],
        },
      ],
    },
    {
      ...zone,
      name: 'films',
      hosts: ['films.test'],
      rails: [
        bearer(),
        toyPay({ facilitator: OTHER_BANK, secret: WALLETS, verifies: false, failures: { requests: 2, seconds: 60 } }),
      ],
      routes: [
        { path: '/reports/*', price },
        { path: '/fresh/*', price, cache: 'off' },
      ],
    },
    {
      ...zone,
      name: 'chain',
      hosts: ['chain.test'],
      discovery: [openapi(), x402Listing()],
      rails: [
        bearer(),
        receipt(),
        packs(),
        x402({ facilitator: { url: FACILITATOR, verifyMs: 5000 }, accepts: [TOKEN] }),
      ],
      routes: [
        { path: '/reports/*', price: { amount: '0.75', currency: 'USD' }, offer: { title: 'One report' } },
        { path: '/fresh/*', price: { amount: '0.01', currency: 'USD' }, cache: 'off' },
        { path: '/first/*', price: { amount: '0.01', currency: 'USD' }, cache: 'off', settle: 'before' },
        {
          path: '/packs/*',
          price: { amount: '0.01', currency: 'USD' },
          packs: [
            { uses: 100, amount: '0.90' },
            { pass: 'PT1H', amount: '0.50' },
          ],
        },
        {
          path: '/alike/*',
          price: { amount: '0.01', currency: 'USD' },
          cache: 'off',
          packs: [
            { uses: 2, amount: '0.50' },
            { pass: 'PT1H', amount: '0.50' },
          ],
        },
      ],
    },
    { ...zone, name: 'plain', hosts: ['plain.test'], rails: [bearer()], routes: [{ path: '/free/*', free: true }] },
    {
      ...zone,
      name: 'lenient',
      hosts: ['lenient.test'],
      rails: [bearer()],
      allowFields: ['toy-payment'],
      routes: [{ path: '/free/*', free: true }],
    },
  ],
})
