import { bearer, receipt, x402 } from '../../src/index.ts'
import { faregate } from '../../src/platform/cloudflare/index.ts'

const price = { amount: '0.75', currency: 'USD' }

/** A gate that is paid by x402, before the origin, the facilitator and the chain that its variables name. */
const { Gate, Origin, Ledger } = faregate((env) => ({
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
        x402({
          facilitator: { url: String(env['FACILITATOR_URL']), settleMs: 1000 },
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
          rpc: String(env['RPC_URL']),
        }),
      ],
      routes: [
        { path: '/reports/*', price, cache: 'off' },
        { path: '/cheap/*', price: { amount: '0.01', currency: 'USD' }, cache: 'off' },
      ],
      unmatched: 'closed',
      remedies: { documentation: 'https://reports.test/problems' },
    },
  ],
}))
export { Gate as default, Ledger, Origin }
