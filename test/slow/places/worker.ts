import { faregate } from '../../../src/platform/cloudflare/index.ts'
import { bearer } from '../../../src/index.ts'
import { ENDPOINTS } from '../../support/endpoints.ts'

/** A zone whose sockets are opened with a token in their subprotocols: on a paid route, and on one that is free. */
const { Gate, Origin } = faregate((env) => ({
  endpoints: ENDPOINTS,
  zones: [
    {
      name: 'places',
      hosts: ['127.0.0.1'],
      audience: 'https://places.test',
      issuers: [{ issuer: 'https://places.test', secret: 'TOKEN_SECRET' }],
      rails: [bearer({ from: [{ webSocketProtocol: 'bearer' }] })],
      origin: { servers: [{ url: env['ORIGIN_URL'] ?? '' }] },
      routes: [
        { path: '/paid/*', requires: 'premium', cache: 'off' as const },
        { path: '/free/*', free: true as const, cache: 'off' as const },
      ],
      unmatched: 'closed' as const,
      remedies: { documentation: 'https://places.test/problems' },
    },
  ],
}))
export { Gate as default, Origin }
