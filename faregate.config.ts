import { account, bearer, defineConfig, explain, html, type Options } from './src/index.ts'

/**
 * Your zones: the file to edit. `npm run check:config` reports every fault in it. `env` holds the Worker's variables
 * (wrangler.toml); secrets are named here and read from the environment. The demo has a configuration of its own.
 */
export default defineConfig((env): Options => {
  return {
    log: { accountKey: 'ACCOUNT_HASH_KEY' },
    endpoints: [account(), explain()],
    zones: [
      {
        name: 'www',
        hosts: ['www.example.com'],
        audience: 'https://www.example.com',
        issuers: [
          {
            issuer: 'https://billing.example.com',
            jwks: { url: 'https://billing.example.com/.well-known/jwks.json' },
          },
        ],
        rails: [bearer()],
        refusals: [html()],
        origin: { servers: [{ url: env['ORIGIN_URL'] ?? 'https://origin.example.com' }] },
        routes: [{ path: '/articles/*', requires: 'premium', offer: { title: 'Premium subscription' } }],
        unmatched: 'free',
        remedies: {
          checkout: 'https://billing.example.com/checkout?return={return}',
          signIn: 'https://billing.example.com/sign-in?return={return}',
          documentation: 'https://billing.example.com/problems',
        },
      },
    ],
  }
})
