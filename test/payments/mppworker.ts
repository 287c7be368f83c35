import { bearer, mpp, receipt } from '../../src/index.ts'
import { faregate } from '../../src/platform/cloudflare/index.ts'

const price = { amount: '0.75', currency: 'USD' }

/** A gate that takes cards by MPP, before the origin and the Stripe that its variables name. */
const { Gate, Origin, Ledger } = faregate((env) => ({
  secrets: { gate: 'GATE_SECRET' },
  zones: [
    {
      name: 'reports',
      hosts: ['127.0.0.1'],
      audience: 'https://reports.test',
      issuers: [{ issuer: 'https://billing.test', secret: 'TOKEN_SECRET' }],
      origin: { servers: [{ url: String(env['ORIGIN_URL']) }] },
      rails: [
        bearer(),
        receipt(),
        mpp({
          stripe: {
            secretKey: 'STRIPE_KEY',
            networkId: 'profile_test',
            paymentMethodTypes: ['card'],
            apiUrl: String(env['STRIPE_URL']),
          },
        }),
      ],
      routes: [{ path: '/reports/*', price, cache: 'off' }],
      unmatched: 'closed',
      remedies: { documentation: 'https://reports.test/problems' },
    },
  ],
}))
export { Gate as default, Ledger, Origin }
