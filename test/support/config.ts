import { bearer, defineConfig, html, receipt } from '../../src/index.ts'
import { ENDPOINTS } from './endpoints.ts'

/** The configuration of the tests' Worker: two zones, one issuer each, and a route of every kind. */
// connectSeconds equal to responseSeconds: no server is dialled, for nothing may leave the process.
export default defineConfig(() => {
  const remedies = {
    checkout: 'https://billing.test/checkout?return={return}',
    signIn: 'https://billing.test/sign-in',
    account: 'https://billing.test/account',
    portal: 'https://billing.test/portal',
    support: 'mailto:support@billing.test',
    documentation: 'https://billing.test/problems',
  }
  return {
    log: { accountKey: 'ACCOUNT_HASH_KEY' },
    endpoints: ENDPOINTS,
    zones: [
      {
        name: 'news',
        hosts: ['news.test', 'localhost'],
        audience: 'https://news.test',
        issuers: [
          {
            issuer: 'https://billing.test',
            jwks: { url: 'https://billing.test/jwks.json' },
            statusLists: { allow: ['https://billing.test/status/*'] },
          },
        ],
        operators: [{ issuer: 'https://billing.test', jwks: { url: 'https://billing.test/jwks.json' } }],
        rails: [bearer(), receipt()],
        refusals: [html()],
        origin: { servers: [{ url: 'https://origin.test' }], limits: { responseSeconds: 10, connectSeconds: 10 } },
        routes: [
          { path: '/', free: true },
          { path: '/free/*', free: true },
          { path: '/free/shared/*', free: true, cache: 'shared' },
          { path: '/articles/*', requires: 'premium', offer: { title: 'Premium "all" <articles>' } },
          { path: '/api/*', requires: ['api', 'partner'], cache: 'off' },
          { path: '/plans/*', requires: 'premium', cache: { key: 'plan', maxAgeSeconds: 5 } },
          { path: '/mine/*', requires: 'premium', cache: { key: 'account' } },
          { path: '/reports/*', price: { amount: '0.25', currency: 'USD' } },
          {
            path: '/metered/*',
            requires: 'premium',
            cache: 'off',
            quotas: [{ name: 'calls', unit: 'requests', quota: 3, window: 3600 }],
          },
          {
            path: '/pages/*',
            price: { amount: '0.1', currency: 'USD', per: 'pages' },
            counts: { pages: 3 },
            cache: 'off',
          },
          {
            path: '/both/*',
            requires: 'premium',
            price: { amount: '0.25', currency: 'USD' },
            cache: { key: 'account' },
            quotas: [{ name: 'both', unit: 'requests', quota: 1, window: 3600 }],
          },
          { path: '/staff/*', requires: 'staff', offer: false },
          { path: '/closed/*', closed: true },
          { path: '/read-only/*', methods: ['GET'], requires: 'premium' },
          { path: '/live/*', requires: 'premium', cache: 'off', limits: { maxSessionSeconds: 60 } },
          {
            path: '/watched/*',
            requires: 'premium',
            cache: 'off',
            limits: { maxSessionSeconds: 60 },
            observe: { until: '2100-01-01T00:00:00Z' },
          },
        ],
        unmatched: 'free',
        remedies,
      },
      {
        name: 'shop',
        hosts: ['shop.test'],
        audience: 'https://shop.test',
        issuers: [{ issuer: 'https://billing.test', jwks: { url: 'https://billing.test/jwks.json' } }],
        origin: {
          servers: [{ url: 'https://shop-origin.test/base' }],
          limits: { responseSeconds: 10, connectSeconds: 10 },
        },
        rails: [bearer()],
        routes: [{ path: '/articles/*', requires: 'premium' }],
        unmatched: 'closed',
        remedies,
      },
    ],
  }
})
