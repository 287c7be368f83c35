import {
  account,
  bearer,
  confirm,
  type CopyOptions,
  credit,
  defineConfig,
  emergency,
  events,
  explain,
  erase,
  exportAccount,
  hold,
  html,
  lookup,
  type Options,
  purge,
  receipt,
  signed,
} from '../src/index.ts'

/** For `npm run conformance`: the fields by which the suite knows its requests, and those that it names in `Vary`. */
const suite: CopyOptions = {
  fresh: { heuristicSeconds: 86_400 },
  requestFields: ['test-id', 'test-name', 'req-num', 'accept-language', 'foo', 'bar', 'baz', 'other', 'abc'],
}

const forOperators = [purge(), credit(), hold(), erase(), exportAccount(), lookup(), emergency()]

/** The configuration of the demo, which `npm start` runs. Your own is `faregate.config.ts` at the root. */
export default defineConfig((env): Options => {
  const origin = env['ORIGIN_URL'] ?? 'http://127.0.0.1:8788'
  const billing = env['BILLING_URL'] ?? 'http://127.0.0.1:8789'
  const usage = env['USAGE_URL']
  return {
    log: { accountKey: 'ACCOUNT_HASH_KEY' },
    secrets: { gate: 'GATE_SECRET' },
    endpoints: [account(), explain(), confirm(), events(), ...forOperators],
    ...(usage === undefined ? {} : { usage: [signed({ url: usage, secret: 'USAGE_SECRET' })] }),
    zones: [
      {
        name: 'demo',
        hosts: ['localhost', '127.0.0.1', 'www.example.com'],
        audience: 'https://www.example.com',
        issuers: [
          {
            issuer: billing,
            jwks: { url: `${billing}/.well-known/jwks.json` },
            statusLists: { allow: [`${billing}/status/*`] },
          },
        ],
        operators: [{ issuer: billing, jwks: { url: `${billing}/.well-known/jwks.json` } }],
        rails: [bearer(), receipt()],
        refusals: [html()],
        origin: { servers: [{ url: origin }] },
        routes: [
          { path: '/', free: true },
          { path: '/free/*', free: true },
          { path: '/articles/*', requires: 'premium', offer: { title: 'Premium subscription' } },
          {
            path: '/api/*',
            requires: 'api',
            cache: 'off',
            quotas: [{ name: 'requests', quota: 1000, window: 3600 }],
            rates: [{ requests: 50, seconds: 10 }],
            offer: { title: 'API plan' },
          },
          { path: '/reports/*', price: { amount: '0.25', currency: 'USD' }, offer: { title: 'One report' } },
          {
            path: '/test/*',
            ...(env['TEST_ROUTE'] === 'paid' ? { requires: 'premium' } : { free: true }),
            cache: suite,
          },
        ],
        unmatched: 'free',
        remedies: {
          checkout: `${billing}/checkout?return={return}`,
          signIn: `${billing}/sign-in?return={return}`,
          account: `${billing}/account`,
          portal: `${billing}/portal`,
          support: `${billing}/support`,
          documentation: `${billing}/docs/problems`,
        },
      },
    ],
  }
})
