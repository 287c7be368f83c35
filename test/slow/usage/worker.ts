import { bearer, reported, signed } from '../../../src/index.ts'
import { faregate } from '../../../src/platform/cloudflare/index.ts'

const YEAR_SECONDS = 366 * 86_400

/** A site that tells billing of used shares of its quotas. */
const { Gate, Origin, Ledger } = faregate((env) => ({
  usage: [signed({ url: String(env['BILLING_URL']), secret: 'USAGE_SECRET', thresholds: [50, 75, 90, 100] })],
  zones: [
    {
      name: 'news',
      hosts: ['127.0.0.1'],
      audience: 'https://news.test',
      issuers: [{ issuer: 'https://billing.test', secret: 'TOKEN_SECRET' }],
      origin: { servers: [{ url: String(env['ORIGIN_URL']) }] },
      rails: [bearer()],
      routes: [
        {
          path: '/api/*',
          requires: 'api',
          quotas: [{ name: 'requests', quota: 20, window: YEAR_SECONDS }],
          cache: 'off',
        },
        {
          path: '/query/*',
          requires: 'api',
          quotas: [{ name: 'rows', quota: 100, window: YEAR_SECONDS }],
          meter: reported({ field: 'Faregate-Usage', most: { rows: 50 } }),
          cache: 'off',
        },
      ],
      unmatched: 'free',
    },
  ],
}))
export { Gate as default, Ledger, Origin }
