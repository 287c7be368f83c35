import type { Exchange } from '../http/rules/exchange.ts'
import { type ActionForm, refusal, type Refusal } from '../core/problem.ts'
import type { Entitlement } from '../access/entitlement.ts'
import { readerOf } from '../access/proof.ts'
import type { CompleteRefusal, RefusedRequest } from '../refusals/complete.ts'
import { payerBinding } from '../tokens/binding.ts'
import { readLedger } from '../ledger/ledgerview.ts'
import { describeMoney, type Money } from '../core/money.ts'

const UNAVAILABLE = refusal(
  'ledger-unavailable',
  'The balance of this account cannot be read now. Nothing was charged.',
)
const TOO_LOW = refusal('credit-insufficient', 'The prepaid credit of this account is too low for this.', {
  check: 'charge',
})

/**
 * Adds the form that confirms the price, if a reader opens a page that the account's credit could pay. Nothing is charged. A
 * script receives the refusal without a form, and so without a balance. If the ledger cannot be read, or the credit is too
 * low, that refusal takes the place of `refusal`.
 */
export const askToConfirm: CompleteRefusal = ({ refusal: why, proof, toConfirm }, asked) => {
  const reader = readerOf(proof)
  if (toConfirm === undefined || reader === undefined || !isPageOpened(asked.exchange) || !asked.showsForm()) return why
  return withForm(why, toConfirm, reader, asked)
}

async function withForm(
  why: Refusal,
  price: Money,
  reader: Entitlement,
  { exchange, zone, ledgers }: RefusedRequest,
): Promise<Refusal> {
  const { issuer, account } = reader
  const [reading, binding] = await Promise.all([
    readLedger(ledgers, zone, { from: 'account', issuer, account }, {}),
    payerBinding(zone, reader, exchange.target),
  ])
  if (reading === null || reading === 'unavailable') return UNAVAILABLE
  const { units = 0n } = reading.credit.find(({ currency }) => currency === price.currency) ?? {}
  if (units < price.units) return TOO_LOW
  const { path, query } = exchange.target
  const hidden = { target: `${path}${query}`, id: exchange.id, binding, ...describeMoney(price) }
  return { ...why, form: formOf(price, { units, currency: price.currency }, hidden) }
}

/** Writes the price, the balance and the button that confirms. */
function formOf(price: Money, credit: Money, hidden: ActionForm['hidden']): ActionForm {
  const [cost, balance] = [inWords(price), inWords(credit)]
  return {
    action: '/__faregate/confirm',
    hidden,
    text: ['Opening this page takes ', cost, ' from your credit. You have ', balance, '.'],
    button: `Pay ${cost} and open`,
    note: 'Nothing has been charged. Once paid, it opens again at no cost for five minutes.',
  }
}

function inWords(money: Money): string {
  const { amount, currency } = describeMoney(money)
  return `${amount} ${currency}`
}

/**
 * Returns true for a page that a reader opens. A response to a script may be read by another origin; such a request has
 * `Origin`.
 */
function isPageOpened({ method, fields }: Exchange): boolean {
  return method === 'GET' && fields.get('origin') === null
}
