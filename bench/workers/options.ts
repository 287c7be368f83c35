import { bearer, type Config, defineConfig, type OriginOptions, type ZoneOptions } from '../../src/index.ts'
import { AUDIENCE, ISSUER } from './claims.ts'

interface SiteOptions {
  readonly origin?: OriginOptions
  /** How many routes the site has. */
  readonly routes?: number
  readonly rails?: ZoneOptions['rails']
  readonly refusals?: ZoneOptions['refusals']
  readonly offers?: ZoneOptions['offers']
}

/** The routes that every site has. */
const OWN_ROUTES = 4

/** A small site as an operator would write it, but for the keys: inline, so that no issuer has to run. */
export function siteOptions({
  origin,
  routes = OWN_ROUTES,
  rails = [bearer()],
  refusals,
  offers,
}: SiteOptions = {}): Config {
  const topics = Array.from({ length: routes - OWN_ROUTES }, (_, at) => ({
    path: `/section-${at % 50}/topic-${at}/*`,
    requires: 'premium',
  }))
  return defineConfig((env) => ({
    log: { accountKey: 'ACCOUNT_HASH_KEY' },
    zones: [
      {
        name: 'bench',
        hosts: ['127.0.0.1'],
        audience: AUDIENCE,
        issuers: [{ issuer: ISSUER, keys: JSON.parse(env['KEYS'] ?? '[]') as Record<string, unknown>[] }],
        rails,
        ...(origin === undefined ? {} : { origin }),
        ...(refusals && { refusals }),
        ...(offers && { offers }),
        routes: [
          { path: '/articles/*', requires: 'premium', offer: { title: 'Premium subscription' } },
          { path: '/free/*', free: true },
          { path: '/shared/*', free: true, cache: 'shared' },
          {
            path: '/metered/*',
            requires: 'premium',
            quotas: [{ name: 'requests', quota: 1_000_000_000, window: 3600 }],
          },
          ...topics,
        ],
        unmatched: 'closed',
        remedies: {
          checkout: `${ISSUER}/checkout?return={return}`,
          signIn: `${ISSUER}/sign-in?return={return}`,
          account: `${ISSUER}/account`,
          portal: `${ISSUER}/portal`,
          support: `${ISSUER}/support`,
          documentation: `${ISSUER}/docs/problems`,
        },
      },
    ],
  }))
}
