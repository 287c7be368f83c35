import { utf8ToBytes } from '@noble/hashes/utils.js'
import { toBase64url } from '../../../core/bytes.ts'

/** What a payer is told of a payment that was settled. */
export interface SettledReceipt {
  readonly method: string
  /** RFC 3339. */
  readonly timestamp: string
  /** What the method names the payment: a PaymentIntent, a transaction. */
  readonly reference: string
  readonly challengeId?: string
}

/** Writes the value of `Payment-Receipt`. */
export function writeReceipt({ method, timestamp, reference, challengeId }: SettledReceipt): string {
  const receipt = { status: 'success', method, timestamp, reference, ...(challengeId && { challengeId }) }
  return toBase64url(utf8ToBytes(JSON.stringify(receipt)))
}
