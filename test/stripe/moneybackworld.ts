import type { Statements } from '../../src/ledger/rules/statementcommands.ts'
import { tokenName } from '../../src/ledger/rules/name.ts'
import { openLedger } from '../../src/ledger/rules/place.ts'
import { memory } from '../../src/platform/memory/index.ts'
import { applyEvent } from '../../src/standing/apply.ts'
import { createBulletins } from '../../src/standing/bulletin.ts'
import type { BillingEvent } from '../../src/standing/rules/event.ts'
import { isHeld } from '../../src/standing/rules/standing.ts'
import { createStripeClient, formOf, type StripeClient } from '../../src/stripe/api.ts'
import { METADATA } from '../../src/stripe/checkout.ts'
import { applyMoneyBack, readMoneyBack } from '../../src/stripe/moneyback.ts'
import { STRIPE_ISSUER, type StripeOffer } from '../../src/stripe/offers.ts'
import type { Zone } from '../../src/zone.ts'
import { createStripeDouble, DOUBLE_KEY, type DoubleOptions, type StripeDouble } from './double/index.ts'

const START_MS = Date.UTC(2026, 10, 2)
const standing = { boundMs: 5000, serveMs: 0, longestTokenSeconds: 86_400 }
const ZONE = { id: 'news', name: 'news', places: { own: {}, shared: {} }, standing } as Zone
const API = { url: 'https://api.stripe.com', key: DOUBLE_KEY }
const NO_GRANT = {
  grant: { kind: 'uses', uses: 1 },
  resource: '/articles/1',
  validSeconds: 86_400,
  worth: undefined,
} as const

export const MONEY_BACK_OFFERS: readonly StripeOffer[] = [
  {
    name: 'topUp',
    title: undefined,
    prices: ['price_credit'],
    quantity: 1,
    gives: { kind: 'credit', money: { units: 10_000_000_000n, currency: 'EUR' } },
  },
  {
    name: 'article',
    title: undefined,
    prices: ['price_article'],
    quantity: 1,
    gives: { kind: 'receipt', ...NO_GRANT },
  },
  {
    name: 'monthly',
    title: undefined,
    prices: ['price_month'],
    quantity: 1,
    gives: { kind: 'subscription', names: ['premium'] },
  },
]

/** A payment that was sold. */
export interface SoldPayment {
  readonly session: string
  readonly payment: string
  readonly customer: string
}

/** Stripe, the ledgers of a zone, and the webhook between them as far as money goes back. */
export interface MoneyBackWorld {
  nowMs: number
  readonly double: StripeDouble
  readonly client: StripeClient
  readonly terms: () => Parameters<typeof applyMoneyBack>[1]
  /** Sells an offer; the buyer pays. */
  readonly sell: (offer: string, method?: 'card' | 'sepa_debit') => Promise<SoldPayment>
  readonly deliverAll: () => Promise<void>
  readonly apply: (event: BillingEvent) => ReturnType<typeof applyEvent>
  readonly credit: (customer: string) => Promise<bigint>
  readonly isAccountHeld: (customer: string) => Promise<boolean>
  readonly ofReceipt: (payment: string) => Promise<Statements['ofToken']>
}

