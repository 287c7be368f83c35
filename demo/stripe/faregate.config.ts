import { account, confirm, defineConfig, explain, html, type Options, purchases, session } from '../../src/index.ts'
import { stripe } from '../../src/stripe/index.ts'

/** A shop with nothing but an account at Stripe, which `npm run shop` runs: no billing backend, and no identity provider. */
export default defineConfig((env): Options => {
  const origin = env['ORIGIN_URL'] ?? 'http://127.0.0.1:8788'
  const apiUrl = env['STRIPE_URL'] ?? 'http://127.0.0.1:8789'
  return {
    log: { accountKey: 'ACCOUNT_HASH_KEY' },
    secrets: { gate: 'GATE_SECRET' },
    endpoints: [account(), explain(), confirm()],
    zones: [
      {
        name: 'shop',
        hosts: ['localhost', '127.0.0.1'],
        audience: 'https://www.example.com',
        issuers: [],
        events: [
          stripe({
            secret: 'STRIPE_WEBHOOK',
            key: 'STRIPE_KEY',
            apiUrl,
            sell: {
              monthly: { price: 'price_monthly', grants: 'premium', title: 'Premium subscription' },
              reports: {
                price: 'price_reports',
                receipt: { pass: 3600, resource: '/reports/*' },
                title: 'Reports for an hour',
              },
              credit: { price: 'price_credit', credit: { amount: '5', currency: 'USD' }, title: 'Prepaid credit' },
            },
          }),
        ],
        rails: [session(), purchases()],
        refusals: [html()],
        origin: { servers: [{ url: origin }] },
        routes: [
          {
            path: '/articles/*',
            requires: 'premium',
            offer: { title: 'Premium subscription' },
            offers: ['monthly'],
          },
          {
            path: '/reports/*',
            price: { amount: '0.25', currency: 'USD' },
            offer: { title: 'One report' },
            offers: ['reports', 'credit'],
          },
        ],
        unmatched: 'free',
      },
    ],
  }
})
