import type { Head } from './book.ts'
import type { ChargeRefused, ReceiptStatus, ReceiptTerms } from './commands.ts'

/** Returns the refusal if a receipt has no use left, or undefined. */
export function checkReceipt(
  { receipt }: Head,
  terms: ReceiptTerms,
  now: number,
): Pick<ChargeRefused, 'reason'> | undefined {
  const isSpent =
    'uses' in terms
      ? receipt.used >= terms.uses
      : receipt.since !== undefined && receipt.since + terms.passSeconds * 1000 <= now
  return isSpent ? { reason: 'payment-spent' } : undefined
}

/**
 * Adds uses, negative for those given back. A pass begins with its first use, and has not begun if all uses were given back.
 */
export function withUses({ receipt }: Head, uses: number, at: number): Head['receipt'] {
  const used = Math.max(0, receipt.used + uses)
  return { ...receipt, used, since: used === 0 ? undefined : (receipt.since ?? at) }
}

/**
 * Extends the end of a receipt. The payer may get several tokens for one payment, and it ends with the last of those seen.
 */
export function withEnd(receipt: Head['receipt'], expires: number | undefined): Head['receipt'] {
  const { expires: known = expires } = receipt
  return { ...receipt, expires: expires === undefined || known === undefined ? known : Math.max(known, expires) }
}

export function receiptStatus({ receipt }: Head, terms: ReceiptTerms): ReceiptStatus {
  if ('uses' in terms) return { usesLeft: Math.max(0, terms.uses - receipt.used) }
  return receipt.since === undefined ? {} : { passUntil: receipt.since + terms.passSeconds * 1000 }
}