export function createMoneyBackWorld(options: Partial<DoubleOptions> = {}): MoneyBackWorld {
  const clock = (): number => world.nowMs
  const platform = memory({}, {}, { clock })
  const { ledgers, bulletins: stores } = platform
  if (ledgers === undefined || stores === undefined) throw new TypeError('memory has stores')
  const bulletins = createBulletins(stores, clock)
  const apply = (event: BillingEvent) => applyEvent(event, ZONE, { ledgers, bulletins })
  const webhook = {
    url: 'https://news.test/__faregate/events/stripe',
    secret: 'whsec_of_money_back_000001',
    send: async (request: Request) => new Response(null, { status: await receive(await request.json(), world) }),
  }
  const double = createStripeDouble({ clock, webhooks: [webhook], ...options })
  const client = createStripeClient(API, double.fetch, () => undefined)
  const account = (customer: string) =>
    openLedger(ledgers, ZONE, { from: 'account', issuer: STRIPE_ISSUER, account: customer })
  const world: MoneyBackWorld = {
    nowMs: START_MS,
    double,
    client,
    terms: () => ({ api: client, offers: MONEY_BACK_OFFERS, zone: ZONE.id, now: clock() / 1000 }),
    sell: (offer, method = 'card') => sell(world, offer, method),
    deliverAll: () =>
      double.deliverAll((ms) => {
        world.nowMs = ms
      }),
    apply,
    async credit(customer) {
      const read = await account(customer).read({})
      return read.ok ? (read.value.credit.find(({ currency }) => currency === 'EUR')?.units ?? 0n) : -1n
    },
    async isAccountHeld(customer) {
      const said = await account(customer).statements(undefined)
      return said.ok && isHeld(said.value.ofAccount ?? {}, 0)
    },
    async ofReceipt(payment) {
      const ledger = openLedger(ledgers, ZONE, { from: 'receipt', issuer: STRIPE_ISSUER, jti: payment })
      const said = await ledger.statements(tokenName(ZONE, payment))
      return said.ok ? said.value.ofToken : undefined
    },
  }
  double.addPrice({ id: 'price_credit', amount: 999 })
  double.addPrice({ id: 'price_article', amount: 199 })
  double.addPrice({ id: 'price_month', amount: 500, every: 'month' })
  return world
}

async function sell({ double }: MoneyBackWorld, name: string, method: 'card' | 'sepa_debit'): Promise<SoldPayment> {
  const offer = MONEY_BACK_OFFERS.find((each) => each.name === name)
  const metadata = { [METADATA.zone]: ZONE.id, [METADATA.offer]: name }
  const isOnce = offer?.gives.kind !== 'subscription'
  const form = formOf({
    mode: isOnce ? 'payment' : 'subscription',
    line_items: [{ price: offer?.prices[0], quantity: 1 }],
    success_url: 'https://news.test/back',
    metadata,
    ...(isOnce
      ? { payment_intent_data: { metadata }, customer_creation: 'always' }
      : { subscription_data: { metadata } }),
  })
  const headers = { authorization: `Bearer ${DOUBLE_KEY}`, 'content-type': 'application/x-www-form-urlencoded' }
  await double.fetch('https://api.stripe.com/v1/checkout/sessions', { method: 'POST', headers, body: form })
  const session = [...double.state.sessions.values()].at(-1)
  if (session === undefined) throw new TypeError('no session')
  double.pay(session.id, { method })
  if (method !== 'card') double.settle(session.id, 'paid')
  const payment = [...double.state.intents.keys()].at(-1) ?? ''
  return { session: session.id, payment, customer: session.customer ?? '' }
}

/** Grants what was bought, and takes it back. */
async function receive(body: object, { terms, apply }: MoneyBackWorld): Promise<number> {
  const event = new Map<string, unknown>(Object.entries(body))
  const back = readMoneyBack(body)
  const made = back === undefined ? grantOf(event) : await applyMoneyBack(back, terms())
  if (made !== undefined && 'ok' in made && !made.ok) return 503
  const change = made === undefined || !('ok' in made) ? made : made.value
  const applied = change === undefined ? undefined : await apply(change)
  return applied === undefined || applied.ok ? 200 : applied.error === 'ledger-unavailable' ? 503 : 400
}

function grantOf(event: ReadonlyMap<string, unknown>): BillingEvent | undefined {
  const type = event.get('type')
  if (type !== 'checkout.session.completed' && type !== 'checkout.session.async_payment_succeeded') return undefined
  const { data } = Object.fromEntries(event) as { data: { object: { [name: string]: unknown } } }
  const { payment_intent: id, customer: account, metadata } = data.object
  const isCredit = JSON.stringify(metadata).includes('topUp') && data.object['payment_status'] === 'paid'
  if (!isCredit || typeof id !== 'string' || typeof account !== 'string') return undefined
  const money = { units: 10_000_000_000n, currency: 'EUR' }
  return { id, issuer: STRIPE_ISSUER, account, changes: [{ kind: 'credit-granted', money }] }
}
