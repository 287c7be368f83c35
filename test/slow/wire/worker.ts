import { bearer } from '../../../src/rails/bearer.ts'
import { faregate } from '../../../src/platform/cloudflare/index.ts'
import { ENDPOINTS } from '../../support/endpoints.ts'

/** One zone before one server that says what it likes, a byte at a time if need be. */
const { Gate, Origin, Ledger } = faregate((env) => ({
  endpoints: ENDPOINTS,
  zones: [
    {
      name: 'wire',
      hosts: ['localhost'],
      audience: 'https://wire.test',
      issuers: [{ issuer: 'https://billing.test', secret: 'TOKEN_SECRET' }],
      origin: { servers: [{ url: env['ORIGIN_URL'] ?? '' }] },
      rails: [bearer()],
      routes: [
        { path: '/articles/*', requires: 'premium' },
        { path: '/plans/*', requires: 'premium', cache: { key: 'plan' as const } },
        { path: '/off/*', requires: 'premium', cache: 'off' as const },
        {
          path: '/metered/*',
          requires: 'premium',
          quotas: [{ name: 'requests', quota: 1000, window: 'P1D' as const }],
        },
      ],
      unmatched: 'free' as const,
      remedies: { documentation: 'https://wire.test/problems' },
    },
  ],
}))
export { Gate as default, Ledger, Origin }
