import { bearer } from '../../../src/rails/bearer.ts'
import { faregate } from '../../../src/platform/cloudflare/index.ts'
import { ENDPOINTS } from '../../support/endpoints.ts'

/** Two zones before two servers, with short limits, and one before a server by its binding. */
const { Gate, Origin } = faregate((env) => {
  const zone = (name: string, host: string, server: { url: string } | { binding: string }) => ({
    name,
    hosts: [host],
    audience: 'https://limits.test',
    issuers: [{ issuer: 'https://limits.test', secret: 'TOKEN_SECRET' }],
    origin: { servers: [server], limits: { connectSeconds: 0.3, responseSeconds: 1 } },
    rails: [bearer()],
    routes: [{ path: '/patient/*', free: true as const, limits: { responseSeconds: 30 } }],
    unmatched: 'free' as const,
    remedies: { documentation: 'https://limits.test/problems' },
  })
  return {
    endpoints: ENDPOINTS,
    zones: [
      zone('slow', 'slow.test', { url: env['SLOW_URL'] ?? '' }),
      zone('full', 'full.test', { url: env['FULL_URL'] ?? '' }),
      zone('absent', 'absent.test', { url: env['ABSENT_URL'] ?? '' }),
      zone('bound', 'bound.test', { binding: 'BACKEND' }),
    ],
  }
})
export { Gate as default, Origin }
