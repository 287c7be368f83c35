import { faregate } from '../../../src/platform/cloudflare/index.ts'
import { bearer } from '../../../src/rails/bearer.ts'
import { queue } from '../../../src/usage/queue.ts'
import { ENDPOINTS } from '../../support/endpoints.ts'

/** A site in another Worker, whose routes count in a ledger and by a rate limit of the platform; a free one; and a queue that is told. */
const { Gate, Ledger, Origin } = faregate({
  endpoints: ENDPOINTS,
  usage: [queue({ queue: 'USAGE' })],
  zones: [
    {
      name: 'site',
      hosts: ['site.test'],
      audience: 'https://site.test',
      issuers: [{ issuer: 'https://billing.test', secret: 'TOKEN_SECRET' }],
      origin: { servers: [{ binding: 'SITE' }] },
      rails: [bearer()],
      routes: [
        {
          path: '/metered/*',
          requires: 'premium',
          cache: 'off',
          quotas: [{ name: 'calls', unit: 'requests', quota: 3, window: 'P1D' }],
        },
        { path: '/limited/*', requires: 'premium', cache: 'off', rates: [{ binding: 'API_RATE', seconds: 60 }] },
      ],
      unmatched: 'closed',
      remedies: { documentation: 'https://site.test/problems' },
    },
    {
      name: 'blog',
      hosts: ['blog.test'],
      audience: 'https://blog.test',
      issuers: [{ issuer: 'https://billing.test', secret: 'TOKEN_SECRET' }],
      origin: { servers: [{ binding: 'BLOG' }] },
      rails: [bearer()],
      routes: [],
      unmatched: 'free',
      remedies: { documentation: 'https://blog.test/problems' },
    },
  ],
})
export { Gate as default, Ledger, Origin }
