import type { Exchange } from '../http/rules/exchange.ts'
import { type ActionForm, refusal, type Refusal } from '../core/problem.ts'
import type { TokenProof } from '../access/proof.ts'
import type { Receipt } from '../access/receipt.ts'
import { holderOf } from '../ledger/rules/name.ts'
import type { LedgerSnapshot } from '../ledger/rules/commands.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { CompleteRefusal, RefusedRequest } from '../refusals/complete.ts'
import { payerBinding } from '../tokens/binding.ts'
import { readLedger } from '../ledger/ledgerview.ts'
import { describeMoney, type Money } from '../core/money.ts'

const UNAVAILABLE = refusal(
  'ledger-unavailable',
  'The balance of this account cannot be read now. Nothing was charged.',
)
const UNREADABLE = refusal('ledger-unavailable', 'What is left of the purchase cannot be read now. Nothing was used.')
const SPENT = refusal('payment-spent', 'What was paid has been used as often as it was paid for.', { check: 'charge' })
const TOO_LOW = refusal('credit-insufficient', 'The prepaid credit of this account is too low for this.', {
  check: 'charge',
})

/**
 * Adds the form that confirms the price, if a reader opens a page that the account's credit, or a receipt in the browser, could
 * pay. Nothing is charged. A script receives the refusal without a form, and so without a balance. If the ledger cannot be
 * read, or too little is left, that refusal takes the place of `refusal`.
 */
export const askToConfirm: CompleteRefusal = ({ refusal: why, proof, toConfirm, otherPayer }, asked) => {
  if (toConfirm === undefined || !isPageOpened(asked.exchange) || !asked.showsForm()) return why
  const payers = [proof, otherPayer].filter((one) => one !== undefined).filter((one) => one.kind !== 'payment')
  return withFirstForm(why, toConfirm, payers, asked)
}

/** Adds the form of the first that has something left. */
async function withFirstForm(
  why: Refusal,
  price: Money,
  [payer, ...others]: readonly TokenProof[],
  asked: RefusedRequest,
): Promise<Refusal> {
  if (payer === undefined) return why
  const completed = await withForm(why, price, payer, asked)
  const isSpent = completed.reason === SPENT.reason && others.length > 0
  return isSpent ? withFirstForm(why, price, others, asked) : completed
}

async function withForm(
  why: Refusal,
  price: Money,
  payer: TokenProof,
  { exchange, zone, ledgers }: RefusedRequest,
): Promise<Refusal> {
  const grant = payer.kind === 'receipt' && payer.grant.kind === 'uses' ? { receipt: { uses: payer.grant.uses } } : {}
  const [reading, binding] = await Promise.all([
    readLedger(ledgers, zone, holderOf(payer), grant),
    payerBinding(zone, payer, exchange.target),
  ])
  const known = reading === null || reading === 'unavailable' ? undefined : reading
  const words = payer.kind === 'receipt' ? wordsOfReceipt(payer, known) : wordsOfCredit(price, known)
  if (!words.ok) return words.error
  const { path, query } = exchange.target
  const hidden = { target: `${path}${query}`, id: exchange.id, binding, ...describeMoney(price) }
  return { ...why, form: { action: '/__faregate/confirm', hidden, ...words.value } }
}

type Words = Result<Pick<ActionForm, 'text' | 'button' | 'note'>, Refusal>

/** Writes the price, the balance and the button that confirms. */
function wordsOfCredit(price: Money, reading: LedgerSnapshot | undefined): Words {
  if (reading === undefined) return err(UNAVAILABLE)
  const { units = 0n } = reading.credit.find(({ currency }) => currency === price.currency) ?? {}
  if (units < price.units) return err(TOO_LOW)
  const [cost, balance] = [inWords(price), inWords({ units, currency: price.currency })]
  return ok({
    text: ['Opening this page takes ', cost, ' from your credit. You have ', balance, '.'],
    button: `Pay ${cost} and open`,
    note: 'Nothing has been charged. Once paid, it opens again at no cost for five minutes.',
  })
}

/** Writes what was bought, what is left of it, and the button that uses one. */
function wordsOfReceipt({ grant }: Receipt, reading: LedgerSnapshot | undefined): Words {
  const left = reading?.receipt?.usesLeft
  if (left === undefined || grant.kind !== 'uses') return err(UNREADABLE)
  if (left === 0) return err(SPENT)
  return ok({
    text: ['This opens with what you bought: it uses ', `1 of ${grant.uses}`, ', and you have ', `${left} left`, '.'],
    button: 'Use one and open',
    note: 'Nothing has been used yet. Once opened, it opens again at no cost for five minutes.',
  })
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
