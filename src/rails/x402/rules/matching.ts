/** Relates a payment to what its route asks for. Asks nobody: whoever signs for something else costs no call. */
import type { Payment } from '../../../access/payment.ts'
import type { Json } from '../../../core/json.ts'
import { refusal, type Refusal } from '../../../core/problem.ts'
import { err, ok, type Result } from '../../../core/result.ts'
import { chainPaymentName } from './paymentname.ts'
import { type PricedEntry, v1Entry, X402, type X402Offer } from './requirements.ts'
import { ambiguous, type SentPayment } from './wire.ts'

/** The versions of x402 that a payment was sent in: its receipt is written in the same. */
export interface X402Payment extends Payment {
  readonly versions: readonly (1 | 2)[]
}

/** The clock difference that is forgiven, and the time that a settlement needs, in seconds. */
const EARLY_SECONDS = 5
const LEAST_SECONDS = 6
/** A payment that could be used for longer would have to be asked about for as long. */
const MOST_SECONDS = 86_400

/** Judges what one request carries. Two wires may carry one payment. `now` is in milliseconds. */
export function judgePayments(
  sent: readonly SentPayment[],
  offer: X402Offer | undefined,
  now: number,
): Result<X402Payment, Refusal> {
  const [first, second] = sent
  const one = judgeOne(first, offer, now)
  if (second === undefined || !one.ok) return one
  const two = judgeOne(second, offer, now)
  if (!two.ok) return two
  if (one.value.name !== two.value.name) return err(TWO)
  return ok({ ...one.value, versions: [...one.value.versions, ...two.value.versions] })
}

function judgeOne(
  sent: SentPayment | undefined,
  offer: X402Offer | undefined,
  now: number,
): Result<X402Payment, Refusal> {
  if (sent === undefined || offer === undefined) return err(NOT_SOLD)
  const entry = entryOf(sent, offer)
  if (entry === undefined) return err(OTHER_TERMS)
  const { requirements, amount, pack } = entry
  const { payload, version } = sent
  const { from, to, value, validAfter, validBefore, nonce } = payload.authorization
  if (value !== requirements.amount) return err(OTHER_VALUE)
  if (to !== requirements.payTo.toLowerCase()) return err(OTHER_PAYEE)
  if (BigInt(validBefore) > BigInt(Math.ceil(now / 1000) + MOST_SECONDS)) return err(TOO_LONG)
  const { network, asset } = requirements
  return ok({
    kind: 'payment',
    rail: X402,
    name: chainPaymentName({ network, asset, from, nonce }),
    amount,
    payer: from,
    signature: payload.signature,
    ...(pack && { pack }),
    payload,
    requirements,
    accountHash: undefined,
    issuedAt: 0,
    notBefore: Number(validAfter) - EARLY_SECONDS,
    expires: Number(validBefore) - LEAST_SECONDS,
    toleranceSeconds: 0,
    versions: [version],
  })
}

/** Finds what the payment accepts among what is offered now. */
function entryOf(sent: SentPayment, offer: X402Offer): PricedEntry | undefined {
  if (sent.version === 1) return sent.scheme === 'exact' ? v1Entry(offer, sent.network) : undefined
  return offer.entries.find(({ requirements }) => isSame(requirements, sent.accepted))
}

/** Returns true if `theirs` is this JSON value. Goes no deeper than `ours` does. */
function isSame(ours: Json | undefined, theirs: unknown): boolean {
  if (typeof ours !== 'object' || ours === null) return ours === theirs
  if (typeof theirs !== 'object' || theirs === null || Array.isArray(ours) !== Array.isArray(theirs)) return false
  const [mine, other] = [new Map<string, Json>(Object.entries(ours)), new Map<string, unknown>(Object.entries(theirs))]
  if (mine.size !== other.size) return false
  for (const [name, value] of mine) if (!other.has(name) || !isSame(value, other.get(name))) return false
  return true
}

// Marked as pure, so that a build without this rail drops them.
const COVER = { check: 'cover' } as const
const TWO = /* @__PURE__ */ ambiguous('"PAYMENT-SIGNATURE" and "X-PAYMENT" are two different payments.')
const NOT_SOLD = /* @__PURE__ */ refusal('payment-insufficient', 'Nothing here is sold for payments by x402.', COVER)
const OTHER_TERMS = /* @__PURE__ */ refusal(
  'payment-insufficient',
  'What the payment accepts is not offered here: take one of "accepts" as it is.',
  COVER,
)
const OTHER_VALUE = /* @__PURE__ */ refusal('payment-insufficient', 'The value signed is not the amount asked.', COVER)
const OTHER_PAYEE = /* @__PURE__ */ refusal('payment-insufficient', 'The payment is signed to somebody else.', COVER)
const TOO_LONG = /* @__PURE__ */ refusal('credential-invalid', 'The payment is valid for longer than a day.', {
  check: 'lifetime',
})
