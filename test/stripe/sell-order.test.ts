import { afterEach, describe, expect, it, vi } from 'vitest'
import { openLedger } from '../../src/ledger/rules/place.ts'
import { standingSaid } from '../../src/standing/rules/standing.ts'
import { STRIPE_ISSUER } from '../../src/stripe/offers.ts'
import type { Reader } from '../login/reader.ts'
import { randomFaults, seeded } from './double/faults.ts'
import { createShop, SELL, type ShopWorld } from './shopworld.ts'

afterEach(() => void vi.restoreAllMocks())

const OFFERS = ['monthly', 'basic', 'topUp', 'article'] as const
const SEEDS = Array.from({ length: 12 }, (_, index) => index + 1)
const NAMES: Readonly<Record<string, string>> = { price_month: 'premium', price_basic: 'basic' }

interface Purchase {
  readonly reader: Reader
  readonly id: string
  readonly back: string
  isPaid: boolean | undefined
}

/** Buyers who pay, come back or do not, whose banks take days, and who cancel; calls and webhooks go wrong meanwhile. */
async function play(shop: ShopWorld, random: () => number): Promise<readonly Purchase[]> {
  const bought: Purchase[] = []
  const isSo = (chance: number): boolean => random() < chance
  for (let step = 0; step < 25; step++) {
    shop.trips.now += Math.ceil(random() * 20_000)
    const [last] = bought.toSorted(() => random() - 0.5)
    if (isSo(0.3)) {
      const reader = isSo(0.5) && last !== undefined ? last.reader : shop.newReader()
      const offer = OFFERS[Math.floor(random() * OFFERS.length)] ?? 'topUp'
      const location = await shop.buy(offer, `/single/${step}`, reader)
      if (!location.startsWith('https://checkout.stripe.com/')) continue
      const id = shop.double.sessionAt(location)
      if (shop.double.state.sessions.get(id)?.status !== 'open') continue
      const method = isSo(0.3) ? 'sepa_debit' : 'card'
      bought.push({ reader, id, back: shop.double.pay(id, { method }), isPaid: method === 'card' ? true : undefined })
      continue
    }
    const chance = random()
    if (chance < 0.4 && last !== undefined) await shop.comeBack(last.back, last.reader)
    else if (chance < 0.6 && last !== undefined && last.isPaid === undefined) {
      last.isPaid = isSo(0.7)
      shop.double.settle(last.id, last.isPaid ? 'paid' : 'failed')
    } else if (chance < 0.7) {
      const live = [...shop.double.state.subscriptions.values()].find(({ status }) => status === 'active')
      if (live !== undefined) shop.double.cancel(live.id)
    } else await shop.deliver()
  }
  return bought
}

/** What Stripe knows of a customer, as an accountant would say it. */
function truthOf(shop: ShopWorld, customer: string): { credit: string; names: string[] } {
  const { sessions, subscriptions } = shop.double.state
  const paid = [...sessions.values()].filter(
    (one) => one.customer === customer && one.metadata?.['faregate_offer'] === 'topUp' && one.payment_status === 'paid',
  )
  const names = [...subscriptions.values()]
    .filter((one) => one.customer === customer && one.status === 'active')
    .map(({ items }) => NAMES[items.data[0]?.price.id ?? ''] ?? '')
  const credit = paid.length === 0 ? '' : `${paid.length * Number(SELL.topUp.credit.amount)} EUR`
  return { credit, names: [...new Set(names)].toSorted() }
}

async function namesSaid(shop: ShopWorld, account: string): Promise<readonly string[]> {
  const { services, zone } = shop.trips
  if (services.ledgers === undefined) throw new Error('no ledgers')
  const said = await openLedger(services.ledgers, zone, { from: 'account', issuer: STRIPE_ISSUER, account }).statements(
    undefined,
  )
  if (!said.ok) throw new Error('no ledger')
  const entry = said.value.ofAccount
  expect(entry === undefined ? 'active' : standingSaid(entry)?.standing).toBe('active')
  return entry?.entitlements?.names ?? []
}

describe('whatever order the returns and the webhooks come in, and however often', () => {
  it.each(SEEDS)('each payment counts once, and each account has what Stripe says (seed %i)', async (seed) => {
    const random = seeded(seed)
    const rates = {
      calls: { lost: 0.05, down: 0.05, '500': 0.03, '429': 0.03 },
      deliveries: { lost: 0.1, unanswered: 0.1, late: 0.1, doubled: 0.1, reordered: 0.3 },
    }
    const shop = createShop({ faults: randomFaults(seed, rates) })
    const bought = await play(shop, random)
    await shop.deliverAll()
    shop.double.faults.call = () => undefined
    for (const customer of shop.double.state.customers.keys()) {
      const { credit, names } = truthOf(shop, customer)
      expect(await shop.credit(customer)).toBe(credit)
      expect(await namesSaid(shop, customer)).toEqual(names)
    }
    expect(new Set(bought.map(({ id }) => id)).size).toBe(bought.length)
  })
})
