import {
  account,
  auth0,
  bearer,
  defineConfig,
  events,
  explain,
  feeds,
  html,
  manageFeeds,
  type Options,
  purge,
} from 'faregate'

export default defineConfig(
  (env): Options => ({
    log: { accountKey: 'ACCOUNT_HASH_KEY' },
    secrets: { gate: 'GATE_SECRET' },
    endpoints: [account(), explain(), events(), manageFeeds(), purge()],
    zones: [
      {
        name: 'www',
        hosts: ['www.example.com'],
        audience: 'https://www.example.com',
        issuers: [
          { issuer: 'https://billing.example.com', jwks: { url: 'https://billing.example.com/jwks.json' } },
          auth0({ domain: 'login.example.com', audience: 'https://www.example.com' }),
        ],
        operators: [{ issuer: 'https://cms.example.com', jwks: { url: 'https://cms.example.com/jwks.json' } }],
        rails: [bearer(), feeds({ routes: ['/feed/*'] })],
        refusals: [html()],
        origin: { servers: [{ url: env['ORIGIN_URL'] ?? 'https://origin.example.com' }] },
        routes: [
          {
            path: '/articles/*',
            requires: ['premium', 'day-pass'],
            offer: { title: 'Premium' },
            cache: { fresh: { mostSeconds: 600 }, query: { ignore: ['utm_*'] }, stripSetCookie: true },
            observe: { until: '2027-01-31T00:00:00Z' },
          },
          { path: '/articles/samples/*', free: true, cache: 'shared' },
          { path: '/feed/*', requires: 'premium', cache: 'off' },
        ],
        unmatched: 'free',
        remedies: {
          checkout: 'https://www.example.com/buy?return={return}',
          signIn: 'https://www.example.com/sign-in?return={return}',
          support: 'mailto:support@example.com',
          documentation: 'https://www.example.com/problems',
        },
      },
    ],
  }),
)
