import { after } from '../core/eventually.ts'
import type { Exchange } from '../http/rules/exchange.ts'
import { refusal, type Refusal } from '../core/problem.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { Zone } from '../zone.ts'
import { EXPOSED, isExposed, quote } from '../tokens/bearer.ts'
import { readCompact } from '../tokens/jws.ts'
import { PAYMENT } from '../tokens/payment.ts'
import type { Challenge, Contribution, Rail, SentCredential, Unverified } from './rail.ts'
import type { PaymentPresentation } from '../access/proof.ts'
import { formatAmount } from '../core/money.ts'

/** The field that carries a receipt, beside any content of `Authorization`. */
export const RECEIPT_FIELD = 'Faregate-Receipt'

/**
 * Takes receipts: payment tokens (`payment+jwt`) that the billing backend signs after a payment. Clients send them in
 * `Faregate-Receipt`, or in `Authorization` as bearer tokens. They are spent on routes that have a price.
 *
 * @example
 * ```ts zone
 * rails: [bearer(), receipt()],
 * routes: [{ path: '/reports/*', price: { amount: '0.50', currency: 'EUR' } }],
 * ```
 */
export function receipt(): Rail {
  return {
    name: 'receipt',
    role: 'payment',
    kinds: ['payment'],
    present({ exchange, zone, receipt, verifiers, call }) {
      const token = findToken(exchange, receipt)?.token
      if (token === undefined) return undefined
      return after(token.ok ? verifiers.verifyAs(PAYMENT, token.value, zone, call) : token, presentedBy)
    },
    challenge,
    peek: ({ exchange, receipt }) => peek(findToken(exchange, receipt)),
    strip(fields) {
      fields.delete(RECEIPT_FIELD)
    },
  }
}

interface SentReceipt {
  readonly token: Result<string, Refusal>
  readonly field: string
}

function presentedBy(proof: PaymentPresentation['proof']): PaymentPresentation {
  return { role: 'payment', rail: 'receipt', proof }
}

/** Finds the receipt. Ignores every other credential in `Authorization`: it belongs to another rail or to the origin. */
function findToken(exchange: Exchange, inBearer: SentCredential | undefined): SentReceipt | undefined {
  const inField = fromField(exchange)
  const inAuthorization = inBearer?.token
  if (inField === undefined && inAuthorization === undefined) return undefined
  const field = inField === undefined ? 'Authorization' : RECEIPT_FIELD
  if (isExposed(exchange)) return { token: err(EXPOSED), field }
  if (inField !== undefined && inAuthorization !== undefined) return { token: err(AMBIGUOUS), field }
  return { token: inField ?? inAuthorization ?? err(AMBIGUOUS), field }
}

// Marked as pure, so that a build without this rail drops it.
const AMBIGUOUS = /* @__PURE__ */ refusal('credential-ambiguous', 'The request has more than one receipt.', {
  check: 'spelling',
})
const MALFORMED = /* @__PURE__ */ refusal('credential-malformed', 'The "Faregate-Receipt" field is not one token.', {
  check: 'spelling',
})

/** Reads the field. Several fields are joined with commas, and no token has a comma. */
function fromField({ fields }: Exchange): Result<string, Refusal> | undefined {
  const value = fields.get(RECEIPT_FIELD)
  if (value === null) return undefined
  if (value.includes(',')) return err(AMBIGUOUS)
  return /^[^\s]+$/.test(value) ? ok(value) : err(MALFORMED)
}

function peek(found: SentReceipt | undefined): Unverified | undefined {
  const jws = found?.token.ok ? readCompact(found.token.value) : undefined
  if (found === undefined || !jws?.ok) return undefined
  return { kind: 'payment', field: found.field, header: jws.value.header, claims: jws.value.payload }
}

/**
 * Adds the price if a receipt would help. RFC 9110 §11.6.1 lets one scheme challenge twice: this challenge asks for another
 * kind of token.
 */
function challenge({ zone, refusal: { reason }, offer }: Challenge): Contribution {
  if (reason === 'security-hold' || offer?.price === undefined || !offer.onSale) return { fields: [], isStatic: true }
  return { fields: [['WWW-Authenticate', priceChallenge(zone, offer.resource, offer.price)]], isStatic: true }
}

function priceChallenge(zone: Zone, resource: string, price: Parameters<typeof formatAmount>[0]): string {
  const parameters = {
    realm: zone.name,
    token_type: 'payment+jwt',
    resource,
    amount: formatAmount(price),
    currency: price.currency,
  }
  const written = Object.entries(parameters).map(([name, value]) => `${name}="${quote(value)}"`)
  return `Bearer ${written.join(', ')}`
}
