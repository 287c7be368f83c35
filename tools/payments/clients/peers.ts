/** The servers of those who publish the clients, as their documentation shows: what ours is compared with. */
import { serve as serveHono } from '@hono/node-server'
import { HTTPFacilitatorClient } from '@x402/core/server'
import { ExactEvmScheme } from '@x402/evm/exact/server'
import { paymentMiddleware, x402ResourceServer } from '@x402/hono'
import { Hono } from 'hono'
import { evm, Mppx, stripe } from 'mppx/server'
import type { AddressInfo } from 'node:net'
import { Stripe } from 'stripe'
import { NETWORK, PAY_TO } from '../stack/names.ts'
import type { Served } from '../stack/serve.ts'

export interface Peer extends Served {
  /** How often its origin ran. */
  readonly runs: () => number
}

/** @x402/hono: `/reports/*` at 0.75 USD. */
export function startX402Hono(facilitatorUrl: string): Promise<Peer> {
  const server = new x402ResourceServer(new HTTPFacilitatorClient({ url: facilitatorUrl }))
  server.register(NETWORK, new ExactEvmScheme())
  const price = { scheme: 'exact', price: '$0.75', network: NETWORK, payTo: PAY_TO } as const
  const app = new Hono()
  app.use(paymentMiddleware({ 'GET /reports/*': { accepts: price, description: 'A report' } }, server))
  return start(app)
}

/** mppx with a card: `/reports/*` at 0.75 USD. */
export function startMppxStripe(stripeUrl: string): Promise<Peer> {
  const { hostname: host, port } = new URL(stripeUrl)
  const client = new Stripe('sk_test_x', { host, port: Number(port), protocol: 'http', maxNetworkRetries: 0 })
  const method = stripe.charge({ client, networkId: 'profile_test', paymentMethodTypes: ['card'] })
  const mppx = Mppx.create({ methods: [method], secretKey: SECRET })
  return startMppx((request) => mppx.charge({ amount: '0.75', currency: 'usd', decimals: 2 })(request))
}

/** mppx with a wallet: `/reports/*` at 0.75 USD. */
export function startMppxEvm(facilitatorUrl: string): Promise<Peer> {
  const x402 = { facilitator: facilitatorUrl }
  const method = evm.charge({ currency: evm.assets.baseSepolia.USDC, recipient: PAY_TO, x402 })
  const mppx = Mppx.create({ methods: [method], secretKey: SECRET })
  return startMppx((request) => mppx.charge({ amount: '0.75' })(request))
}

const SECRET = 'fedcba9876543210fedcba9876543210'

type Charged = { status: 402; challenge: Response } | { status: 200; withReceipt: (response: Response) => Response }

function startMppx(charge: (request: Request) => Promise<Charged>): Promise<Peer> {
  const app = new Hono()
  app.use('/reports/*', async (c, next) => {
    const charged = await charge(c.req.raw)
    if (charged.status === 402) return charged.challenge
    await next()
    c.res = charged.withReceipt(c.res)
    return undefined
  })
  return start(app)
}

async function start(app: Hono): Promise<Peer> {
  let runs = 0
  app.get('/reports/:name', (c) => {
    runs += 1
    return c.text(`the report ${c.req.param('name')}`)
  })
  const { promise, resolve } = Promise.withResolvers<AddressInfo>()
  const server = serveHono({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, resolve)
  const { port } = await promise
  return {
    url: `http://127.0.0.1:${port}`,
    runs: () => runs,
    stop: () => new Promise((done) => server.close(() => done())),
  }
}
