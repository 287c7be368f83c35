import { confirm, html, purchases, receipt, session } from '../../src/index.ts'
import { formatAmount } from '../../src/core/money.ts'
import { openLedger } from '../../src/ledger/rules/place.ts'
import type { Options, ZoneOptions } from '../../src/config/options.ts'
import { stripe as source, type StripeOptions } from '../../src/stripe/index.ts'
import { STRIPE_ISSUER } from '../../src/stripe/offers.ts'
import { FROM_ELSEWHERE, Reader } from '../login/reader.ts'
import { OURS, type OutsideOfTrips, tripOptions, TripWorld } from '../login/world.ts'
import { createStripeDouble, DOUBLE_KEY, type Faults, type StripeDouble } from './double/index.ts'

export const WEBHOOK = 'whsec_of_the_shop_0000000000001'
const DAY = 86_400

export const SELL = {
  monthly: { price: 'price_month', grants: 'premium' },
  basic: 'price_basic',
  article: { price: 'price_article', receipt: { pass: 30 * DAY } },
  reports: {
    price: 'price_reports',
    receipt: { uses: 10, resource: '/reports/*', worth: { amount: '20', currency: 'EUR' } },
  },
  topUp: { price: 'price_credit', credit: { amount: '10', currency: 'EUR' }, title: 'Ten euros' },
} as const satisfies NonNullable<StripeOptions['sell']>

/** A site that sells by a double of Stripe alone, with browsers that read it. */
export interface ShopWorld {
  readonly trips: TripWorld
  readonly double: StripeDouble
  readonly reader: Reader
  newReader(): Reader
  /** Follows the link to buy, up to where it is paid. Returns the URL at Stripe. */
  buy(offer: string, to?: string, by?: Reader): Promise<string>
  /** Pays there, and comes back. */
  pay(location: string, by?: Reader): Promise<Response>
  comeBack(url: string, by?: Reader): Promise<Response>
  /** Sends the webhooks that are due. */
  deliver(): Promise<void>
  /** Sends all webhooks with all their attempts; time passes. */
  deliverAll(): Promise<void>
  credit(customer: string): Promise<string>
}

export interface ShopOptions {
  readonly faults?: Faults
  readonly zone?: Partial<ZoneOptions>
  readonly stripe?: Partial<StripeOptions>
  readonly key?: string
  readonly secrets?: Readonly<Record<string, string>>
  /** More of the configuration. */
  readonly options?: Partial<Options>
  readonly outside?: OutsideOfTrips
  /** Stands between the gate and Stripe. */
  readonly between?: (fetch: StripeDouble['fetch']) => typeof globalThis.fetch
}

export function createShop(options: ShopOptions = {}): ShopWorld {
  const { faults = {}, zone = {}, stripe = {}, key = DOUBLE_KEY, secrets = {}, between, outside = {} } = options
  const double: StripeDouble = createStripeDouble({ clock: () => trips.now, faults, keys: [DOUBLE_KEY, key] })
  const events = [source({ secret: 'STRIPE_WEBHOOK', key: 'STRIPE_KEY', sell: SELL, ...stripe })]
  const given = tripOptions([], {
    issuers: [],
    logins: [],
    events,
    rails: [session(), receipt(), purchases()],
    refusals: [html()],
    routes: [
      { path: '/articles/*', requires: 'premium' },
      { path: '/basic/*', requires: ['basic', 'premium'] },
      { path: '/single/*', requires: 'premium', price: { amount: '1.50', currency: 'EUR' } },
      { path: '/dear/*', requires: 'premium', price: { amount: '100', currency: 'EUR' } },
      { path: '/reports/*', price: { amount: '2', currency: 'EUR' } },
    ],
    ...zone,
  })
  const trips = new TripWorld(
    [],
    { ...given, endpoints: [confirm()], ...options.options },
    {
      ...outside,
      secrets: { STRIPE_WEBHOOK: WEBHOOK, STRIPE_KEY: key, ...secrets },
      fetch: between?.(double.fetch) ?? double.fetch,
    },
  )
  double.webhooks.push({
    url: `${OURS}/__faregate/events/stripe`,
    secret: WEBHOOK,
    send: (request) => sendTo(trips, request),
  })
  double.addPrice({ id: 'price_month', amount: 500, every: 'month', name: 'Everything' })
  double.addPrice({ id: 'price_basic', amount: 200, every: 'month', name: 'A little' })
  double.addPrice({ id: 'price_article', amount: 199, name: 'One article' })
  double.addPrice({ id: 'price_reports', amount: 1600, name: 'Ten reports' })
  double.addPrice({ id: 'price_credit', amount: 1000, name: 'Credit' })
  double.addPrice({ id: 'price_other', amount: 1, name: 'A sticker' })
  const reader = new Reader(trips)
  const world: ShopWorld = {
    trips,
    double,
    reader,
    newReader: () => new Reader(trips),
    async buy(offer, to = '/articles/1', by = reader) {
      const begun = await by.open(`/__faregate/checkout?offer=${offer}&to=${encodeURIComponent(to)}`)
      return begun.headers.get('location') ?? `${begun.status} ${await begun.text()}`
    },
    pay: (location, by = reader) => world.comeBack(double.pay(double.sessionAt(location)), by),
    comeBack: (url, by = reader) => by.open(new URL(url).pathname + new URL(url).search, FROM_ELSEWHERE),
    async deliver() {
      await double.deliver()
    },
    deliverAll: () => double.deliverAll((ms) => void (trips.now = ms)),
    credit: (customer) => creditOf(trips, customer),
  }
  return world
}

async function sendTo(trips: TripWorld, request: Request): Promise<Response> {
  const { url, method, headers } = request
  return trips.ask(url, { method, headers: Object.fromEntries(headers), body: await request.text() })
}

async function creditOf({ services, zone }: TripWorld, account: string): Promise<string> {
  if (services.ledgers === undefined) throw new Error('no ledgers')
  const ledger = openLedger(services.ledgers, zone, { from: 'account', issuer: STRIPE_ISSUER, account })
  const read = await ledger.read({})
  if (!read.ok) throw new Error('no ledger')
  return read.value.credit.map((money) => `${formatAmount(money)} ${money.currency}`).join(', ')
}
