import { bearer, levers } from '../../../src/index.ts'
import { faregate } from '../../../src/platform/cloudflare/index.ts'

/** A site that an operator opens and closes for a time. */
const { Gate, Origin, Ledger } = faregate((env) => ({
  endpoints: [levers()],
  zones: [
    {
      name: 'news',
      hosts: ['127.0.0.1'],
      audience: 'https://news.test',
      issuers: [{ issuer: 'https://billing.test', secret: 'TOKEN_SECRET' }],
      operators: [{ issuer: 'https://billing.test', secret: 'TOKEN_SECRET' }],
      origin: { servers: [{ url: String(env['ORIGIN_URL']) }] },
      rails: [bearer()],
      standing: { boundSeconds: 1 },
      routes: [
        { path: '/articles/*', requires: 'premium' },
        { path: '/live/*', requires: 'premium', cache: 'off' },
      ],
      unmatched: 'free',
    },
  ],
}))
export { Gate as default, Ledger, Origin }
