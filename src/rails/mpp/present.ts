import type { Payment } from '../../access/payment.ts'
import { parseInstant } from '../../core/instant.ts'
import { refusal, type Refusal } from '../../core/problem.ts'
import { err, ok, type Result } from '../../core/result.ts'
import { EXPOSED, isExposed } from '../../tokens/bearer.ts'
import type { Carried, Unverified } from '../rail.ts'
import type { Ask, AsksOf } from './asks.ts'
import { packName, readOpaque, requestHash, verifyingKeys } from './binding.ts'
import type { ChargeMethod } from './method.ts'
import { isGenuine } from './rules/challenge.ts'
import { findPaymentCredential, type PaymentCredential } from './rules/credential.ts'

/** As long as the ledger remembers a payment: an older one is told so without being looked up. */
const KNOWN_SECONDS = 86_400

const FOREIGN = /* @__PURE__ */ refusal('credential-invalid', 'The payment answers no challenge of this site.', {
  check: 'signature',
})
const OTHER_REQUEST = /* @__PURE__ */ refusal(
  'credential-invalid',
  'The payment answers the challenge of another request: another method or target.',
  { check: 'audience' },
)
const EXPIRED = /* @__PURE__ */ refusal('credential-expired', 'The challenge that the payment answers has expired.', {
  check: 'time',
})
const OTHER_PRICE = /* @__PURE__ */ refusal(
  'payment-insufficient',
  'The payment is genuine, but what it was asked for is not what this costs now.',
  { check: 'cover' },
)

/** What the rail is made of. */
export interface MppParts {
  readonly methods: readonly ChargeMethod[]
  readonly asksOf: AsksOf
}

/**
 * Reads a payment: returns undefined if the request has none. The challenge that it echoes has to be the gate's own, made for
 * this very request, and ask for what that costs now. Whether it has expired is for the ledger to say: a payment that was
 * settled in time stays good for what it paid.
 */
export function presentPayment(
  carried: Pick<Carried, 'exchange' | 'zone' | 'offer'>,
  parts: MppParts,
): Result<Payment, Refusal> | undefined {
  const found = findPaymentCredential(carried.exchange.fields)
  if (found === undefined) return undefined
  if (isExposed(carried.exchange)) return err(EXPOSED)
  return found.credential.ok ? paymentOf(found.credential.value, carried, parts) : found.credential
}

function paymentOf(
  credential: PaymentCredential,
  { exchange, zone, offer }: Pick<Carried, 'exchange' | 'zone' | 'offer'>,
  { methods, asksOf }: MppParts,
): Result<Payment, Refusal> {
  const { challenge } = credential
  const expires = parseInstant(challenge.expires ?? '')
  if (expires === undefined || !isGenuine(challenge, verifyingKeys(zone))) return err(FOREIGN)
  const opaque = readOpaque(challenge.opaque)
  if (opaque.hash !== requestHash(exchange)) return err(OTHER_REQUEST)
  if (exchange.now >= (expires + KNOWN_SECONDS) * 1000) return err(EXPIRED)
  const asks = offer === undefined ? [] : asksOf(offer)
  const ask = asks.find((one) => isAnswered(one, credential, opaque.pack))
  const method = methods.find(({ name }) => name === ask?.method)
  if (ask === undefined || method === undefined) return err(OTHER_PRICE)
  const read = method.read(credential, ask.request)
  if (!read.ok) return read
  const { name, payer, signature, payload, requirements, notBefore = 0 } = read.value
  const { id } = challenge
  return ok({
    kind: 'payment',
    rail: 'mpp',
    name,
    amount: ask.amount,
    payer,
    ...(signature !== undefined && { signature }),
    ...(ask.pack && { pack: ask.pack }),
    payload: { method: method.name, challenge: id, paid: payload },
    requirements,
    accountHash: undefined,
    issuedAt: 0,
    notBefore,
    expires: Math.min(expires, read.value.expires ?? expires),
    toleranceSeconds: 0,
  })
}

function isAnswered({ method, intent, encoded, pack }: Ask, { challenge }: PaymentCredential, sold: unknown): boolean {
  if (method !== challenge.method || intent !== challenge.intent || encoded !== challenge.request) return false
  return sold === (pack && packName(pack))
}

/** Reads what the credential says of its challenge. Its proof of payment is not shown. */
export function peekPayment({ exchange }: Pick<Carried, 'exchange'>): Unverified | undefined {
  const found = findPaymentCredential(exchange.fields)
  if (found === undefined || !found.credential.ok) return undefined
  const { realm, method, intent, expires } = found.credential.value.challenge
  const claims = { realm, method, intent, ...(expires !== undefined && { expires }) }
  return { kind: 'payment', field: found.field, header: {}, claims }
}
