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
import { countInWords, moneyInWords } from '../pages/format.ts'
import { languageOf } from '../pages/language.ts'
import { phraseParts, plainPhrase, wordsOf } from '../pages/words.ts'
import { CONFIRM_WORDS, type ConfirmWords } from './confirmwords.ts'

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
  { exchange, zone, ledgers, article }: RefusedRequest,
): Promise<Refusal> {
  const language = languageOf(exchange.fields, zone.pages)
  const speech = { language, words: wordsOf(CONFIRM_WORDS, zone.pages, language).confirm }
  const grant = payer.kind === 'receipt' && payer.grant.kind === 'uses' ? { receipt: { uses: payer.grant.uses } } : {}
  const [reading, binding] = await Promise.all([
    readLedger(ledgers, zone, holderOf(payer), grant),
    payerBinding(zone, payer, exchange.target),
  ])
  const known = reading === null || reading === 'unavailable' ? undefined : reading
  const words = payer.kind === 'receipt' ? wordsOfReceipt(payer, known, speech) : wordsOfCredit(price, known, speech)
  if (!words.ok) return words.error
  const { path, query } = exchange.target
  const subject = article?.title
  const hidden = { target: `${path}${query}`, id: exchange.id, binding, ...describeMoney(price) }
  return {
    ...why,
    form: { action: '/__faregate/confirm', hidden, ...(subject !== undefined && { subject }), ...words.value },
  }
}

type FormWords = Result<Pick<ActionForm, 'heading' | 'text' | 'button' | 'note'>, Refusal>

interface ConfirmSpeech {
  readonly language: string
  readonly words: ConfirmWords['confirm']
}

/** Writes the price, the balance and the button that confirms. */
function wordsOfCredit(
  price: Money,
  reading: LedgerSnapshot | undefined,
  { language, words }: ConfirmSpeech,
): FormWords {
  if (reading === undefined) return err(UNAVAILABLE)
  const { currency } = price
  const { units = 0n } = reading.credit.find((one) => one.currency === currency) ?? {}
  if (units < price.units) return err(TOO_LOW)
  const say = (money: Money): string => moneyInWords(describeMoney(money), language)
  const rest = { currency, units: units - price.units }
  const values = { price: say(price), balance: say({ currency, units }), rest: say(rest) }
  return ok({
    heading: plainPhrase(words.heading, values),
    text: phraseParts(words.text, values),
    button: plainPhrase(words.button, values),
    note: words.note,
  })
}

/** Writes what was bought, what is left of it, and the button that uses one. */
function wordsOfReceipt(
  { grant }: Receipt,
  reading: LedgerSnapshot | undefined,
  { language, words }: ConfirmSpeech,
): FormWords {
  const left = reading?.receipt?.usesLeft
  if (left === undefined || grant.kind !== 'uses') return err(UNREADABLE)
  if (left === 0) return err(SPENT)
  const values = {
    one: countInWords(1, language),
    uses: countInWords(grant.uses, language),
    left: countInWords(left, language),
  }
  return ok({
    heading: words.useHeading,
    text: phraseParts(words.useText, values),
    button: words.useButton,
    note: words.useNote,
  })
}

/**
 * Returns true for a page that a reader opens. A response to a script may be read by another origin; such a request has
 * `Origin`.
 */
function isPageOpened({ method, fields }: Exchange): boolean {
  return method === 'GET' && fields.get('origin') === null
}
