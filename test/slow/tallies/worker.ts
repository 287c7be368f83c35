import { bearer, credit, dashboard, erase, lookup, metrics } from '../../../src/index.ts'
import { faregate } from '../../../src/platform/cloudflare/index.ts'

/** A site whose traffic and money are added up. */
const { Gate, Origin, Ledger } = faregate((env) => ({
  secrets: { gate: 'GATE_SECRET' },
  endpoints: [credit(), dashboard(), erase(), lookup(), metrics({ secret: 'METRICS_SECRET' })],
  log: { accountKey: 'ACCOUNT_KEY' },
  zones: [
    {
      name: 'news',
      hosts: ['127.0.0.1'],
      timeZone: 'Europe/Berlin',
      audience: 'https://news.test',
      issuers: [{ issuer: 'https://billing.test', secret: 'TOKEN_SECRET' }],
      operators: [{ issuer: 'https://billing.test', secret: 'TOKEN_SECRET' }],
      origin: { servers: [{ url: String(env['ORIGIN_URL']) }] },
      rails: [bearer()],
      routes: [
        { path: '/articles/*', requires: 'premium' },
        { path: '/reports/*', price: { amount: '0.25', currency: 'USD' }, cache: 'off' },
        {
          path: '/api/*',
          price: { amount: '0.01', currency: 'USD' },
          quotas: [{ name: 'requests', quota: 1000, window: 'P1D' }],
          cache: 'off',
        },
      ],
      unmatched: 'free',
    },
  ],
}))
export { Gate as default, Ledger, Origin }
