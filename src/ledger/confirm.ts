import { confirmationCookie, confirmationsIn, withoutConfirmation } from '../access/confirmation.ts'
import type { Decision } from '../access/decide.ts'
import type { Eventually } from '../core/eventually.ts'
import type { Exchange } from '../http/rules/exchange.ts'
import { refusal, type Refusal } from '../core/problem.ts'
import { readerOf } from '../access/proof.ts'
import type { Zone } from '../zone.ts'
import type { Ledgers } from '../ports.ts'
import { payerBinding } from '../tokens/binding.ts'
import { readLedger } from './ledgerview.ts'
import type { Money } from '../core/money.ts'
import { ledgerName } from './rules/name.ts'

const UNAVAILABLE = refusal(
  'ledger-unavailable',
  'The balance of this account cannot be read now. Nothing was charged.',
)
const TOO_LOW = refusal('credit-insufficient', 'The prepaid credit of this account is too low for this.', {
  check: 'charge',
})

/**
 * Adds to a refusal the facts that a reader needs to confirm the price, if the account's credit could pay it. Charges
 * nothing. A script gets the plain refusal, and learns no balance. Errors: `ledger-unavailable` and `credit-insufficient`,
 * in place of the refusal.
 */
export function askToConfirm(
  { refusal: why, proof, toConfirm }: Extract<Decision, { action: 'refuse' }>,
  exchange: Exchange,
  zone: Zone,
  ledgers: Ledgers | undefined,
): Eventually<Refusal> {
  if (toConfirm === undefined || !isPageOpened(exchange)) return why
  return ask(why, toConfirm)

  async function ask(asked: Refusal, price: Money): Promise<Refusal> {
    const reader = readerOf(proof)
    if (reader === undefined) return asked
    const { issuer, account } = reader
    const [reading, binding] = await Promise.all([
      readLedger(ledgers, ledgerName(zone, { from: 'account', issuer, account }), {}),
      payerBinding(zone, reader, exchange.target),
    ])
    if (reading === null || reading === 'unavailable') return UNAVAILABLE
    const { units = 0n } = reading.credit.find(({ currency }) => currency === price.currency) ?? {}
    if (units < price.units) return TOO_LOW
    const { path, query } = exchange.target
    const credit = { units, currency: price.currency }
    return { ...asked, confirm: { id: exchange.id, price, credit, target: `${path}${query}`, binding } }
  }
}

/** Returns true if a page is opened. A script of another origin sends `Origin`, and must not read a balance. */
function isPageOpened({ method, fields }: Exchange): boolean {
  return method === 'GET' && fields.get('origin') === null
}

const OPENED_OFTEN = refusal('payment-required', 'What was confirmed has been opened as often as it may.', {
  check: 'charge',
})

/**
 * Refuses a request whose confirmation is used up, and removes that confirmation alone from the cookie. The page then asks
 * again.
 */
export function openedOften({ fields }: Exchange, name: string): Refusal {
  const cookie = confirmationCookie(withoutConfirmation(confirmationsIn(fields), name))
  return { ...OPENED_OFTEN, fields: [['Set-Cookie', cookie]], isToReopen: true }
}
