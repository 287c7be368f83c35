import { Stripe } from 'stripe'
import { createStripeDouble, DOUBLE_KEY, type DoubleOptions, type StripeDouble } from './index.ts'

const WEBHOOK = 'whsec_of_the_double_0000000001'
export const DOUBLE_START = Date.UTC(2026, 10, 2)
export const RETURNS = { success_url: 'https://news.test/back?state=1', cancel_url: 'https://news.test/cancelled' }

/** The double with a clock, a client of the `stripe` package, and what arrived at the webhook as that package parsed it. */
export interface DoubleWorld {
  now: number
  readonly double: StripeDouble
  readonly client: Stripe
  readonly arrived: Stripe.Event[]
  readonly types: () => string[]
}

export function createDoubleWorld(options: Partial<DoubleOptions> = {}): DoubleWorld {
  const arrived: Stripe.Event[] = []
  const cryptoProvider = Stripe.createSubtleCryptoProvider()
  const webhook = {
    url: 'https://news.test/__faregate/events/stripe',
    secret: WEBHOOK,
    async send(request: Request) {
      const signature = request.headers.get('stripe-signature') ?? ''
      const body = await request.text()
      arrived.push(await client.webhooks.constructEventAsync(body, signature, WEBHOOK, 300, cryptoProvider, world.now))
      return new Response(null, { status: 200 })
    },
  }
  const double = createStripeDouble({ clock: () => world.now, webhooks: [webhook], ...options })
  const httpClient = Stripe.createFetchHttpClient(double.fetch)
  const client = new Stripe(DOUBLE_KEY, { httpClient, maxNetworkRetries: 0, telemetry: false })
  const types = (): string[] => arrived.map(({ type }) => type)
  const world: DoubleWorld = { now: DOUBLE_START, double, client, arrived, types }
  double.addPrice({ id: 'price_month', amount: 500, every: 'month', features: ['premium'], name: 'Monthly' })
  double.addPrice({ id: 'price_article', amount: 199, name: 'One article' })
  return world
}
