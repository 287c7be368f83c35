import { account, bearer, defineConfig, events, explain, type Options, receipt, signed } from 'faregate'

export default defineConfig(
  (env): Options => ({
    log: { accountKey: 'ACCOUNT_HASH_KEY' },
    endpoints: [account(), explain(), events()],
    usage: [signed({ url: 'https://billing.example.com/usage', secret: 'USAGE_SECRET' })],
    zones: [
      {
        name: 'api',
        hosts: ['api.example.com'],
        audience: 'https://api.example.com',
        issuers: [{ issuer: 'https://billing.example.com', jwks: { url: 'https://billing.example.com/jwks.json' } }],
        rails: [bearer({ from: [{ field: 'X-Api-Key' }] }), receipt()],
        origin: { servers: [{ url: env['ORIGIN_URL'] ?? 'https://origin.example.com' }] },
        routes: [
          {
            path: '/v1/*',
            requires: 'api',
            cache: 'off',
            quotas: [{ name: 'requests', quota: 10_000, window: 'P1M' }],
            rates: [{ requests: 50, seconds: 10 }],
            offer: { title: 'API plan' },
          },
          { path: '/v1/reports/*', price: { amount: '0.25', currency: 'USD' }, offer: { title: 'One report' } },
        ],
        unmatched: 'closed',
        remedies: {
          checkout: 'https://www.example.com/buy?return={return}',
          documentation: 'https://www.example.com/problems',
        },
      },
    ],
  }),
)
