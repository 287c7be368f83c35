/**
 * Finds the customer of an email address, for readers who come back on another device.
 *
 * Whoever buys types an address, and Stripe does not check that it is the buyer's. So an address proves an account only to who
 * can read its mail, and may have several: the one with a subscription is signed in, the oldest of several alike, since others
 * may have added theirs later. Receipts of all of them are given.
 */
import { ok, type Result } from '../core/result.ts'
import { foldedEmail } from '../login/emailcode/rules/code.ts'
import type { EmailCodes } from '../rails/emailcodes.ts'
import type { LoginFault } from '../rails/login.ts'
import { NO_ANSWER } from './begin.ts'
import { claimsOf, readCustomer, type StripeCustomer } from './customer.ts'
import { idOf, readPage } from './events.ts'
import { type FinishServices, receiptsOf } from './finish.ts'

/** The most customers of one address that are looked at: each is two calls, and its receipts one more. */
const MOST_CUSTOMERS = 5

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
      const ids = found.value.slice(-MOST_CUSTOMERS).toReversed()
      const read = await Promise.all(ids.map((id) => readCustomer(id, selling.offers, api, clock() / 1000)))
      if (read.some((one) => !one.ok && one.error === 'unavailable')) return NO_ANSWER
      const customers = read.flatMap((one) => (one.ok && !one.value.isDeleted ? one.value : []))
      const [best] = customers.toSorted((one, other) => worthOf(other) - worthOf(one))
      if (best === undefined) return ok(undefined)
      const receipts = await Promise.all(customers.map(({ id }) => receiptsOf(id, zone.id, services)))
      return ok({ kind: 'signed-in', session: { claims: claimsOf(best) }, receipts: receipts.flat() })
    },
  }
}

/** Returns more for a customer that has more: a paid subscription, one that is not paid, or none. */
function worthOf({ names, standing, lasting }: StripeCustomer): number {
  if (names.length > 0 && standing === 'active') return 2
  return lasting.length > 0 ? 1 : 0
}

/** Returns the ids of the customers with this address, the latest first. Stripe compares addresses letter by letter. */
async function customersAt(email: string, { api }: FinishServices): Promise<Result<readonly string[], LoginFault>> {
  const spellings = [...new Set([email, foldedEmail(email)])]
  const answers = await Promise.all(spellings.map((one) => api.get('/v1/customers', { email: one, limit: '20' })))
  const found: string[] = []
  for (const answer of answers) {
    const page = answer.ok ? readPage(Object.fromEntries(answer.value)) : undefined
    if (page === undefined) return NO_ANSWER
    found.push(...page.items.flatMap((item) => idOf(item) ?? []))
  }
  return ok([...new Set(found)])
}
