import { account, bearer, defineConfig, explain, html, type Options } from 'faregate'

export default defineConfig(
  (env): Options => ({
    log: { accountKey: 'ACCOUNT_HASH_KEY' },
    endpoints: [account(), explain()],
    zones: [
      {
        name: 'www',
        hosts: ['www.example.com'],
        audience: 'https://www.example.com',
        issuers: [{ issuer: 'https://billing.example.com', jwks: { url: 'https://billing.example.com/jwks.json' } }],
        rails: [bearer()],
        refusals: [html()],
        origin: { servers: [{ url: env['ORIGIN_URL'] ?? 'https://origin.example.com' }] },
        routes: [{ path: '/articles/*', requires: 'premium', offer: { title: 'Premium' } }],
        unmatched: 'free',
        remedies: {
          checkout: 'https://www.example.com/buy?return={return}',
          documentation: 'https://www.example.com/problems',
        },
      },
    ],
  }),
)
