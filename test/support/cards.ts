import { bearer, defineConfig, mpp, receipt } from '../../src/index.ts'
import { ENDPOINTS } from './endpoints.ts'

/** The business whose PaymentIntents are made, and the secrets of its gate. */
export const STRIPE = 'https://api.stripe.com'
export const SECRETS = {
  GATE_SECRET: 'a secret of the gate for the tests, of 32 bytes',
  STRIPE_KEY: 'sk_test_of_nobody_at_all',
}

const price = { amount: '0.75', currency: 'USD' }

/** A zone that takes cards by MPP. */
export default defineConfig({
  endpoints: ENDPOINTS,
  secrets: { gate: 'GATE_SECRET' },
  zones: [
    {
      name: 'cards',
      hosts: ['cards.test', 'www.cards.test'],
      audience: 'https://news.test',
      issuers: [{ issuer: 'https://billing.test', jwks: { url: 'https://billing.test/jwks.json' } }],
      origin: { servers: [{ url: 'https://origin.test' }], limits: { responseSeconds: 10, connectSeconds: 10 } },
      unmatched: 'closed',
      remedies: { documentation: 'https://billing.test/problems', checkout: 'https://billing.test/checkout' },
      rails: [
        bearer(),
        receipt(),
        mpp({ stripe: { secretKey: 'STRIPE_KEY', networkId: 'profile_test', paymentMethodTypes: ['card'] } }),
      ],
      routes: [
        { path: '/reports/*', price },
        { path: '/fresh/*', price, cache: 'off' },
        { path: '/cheap/*', price: { amount: '0.10', currency: 'USD' } },
        { path: '/both/*', requires: 'premium', price, cache: 'off' },
        { path: '/members/*', requires: 'premium', cache: 'off' },
        { path: '/open/*', free: true, cache: 'off' },
      ],
    },
  ],
})
