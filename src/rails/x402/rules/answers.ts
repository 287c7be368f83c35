/** What the answers of a facilitator prove. */
import * as v from 'valibot'
import type { Settlement } from '../../../ledger/rules/payment.ts'
import { isNonceUsed, isValidation, knownCode } from './errorcodes.ts'

/** An answer of a facilitator, whatever its status. */
export interface FacilitatorAnswer {
  readonly status: number
  /** Undefined if it is no JSON, or too long. */
  readonly body: unknown
}

export type FacilitatorVerdict =
  | { readonly kind: 'valid' }
  | { readonly kind: 'declined'; readonly reason: string }
  /** The facilitator did not say. */
  | { readonly kind: 'unavailable' }

const verified = v.object({ isValid: v.boolean(), invalidReason: v.nullish(v.unknown()) })

/** Judges the answer to `/verify`. Nothing but a clear word of the facilitator counts, for or against. */
export function judgeVerified({ status, body }: FacilitatorAnswer): FacilitatorVerdict {
  const read = v.safeParse(verified, body)
  const isRefused = status >= 400 && status < 500 && status !== 404
  if (!read.success || (status !== 200 && !isRefused)) return { kind: 'unavailable' }
  const { isValid, invalidReason } = read.output
  if (isValid) return status === 200 ? { kind: 'valid' } : { kind: 'unavailable' }
  // What the facilitator did not expect says nothing of the payment.
  if (invalidReason === 'unexpected_verify_error') return { kind: 'unavailable' }
  return { kind: 'declined', reason: knownCode(invalidReason) ?? 'invalid_payload' }
}

const settled = v.object({
  success: v.boolean(),
  errorReason: v.nullish(v.unknown()),
  transaction: v.nullish(v.unknown()),
  paymentId: v.nullish(v.unknown()),
})

/** A settlement, and what would tell more of one that is unknown. */
export interface JudgedSettlement {
  readonly settlement: Settlement
  /** The facilitator's own name of a payment whose status it can be asked for. */
  readonly paymentId?: string
  /** True if the authorization was used or taken back. */
  readonly isNonceUsed?: true
}

const UNKNOWN: JudgedSettlement = { settlement: { kind: 'unknown' } }

/**
 * Judges the answer to `/settle`. Success is proof. A failure is one only if the facilitator found the payment invalid before
 * it sent anything, and no earlier try can have sent it; all else is unknown.
 */
export function judgeSettled({ status, body }: FacilitatorAnswer, tries: number): JudgedSettlement {
  const read = v.safeParse(settled, body)
  if (!read.success) return UNKNOWN
  const { success, errorReason, transaction, paymentId } = read.output
  const isAnswer = status >= 200 && status < 300
  const sent = referenceIn(transaction)
  if (success && isAnswer) return { settlement: { kind: 'settled', reference: sent ?? referenceIn(paymentId) ?? '' } }
  const isUnsent = transaction === '' || transaction === null || transaction === undefined
  if (!success && isAnswer && isUnsent && isValidation(errorReason) && tries <= 1)
    return { settlement: { kind: 'failed', reason: knownCode(errorReason) ?? '' } }
  const asked = typeof paymentId === 'string' && PAYMENT_ID.test(paymentId) ? paymentId : undefined
  const reference = sent ?? asked
  return {
    settlement: { kind: 'unknown', ...(reference !== undefined && { reference }) },
    ...(asked !== undefined && { paymentId: asked }),
    ...(!success && isNonceUsed(errorReason) && { isNonceUsed: true }),
  }
}

const status = v.object({
  status: v.picklist(['pending', 'completed', 'failed']),
  transaction: v.nullish(v.unknown()),
  reason: v.nullish(v.unknown()),
})

/** Judges the answer about a payment's status, by which some facilitators close what was pending. */
export function judgePaymentStatus(answer: FacilitatorAnswer, before: Settlement): Settlement {
  const read = v.safeParse(status, answer.body)
  if (!read.success || answer.status !== 200) return before
  const { output } = read
  const reference = referenceIn(output.transaction)
  if (output.status === 'completed') return { kind: 'settled', reference: reference ?? referenceOf(before) ?? '' }
  if (output.status === 'failed' && output.reason !== 'outcome_unknown')
    return { kind: 'failed', reason: 'invalid_transaction_state' }
  return reference === undefined ? before : { kind: 'unknown', reference }
}

function referenceOf(settlement: Settlement): string | undefined {
  return settlement.kind === 'failed' ? undefined : settlement.reference
}

const PAYMENT_ID = /^[\w-]{1,64}$/
const REFERENCE = /^[\w:.-]{1,128}$/

/** Returns the hash of a transaction, or what a facilitator has in its place. */
function referenceIn(given: unknown): string | undefined {
  return typeof given === 'string' && REFERENCE.test(given) ? given : undefined
}
