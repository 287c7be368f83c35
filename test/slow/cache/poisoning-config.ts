import { bearer, defineConfig } from '../../../src/index.ts'
import type { Environment, RouteOptions, ZoneOptions } from '../../../src/config/options.ts'

export const ISSUER = 'https://billing.example'

/** Two zones with the same paths, before the same server. */
export const ZONES = {
  one: { hosts: ['localhost', 'one.localhost'], audience: 'https://one.example' },
  two: { hosts: ['two.localhost'], audience: 'https://two.example' },
} as const

const requires = 'premium'

/** The same kind of page under every policy that shares a copy, and under some that do not. */
const routes: RouteOptions[] = [
  { path: '/free/*', free: true, cache: 'shared' },
  { path: '/paid/*', requires },
  { path: '/articles/*', requires },
  { path: '/account/*', requires, cache: { key: 'account' } },
  { path: '/plan/*', requires, cache: { key: 'plan' } },
  { path: '/ignoring/*', free: true, cache: { query: { ignore: ['utm_*', 'fbclid'] } } },
  { path: '/only/*', free: true, cache: { query: { only: ['id'] } } },
  { path: '/listed/*', free: true, cache: { requestFields: ['x-listed'] } },
  { path: '/small/*', free: true, cache: { maxBytes: 65_536 } },
  { path: '/private/*', requires, cache: 'off' },
  { path: '/mine/*', free: true, cache: 'off' },
  { path: '/own/*', free: true, cache: { key: 'account' } },
]

function zone(name: keyof typeof ZONES, env: Environment): ZoneOptions {
  return {
    name,
    hosts: [...ZONES[name].hosts],
    audience: ZONES[name].audience,
    issuers: [{ issuer: ISSUER, secret: 'TOKEN_SECRET' }],
    rails: [bearer()],
    origin: { servers: [{ url: env['ORIGIN_URL'] ?? '' }] },
    routes,
    // The most that an operator can leave open: whatever no route names is free, and one copy serves all.
    unmatched: { free: true, cache: 'shared' },
    remedies: { documentation: 'https://billing.example/docs' },
  }
}

export const config = defineConfig((env) => ({ zones: [zone('one', env), zone('two', env)] }))
