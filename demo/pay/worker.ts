import { bearer, mpp, openapi, packs, receipt, x402, x402Listing } from '../../src/index.ts'
import { faregate } from '../../src/platform/cloudflare/index.ts'

/** A gate with one page on sale, for whoever pays by a chain or a card. Its variables name all that stands around it. */
const { Gate, Origin, Ledger } = faregate((env) => ({
  secrets: { gate: 'GATE_SECRET' },
  zones: [
    {
      name: 'reports',
      hosts: ['127.0.0.1'],
      audience: 'http://127.0.0.1',
      issuers: [{ issuer: 'https://billing.example', secret: 'TOKEN_SECRET' }],
      origin: { servers: [{ url: String(env['ORIGIN_URL']) }] },
      rails: [
        bearer(),
        receipt(),
        packs(),
        x402({
          facilitator: { url: String(env['FACILITATOR_URL']) },
          accepts: [
            {
              network: 'eip155:84532',
              asset: '0x036CbD53842c5426634e7929541eC2318f3dCF7e',
              name: 'USDC',
              version: '2',
              decimals: 6,
              currency: 'USD',
              payTo: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
            },
          ],
        }),
        mpp({
          evm: true,
          stripe: {
            secretKey: 'STRIPE_KEY',
            networkId: 'profile_demo',
            paymentMethodTypes: ['card'],
            apiUrl: String(env['STRIPE_URL']),
          },
        }),
      ],
      routes: [{ path: '/reports/*', price: { amount: '0.75', currency: 'USD' }, offer: { title: 'Report' } }],
      discovery: [openapi(), x402Listing()],
      unmatched: 'closed',
    },
  ],
}))
export { Gate as default, Ledger, Origin }
