import type { Receipt } from '../../../access/receipt.ts'
import type { ReceiptStatus } from '../../../ledger/rules/commands.ts'

/** A receipt that pays for a page, with what its ledger has of it; undefined if that is not known. */
export interface Candidate {
  readonly receipt: Receipt
  readonly status: ReceiptStatus | undefined
}

/**
 * Chooses the receipt to present, of several that pay: a pass that has begun, which costs nothing; else another pass, which
 * opens without a question; else one of uses. Of equals the one that ends first; if all are used up, the last bought. `now` is
 * in milliseconds.
 */
export function chooseReceipt(candidates: readonly Candidate[], now: number): Receipt | undefined {
  const begun = candidates.filter(({ status }) => (status?.passUntil ?? 0) > now)
  const usable = candidates.filter((one) => !isUsedUp(one, now))
  const passes = usable.filter(({ receipt }) => receipt.grant.kind === 'pass')
  return (
    endingFirst(begun) ??
    endingFirst(passes) ??
    endingFirst(usable) ??
    lastBought(candidates.map(({ receipt }) => receipt))
  )
}

function isUsedUp({ status }: Candidate, now: number): boolean {
  return status?.usesLeft === 0 || (status?.passUntil !== undefined && status.passUntil <= now)
}

function endingFirst(candidates: readonly Candidate[]): Receipt | undefined {
  return candidates.map(({ receipt }) => receipt).toSorted((one, other) => one.expires - other.expires)[0]
}

/** Returns the receipt issued last. */
export function lastBought(receipts: readonly Receipt[]): Receipt | undefined {
  return receipts.toSorted((one, other) => other.issuedAt - one.issuedAt)[0]
}
