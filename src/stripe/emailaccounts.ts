/**
 * Finds the customer of an email address, for readers who come back on another device.
 *
 * Whoever buys types an address, and Stripe does not check that it is the buyer's. So an address proves an account only to who
 * can read its mail, and may have several: the one with a subscription is signed in, the oldest of several alike, since others
 * may have added theirs later. Receipts of the others are given too.
 */
import { ok, type Result } from '../core/result.ts'
import { foldedEmail } from '../login/emailcode/rules/code.ts'
import type { EmailCodes } from '../rails/emailcodes.ts'
import type { LoginFault } from '../rails/login.ts'
import { NO_ANSWER } from './begin.ts'
import { claimsOf, readCustomer, type StripeCustomer } from './customer.ts'
import { fieldsOf, idOf, readPage } from './events.ts'
import { type FinishServices, receiptsOf } from './finish.ts'

/** The most customers of one address that are looked at, those with a subscription first: each is two calls. */
const MOST_CUSTOMERS = 5
/** The most customers whose receipts are given, the latest first: each is a call. Whoever buys without an account is a new one each time. */
const MOST_BUYERS = 12

/** Returns what a Stripe account knows of addresses. */
export function emailAccounts(services: FinishServices): Pick<EmailCodes, 'isKnown' | 'signIn'> {
  const { api, selling, clock } = services
  return {
    async isKnown(email) {
      const found = await customersAt(email, services)
      return found.ok ? ok(found.value.length > 0) : found
    },
    async signIn(email, { zone }) {
      const found = await customersAt(email, services)
      if (!found.ok) return found
      const likely = found.value.toSorted((one, other) => Number(other.hasSubscription) - Number(one.hasSubscription))
      const looked = likely.slice(0, MOST_CUSTOMERS)
      const read = await Promise.all(looked.map(({ id }) => readCustomer(id, selling.offers, api, clock() / 1000)))
      if (read.some((one) => !one.ok && one.error === 'unavailable')) return NO_ANSWER
      const customers = read.flatMap((one) => (one.ok && !one.value.isDeleted ? one.value : []))
      const [best] = customers.toSorted((one, other) => worthOf(other) - worthOf(one))
      if (best === undefined) return ok(undefined)
      const latest = found.value.map(({ id }) => id).toReversed()
      const buyers = [...new Set([best.id, ...latest])].slice(0, MOST_BUYERS)
      const receipts = await Promise.all(buyers.map((id) => receiptsOf(id, zone.id, services)))
      return ok({ kind: 'signed-in', session: { claims: claimsOf(best) }, receipts: receipts.flat() })
    },
  }
}

/** Returns more for a customer that has more: a paid subscription, one that is not paid, or none. */
function worthOf({ names, standing, lasting }: StripeCustomer): number {
  if (names.length > 0 && standing === 'active') return 2
  return lasting.length > 0 ? 1 : 0
}

/** A customer as a list of them shows it. */
interface FoundCustomer {
  readonly id: string
  /** Seconds since 1970. */
  readonly created: number
  readonly hasSubscription: boolean
}

/** Returns all customers with this address, the oldest first. Stripe compares addresses letter by letter. */
async function customersAt(
  email: string,
  { api }: FinishServices,
): Promise<Result<readonly FoundCustomer[], LoginFault>> {
  const spellings = [...new Set([email, foldedEmail(email)])]
  const expanded = { 'expand[]': 'data.subscriptions' }
  const answers = await Promise.all(
    spellings.map((one) => api.list('/v1/customers', { email: one, ...expanded }, readFound)),
  )
  const found: FoundCustomer[] = []
  for (const answer of answers) {
    if (!answer.ok) return NO_ANSWER
    found.push(...answer.value)
  }
  return ok(found.toReversed().toSorted((one, other) => one.created - other.created))
}

function readFound(value: unknown): FoundCustomer | undefined {
  const [id, fields] = [idOf(value), fieldsOf(value)]
  const created = fields?.get('created')
  if (id === undefined || typeof created !== 'number') return undefined
  return { id, created, hasSubscription: (readPage(fields?.get('subscriptions'))?.items.length ?? 0) > 0 }
}
