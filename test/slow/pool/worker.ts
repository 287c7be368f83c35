import { bearer } from '../../../src/rails/bearer.ts'
import { faregate } from '../../../src/platform/cloudflare/index.ts'
import type { OriginOptions } from '../../../src/config/options.ts'

/** One zone for each origin that a test describes in `ORIGINS`, at the host `<name>.localhost`. */
const { Gate, Origin } = faregate((env) => ({
  zones: Object.entries(JSON.parse(env['ORIGINS'] ?? '{}') as Record<string, OriginOptions>).map(([name, origin]) => ({
    name,
    hosts: [`${name}.localhost`],
    audience: 'https://pool.test',
    issuers: [{ issuer: 'https://billing.test', secret: 'TOKEN_SECRET' }],
    origin,
    rails: [bearer()],
    routes: [
      { path: '/articles/*', requires: 'premium' },
      { path: '/api/*', requires: 'premium', cache: 'off' as const },
    ],
    unmatched: 'free' as const,
    remedies: { documentation: 'https://pool.test/problems' },
  })),
}))
export { Gate as default, Origin }
