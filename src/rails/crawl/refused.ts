import { type Check, type Reason, refusal, type Refusal } from '../../core/problem.ts'
import type { Field } from '../../http/rules/exchange.ts'
import { CRAWLER_ERRORS, type CrawlerError } from './rules/prices.ts'

/** The reasons that stand for the errors of pay per crawl. Its statuses are its own. */
const REASONS_OF: Record<CrawlerError, readonly [Reason, Check]> = {
  CrawlerForbidden: ['not-for-sale', 'issuer'],
  StrongAuthRequired: ['credential-invalid', 'signature'],
  InvalidSignature: ['credential-invalid', 'signature'],
  InvalidCrawlerPriceValue: ['credential-malformed', 'spelling'],
  MissingCrawlerPrice: ['payment-required', 'presented'],
  PaymentFailed: ['credit-insufficient', 'charge'],
  InvalidCrawlerExactPrice: ['payment-insufficient', 'cover'],
  InvalidCrawlerMaxPrice: ['payment-insufficient', 'cover'],
  ConflictingPriceHeaders: ['credential-ambiguous', 'spelling'],
}

/** What a crawler is told. */
export const DETAILS: Record<Exclude<CrawlerError, 'InvalidSignature' | 'PaymentFailed'>, string> = {
  CrawlerForbidden: 'Pages are not sold to this crawler here.',
  StrongAuthRequired: 'A crawler that pays has to sign its request with Web Bot Auth.',
  InvalidCrawlerPriceValue: 'The offered price is misspelt: "USD 0.01" is one.',
  MissingCrawlerPrice:
    'The request is signed, and offers no price. Send "crawler-exact-price" or "crawler-max-price", and sign it.',
  InvalidCrawlerExactPrice: 'The offered price is not that of the page ("crawler-price").',
  InvalidCrawlerMaxPrice: 'The most that is offered is less than the price of the page ("crawler-price").',
  ConflictingPriceHeaders: 'The request offers two prices.',
}

/** Refuses a crawler in the words of its protocol. */
export function crawlerRefusal(error: CrawlerError, detail: string): Refusal {
  const [reason, check] = REASONS_OF[error]
  return withError(refusal(reason, detail, { check }), error)
}

function withError(why: Refusal, error: CrawlerError): Refusal {
  const fields: Field[] = [...(why.fields ?? []), ['crawler-error', error]]
  return { ...why, status: CRAWLER_ERRORS[error], fields }
}

export const AGENT_KEYS_UNAVAILABLE = refusal(
  'keys-unavailable',
  "The agent's keys cannot be had at the moment. Nothing was charged.",
  {
    check: 'key',
    retryAfterSeconds: 60,
  },
)

/** What the ledger says of an account that cannot pay. */
const FAILED: ReadonlySet<Reason> = new Set<Reason>(['credit-insufficient', 'payment-declined', 'usage-limit-reached'])

/** Puts what the ledger says of such an account into the words of the protocol. */
export function paymentFailed(why: Refusal): Refusal {
  return FAILED.has(why.reason) ? withError(why, 'PaymentFailed') : why
}
