import { bearer, mpp, x402 } from '../../src/index.ts'
import { faregate } from '../../src/platform/cloudflare/index.ts'
import { NETWORK, PAY_TO, USDC, USDC_DOMAIN } from '../../tools/payments/stack/names.ts'
import { soldOptions } from './soldoptions.ts'

const token = { network: NETWORK, asset: USDC, ...USDC_DOMAIN, decimals: 6, currency: 'USD', payTo: PAY_TO }

const { Gate, Origin, Ledger } = faregate(
  soldOptions((env) => [
    bearer(),
    x402({ facilitator: { url: String(env['FACILITATOR_URL']) }, accepts: [token] }),
    mpp({
      evm: true,
      stripe: { secretKey: 'STRIPE_KEY', networkId: 'profile_bench', paymentMethodTypes: ['card', 'link'] },
    }),
  ]),
)

/** The Worker that is deployed, whose pages programs buy by x402 in both versions, and by MPP. */
export { Gate as default, Ledger, Origin }
