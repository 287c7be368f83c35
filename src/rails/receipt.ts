import { after } from '../core/eventually.ts'
import type { Exchange } from '../http/rules/exchange.ts'
import { refusal, type Refusal } from '../core/problem.ts'
import type { Presented } from '../access/proof.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { Zone } from '../zone.ts'
import { bearerToken, EXPOSED, isExposed, quote, stripBearer } from '../tokens/bearer.ts'
import { readCompact } from '../tokens/jws.ts'
import { isReceipt } from '../tokens/kind.ts'
import { PAYMENT } from '../tokens/payment.ts'
import type { Challenge, Contribution, Unverified, Rail } from './rail.ts'
import { formatAmount } from '../core/money.ts'

/** The field that carries a receipt beside whatever `Authorization` holds. */
export const RECEIPT_FIELD = 'Faregate-Receipt'

/**
 * Receipts: payment tokens (`payment+jwt`) that the billing backend signs for what was paid. They come in
 * `Faregate-Receipt`, or in `Authorization` as bearer tokens, and are spent on routes that have a price.
 */
export function receipt(): Rail {
  return {
    name: 'receipt',
    kinds: ['payment'],
    present(exchange, zone, { verifyAs }, call) {
      const token = findToken(exchange)?.token
      if (token === undefined) return undefined
      if (!token.ok) return { receipt: token }
      return after(verifyAs(PAYMENT, token.value, zone, call), (verified): Presented => ({ receipt: verified }))
    },
    challenge,
    peek: look,
    strip(fields, zone) {
      fields.delete(RECEIPT_FIELD)
      stripBearer(fields, zone)
    },
  }
}

interface Found {
  readonly token: Result<string, Refusal>
  readonly field: string
}

function findToken(exchange: Exchange): Found | undefined {
  const inField = fromField(exchange)
  const inAuthorization = fromAuthorization(exchange)
  if (inField === undefined && inAuthorization === undefined) return undefined
  const field = inField === undefined ? 'Authorization' : RECEIPT_FIELD
  if (isExposed(exchange)) return { token: err(EXPOSED), field }
  if (inField !== undefined && inAuthorization !== undefined) return { token: err(TWO), field }
  return { token: inField ?? inAuthorization ?? err(TWO), field }
}

// Marked, so that a build without this rail has nothing of it.
const TWO = /* @__PURE__ */ refusal('credential-ambiguous', 'The request has more than one receipt.', {
  check: 'spelling',
})
const MALFORMED = /* @__PURE__ */ refusal('credential-malformed', 'The "Faregate-Receipt" field is not one token.', {
  check: 'spelling',
})

/** Values that came in more than one field are joined with commas, which no token has. */
function fromField({ fields }: Exchange): Result<string, Refusal> | undefined {
  const value = fields.get(RECEIPT_FIELD)
  if (value === null) return undefined
  if (value.includes(',')) return err(TWO)
  return /^[^\s]+$/.test(value) ? ok(value) : err(MALFORMED)
}

/** What else `Authorization` may hold is another rail's, or the origin's. */
function fromAuthorization(exchange: Exchange): Result<string, Refusal> | undefined {
  const token = bearerToken(exchange)
  return token?.ok && isReceipt(token.value) ? token : undefined
}

function look(exchange: Exchange): Unverified | undefined {
  const found = findToken(exchange)
  const jws = found?.token.ok ? readCompact(found.token.value) : undefined
  if (found === undefined || !jws?.ok) return undefined
  return { kind: 'payment', field: found.field, header: jws.value.header, claims: jws.value.payload }
}

/** Only where a receipt would help. RFC 9110 §11.6.1 lets one scheme challenge twice: this asks for another kind of token. */
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
