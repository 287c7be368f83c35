import type { Head } from './book.ts'
import type { ChargeRefused, ReceiptStatus, ReceiptTerms } from './commands.ts'

/** The refusal, where a receipt has no use left. */
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

/** A pass begins with its first use, and has not begun when every use was given back. */
export function withUses({ receipt }: Head, uses: number, at: number): Head['receipt'] {
  const used = Math.max(0, receipt.used + uses)
  return { ...receipt, used, since: used === 0 ? undefined : (receipt.since ?? at) }
}

/** Who paid may be given several tokens for it: it is over with the last of those that were seen. */
export function withEnd(receipt: Head['receipt'], expires: number | undefined): Head['receipt'] {
  const { expires: known = expires } = receipt
  return { ...receipt, expires: expires === undefined || known === undefined ? known : Math.max(known, expires) }
}

export function receiptStatus({ receipt }: Head, terms: ReceiptTerms): ReceiptStatus {
  if ('uses' in terms) return { usesLeft: Math.max(0, terms.uses - receipt.used) }
  return receipt.since === undefined ? {} : { passUntil: receipt.since + terms.passSeconds * 1000 }
}
