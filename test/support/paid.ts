import { bearer, defineConfig, receipt, signed } from '../../src/index.ts'
import { toyPay } from '../rails/toypay.ts'
import { ENDPOINTS } from './endpoints.ts'

/** Of all wallets of the tests. */
export const WALLETS = 'the key of all toy wallets'
/** Who moves the money of the zone `reports`, and of the zone `films`. */
export const BANK = 'https://bank.test'
export const OTHER_BANK = 'https://other-bank.test'

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
  endpoints: ENDPOINTS,
  usage: [signed({ url: 'https://billing.test/usage', secret: 'USAGE_SECRET' })],
  zones: [
    {
      ...zone,
      name: 'reports',
      hosts: ['reports.test'],
      rails: [bearer(), receipt(), toyPay({ facilitator: BANK, secret: WALLETS })],
      routes: [
        { path: '/reports/*', price },
        { path: '/fresh/*', price, cache: 'off' },
        { path: '/unkept/*', price, cache: 'off', idempotency: { keep: false } },
        { path: '/dear/*', price, cache: 'off', settle: 'before' },
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
