import { bearer } from '../../../src/rails/bearer.ts'
import { createApp } from '../../../src/gate.ts'
import type { RefreshPolicy } from '../../../src/access/issuer.ts'
import { ok } from '../../../src/core/result.ts'
import type { Zone } from '../../../src/zone.ts'
import { createServices } from '../../../src/services.ts'
import type { Origin } from '../../../src/ports.ts'
import { compiled } from '../../support/compiled.ts'
import { web } from '../../../src/platform/web/index.ts'

/** What the tests beside this bind. */
interface Bindings {
  readonly JWKS_URL: string
  /** A `RefreshPolicy` as JSON: shorter intervals than a configuration may ask for. */
  readonly POLICY: string
}

const origin: Origin = async (_admitted, outgoing) => {
  const { headers } = outgoing()
  const fields = { 'x-received': JSON.stringify([...headers]) }
  return ok({ response: new Response('the page that was paid for', { headers: fields }) })
}

/** The gate as it is deployed, but for the intervals of its key cache and a stub for an origin. */
function appFor(env: Bindings): ReturnType<typeof createApp> {
  const given = compiled(
    {
      zones: [
        {
          name: 'news',
          hosts: ['127.0.0.1'],
          audience: 'https://news.example',
          issuers: [{ issuer: 'https://billing.example', jwks: { url: env.JWKS_URL } }],
          rails: [bearer()],
          routes: [{ path: '/paid/*', requires: 'premium' }],
          unmatched: 'free',
          remedies: { documentation: 'https://billing.example/problems' },
        },
      ],
    },
    {},
    false,
  )
  const policy = JSON.parse(env.POLICY) as RefreshPolicy
  const sites = new Map(
    Array.from(given.sites, ([host, site]) => [host, { ...site, zone: hurried(site.zone, policy) }]),
  )
  return createApp(createServices({ ...given, sites }, web({})), [])
}

function hurried(zone: Zone, policy: RefreshPolicy): Zone {
  const issuers = zone.issuers.map((issuer) =>
    issuer.keys.kind === 'url' ? { ...issuer, keys: { ...issuer.keys, policy } } : issuer,
  )
  return { ...zone, issuers }
}

let app: ReturnType<typeof createApp> | undefined

export default {
  async fetch(request, env, ctx) {
    app ??= appFor(env)
    return app(request, { origin, purge: async () => false }, (work) => ctx.waitUntil(work))
  },
} satisfies ExportedHandler<Bindings>
