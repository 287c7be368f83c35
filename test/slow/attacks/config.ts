import { bearer, defineConfig, html } from '../../../src/index.ts'
import { ENDPOINTS } from '../../support/endpoints.ts'

export const AUDIENCE = 'https://www.example.com'
export const ISSUER = 'https://billing.example'

/** The gate under attack: `UNMATCHED`, `ORIGIN_URL` and the issuer's public `JWK` come from the environment. */
export const config = defineConfig((env) => ({
  endpoints: ENDPOINTS,
  zones: [
    {
      name: 'attacked',
      hosts: ['localhost', '127.0.0.1', 'www.example.com'],
      audience: AUDIENCE,
      issuers: [{ issuer: ISSUER, keys: [JSON.parse(env['JWK'] ?? '{}')] }],
      rails: [bearer()],
      refusals: [html()],
      origin: { servers: [{ url: env['ORIGIN_URL'] ?? '' }] },
      routes: [
        { path: '/', free: true },
        { path: '/free/*', free: true },
        { path: '/articles/*', requires: 'premium', cache: 'off', offer: { title: 'Premium' } },
        { path: '/members', requires: 'premium', offer: { title: 'Premium' } },
        { path: '/forms/*', methods: ['POST'], free: true },
        { path: '/forms/*', methods: ['GET'], requires: 'premium', cache: 'off' },
      ],
      unmatched: env['UNMATCHED'] === 'closed' ? 'closed' : 'free',
      remedies: { documentation: 'https://billing.example/docs' },
    },
  ],
}))
