import { bearer } from '../../../src/rails/bearer.ts'
import { faregate } from '../../../src/platform/cloudflare/index.ts'
import { ENDPOINTS } from '../../support/endpoints.ts'

/** One free site, given by its binding. */
const { Gate, Origin } = faregate({
  endpoints: ENDPOINTS,
  zones: [
    {
      name: 'site',
      hosts: ['localhost'],
      audience: 'https://wire.test',
      issuers: [{ issuer: 'https://billing.test', secret: 'TOKEN_SECRET' }],
      origin: { servers: [{ binding: 'SITE' }] },
      rails: [bearer()],
      routes: [],
      unmatched: 'free',
      remedies: { documentation: 'https://wire.test/problems' },
    },
  ],
})
export { Gate as default, Origin }
