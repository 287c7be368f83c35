import { bearer, dashboard, hold, html, levers, lookup } from '../../../src/index.ts'
import { faregate } from '../../../src/platform/cloudflare/index.ts'

/**
 * A site, and the dashboard of its operators: on a host of its own, or on the site's. To browsers the two hosts are of one site.
 */
const { Gate, Origin, Ledger } = faregate((env) => ({
  secrets: { gate: 'GATE_SECRET' },
  endpoints: [hold(), levers(), lookup(), dashboard(env['OPS_HOST'] === '' ? {} : { host: String(env['OPS_HOST']) })],
  log: { accountKey: 'ACCOUNT_KEY' },
  zones: [
    {
      name: 'news',
      hosts: ['www.fare.localhost'],
      audience: 'https://news.test',
      issuers: [{ issuer: 'https://billing.test', secret: 'TOKEN_SECRET' }],
      operators: [{ issuer: 'https://staff.test', secret: 'STAFF_SECRET' }],
      origin: { servers: [{ url: String(env['ORIGIN_URL']) }] },
      rails: [bearer()],
      refusals: [html()],
      routes: [{ path: '/articles/*', requires: 'premium', cache: 'off' }],
      unmatched: 'free',
    },
  ],
}))
export { Gate as default, Ledger, Origin }
