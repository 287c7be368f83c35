import { bearer } from '../src/rails/bearer.ts'
import { faregate } from '../src/platform/cloudflare/index.ts'

/** A site before several servers, each of which has a second to answer in: `demo/outage.ts` takes them down in turn. */
const { Gate, Origin } = faregate((env) => ({
  zones: [
    {
      name: 'outage',
      hosts: ['127.0.0.1'],
      audience: 'https://outage.example',
      issuers: [{ issuer: 'https://billing.example', secret: 'TOKEN_SECRET' }],
      origin: {
        servers: (env['ORIGIN_URLS'] ?? '').split(' ').map((url) => ({ url, limits: { responseSeconds: 1 } })),
        health: { ejectSeconds: 2 },
      },
      rails: [bearer()],
      routes: [{ path: '/articles/*', requires: 'premium' }],
      unmatched: 'closed',
      remedies: { documentation: 'https://outage.example/problems' },
    },
  ],
}))
export { Gate as default, Origin }
