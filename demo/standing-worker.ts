import { bearer, events } from '../src/index.ts'
import { faregate } from '../src/platform/cloudflare/index.ts'

/**
 * A site whose every page is paid and none is metered: `demo/standing.ts` changes the standing of its accounts under load.
 * It runs as two Workers over the same objects, which are two isolates.
 */
const { Gate, Origin, Ledger } = faregate((env) => ({
  endpoints: [events()],
  zones: [
    {
      name: 'standing',
      hosts: ['127.0.0.1'],
      audience: 'https://standing.example',
      issuers: [{ issuer: 'https://billing.example', secret: 'TOKEN_SECRET' }],
      origin: { servers: [{ url: env['ORIGIN_URL'] ?? '' }] },
      rails: [bearer()],
      routes: [{ path: '/articles/*', requires: 'premium' }],
      unmatched: 'closed',
      remedies: { documentation: 'https://standing.example/problems' },
    },
  ],
}))

/** The gate; and where a request says so, the gate of the other isolate. */
export default {
  fetch(request, env, ctx) {
    if (env.OTHER === undefined || request.headers.get('demo-isolate') !== 'other') return Gate.fetch(request, env, ctx)
    return env.OTHER.fetch(request)
  },
} satisfies ExportedHandler<{ readonly OTHER?: Fetcher }>

export { Ledger, Origin }
