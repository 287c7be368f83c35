import { HTTPFacilitatorClient } from '@x402/core/server'
import { ExactEvmScheme } from '@x402/evm/exact/server'
import { paymentMiddleware, x402ResourceServer } from '@x402/hono'
import { Hono } from 'hono'
import { NETWORK, PAY_TO, TIMEOUT_SECONDS, USDC, USDC_DOMAIN } from '../stack/names.ts'

interface Bindings {
  readonly ORIGIN: { fetch(request: Request): Promise<Response> }
  readonly FACILITATOR_URL: string
  readonly PRICE_UNITS: string
}

let app: Hono<{ Bindings: Bindings }> | undefined

function create({ FACILITATOR_URL: url, PRICE_UNITS: amount }: Bindings): Hono<{ Bindings: Bindings }> {
  const facilitator = new HTTPFacilitatorClient({ url })
  const server = new x402ResourceServer(facilitator).register(NETWORK, new ExactEvmScheme())
  const price = { asset: USDC, amount, extra: USDC_DOMAIN }
  const accepts = {
    scheme: 'exact',
    network: NETWORK,
    price,
    payTo: PAY_TO,
    maxTimeoutSeconds: TIMEOUT_SECONDS,
  } as const
  return new Hono<{ Bindings: Bindings }>()
    .use(paymentMiddleware({ 'GET /sold/*': { accepts, description: 'A page' } }, server))
    .get('/sold/:bytes', (c) => c.env.ORIGIN.fetch(c.req.raw))
}

/** The published middleware as its documentation has it, before an origin that is another Worker in the process. */
export default {
  fetch(request: Request, env: Bindings): Response | Promise<Response> {
    app ??= create(env)
    return app.fetch(request, env)
  },
}
