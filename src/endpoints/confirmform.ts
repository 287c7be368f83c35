import type { Exchange } from '../http/rules/exchange.ts'
import { type ActionForm, refusal, type Refusal } from '../core/problem.ts'
import type { Entitlement } from '../access/entitlement.ts'
import { readerOf } from '../access/proof.ts'
import type { CompleteRefusal, RefusedRequest } from '../paywall.ts'
import { payerBinding } from '../tokens/binding.ts'
import { readLedger } from '../ledger/ledgerview.ts'
import { describeMoney, type Money } from '../core/money.ts'
import { ledgerName } from '../ledger/rules/name.ts'

const UNAVAILABLE = refusal(
  'ledger-unavailable',
  'The balance of this account cannot be read now. Nothing was charged.',
)
const TOO_LOW = refusal('credit-insufficient', 'The prepaid credit of this account is too low for this.', {
  check: 'charge',
})

/**
 * Adds the form by which a reader confirms the price, if a page is opened that the account's credit could pay. Nothing is
 * charged. A script gets the refusal as it is: it is told no balance. Errors of the ledger take its place.
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
    readLedger(ledgers, ledgerName(zone, { from: 'account', issuer, account }), {}),
    payerBinding(zone, reader, exchange.target),
  ])
  if (reading === null || reading === 'unavailable') return UNAVAILABLE
  const { units = 0n } = reading.credit.find(({ currency }) => currency === price.currency) ?? {}
  if (units < price.units) return TOO_LOW
  const { path, query } = exchange.target
  const hidden = { target: `${path}${query}`, id: exchange.id, binding, ...describeMoney(price) }
  return { ...why, form: formOf(price, { units, currency: price.currency }, hidden) }
}

/** What opening the page takes from whose credit, and the button that says yes. */
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

/** What a script asks for may be read by one of another origin, which sends `Origin`. */
function isPageOpened({ method, fields }: Exchange): boolean {
  return method === 'GET' && fields.get('origin') === null
}
