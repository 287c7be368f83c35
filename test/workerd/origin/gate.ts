import type { OriginOptions } from '../../../src/config/options.ts'
import { bearer, defineConfig } from '../../../src/index.ts'
import { createGate, type Gate, type Implementation } from '../cache/gate.ts'

export const IMPLEMENTATIONS: readonly Implementation[] = ['embedded', 'platform']

/** A gate before one site, as its `origin` says. */
export function gateOf(implementation: Implementation, origin: Partial<OriginOptions>, env = {}): Gate {
  const limits = { responseSeconds: 10, connectSeconds: 10 }
  const config = defineConfig(() => ({
    zones: [
      {
        name: 'site',
        hosts: ['www.site.test', 'site.test'],
        audience: 'https://news.test',
        issuers: [{ issuer: 'https://billing.test', jwks: { url: 'https://billing.test/jwks.json' } }],
        rails: [bearer()],
        origin: { servers: [{ url: 'https://origin.site.test' }], limits, ...origin },
        routes: [
          { path: '/articles/*', requires: 'premium' },
          { path: '/always/*', requires: 'premium', cache: { fresh: { alwaysSeconds: 60 } } },
          { path: '/shared/*', free: true, cache: 'shared' },
          { path: '/free/*', free: true },
        ],
        unmatched: 'closed',
        remedies: { documentation: 'https://billing.test/problems' },
      },
    ],
  }))
  return createGate(implementation, config, env)
}
