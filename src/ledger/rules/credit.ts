import type { Applied, Book, CreditGrant, Head } from './book.ts'
import type { GrantCommand, GrantOutcome } from './commands.ts'
import type { UndoGrantCommand, UndoGrantOutcome } from './signedacts.ts'
import { UnitOfWork } from './unitofwork.ts'
import type { Money } from '../../core/money.ts'

export function creditIn({ credit }: Head, currency: string): Money {
  return credit.find((money) => money.currency === currency) ?? { units: 0n, currency }
}

export function withCredit(head: Head, { units, currency }: Money): readonly Money[] {
  if (units === 0n) return head.credit
  const others = head.credit.filter((money) => money.currency !== currency)
  return [...others, { units: creditIn(head, currency).units + units, currency }]
}

/**
 * Takes a grant back, once: what is left of its amount in the account's credit, which never falls below zero. Its id stays
 * known, so it is not granted anew.
 */
export function undoGrant(book: Book, { id, signedBy }: UndoGrantCommand): Applied<UndoGrantOutcome> {
  const known = book.grant(id)
  if (known?.signedBy !== signedBy) return { outcome: { kind: 'unknown' }, changes: [] }
  const { units, currency, undone } = known
  if (undone !== undefined) return { outcome: undoneOf(known, undone, true), changes: [] }
  const { units: left } = creditIn(book.head, currency)
  const taken = left < 0n ? 0n : left < units ? left : units
  const work = new UnitOfWork(book)
  work.putHead({ credit: withCredit(book.head, { units: -taken, currency }) })
  work.putGrant({ ...known, undone: taken })
  return { outcome: undoneOf(known, taken, false), changes: work.changes() }
}

function undoneOf({ units, currency }: CreditGrant, taken: bigint, isRepeat: boolean): UndoGrantOutcome {
  return { kind: 'undone', isRepeat, taken: { units: taken, currency }, spent: { units: units - taken, currency } }
}

/** Adds prepaid credit, once for each id. */
export function grant(
  book: Book,
  { id, hash, units, currency, act }: GrantCommand,
  now: number,
): Applied<GrantOutcome> {
  if (units <= 0n) return { outcome: { kind: 'refused', reason: 'grant-not-positive' }, changes: [] }
  const known = book.grant(id) ?? (hash === undefined ? undefined : book.grant(hash))
  if (known !== undefined) {
    const isRepeat = known.units === units && known.currency === currency
    const credit = creditIn(book.head, currency)
    const outcome: GrantOutcome = isRepeat
      ? { kind: 'granted', isRepeat, credit }
      : { kind: 'refused', reason: 'grant-differs' }
    return { outcome, changes: [] }
  }
  const work = new UnitOfWork(book)
  work.putHead({ credit: withCredit(book.head, { units, currency }) })
  const { signedBy } = act ?? {}
  work.putGrant({ id, at: now, units, currency, ...(signedBy !== undefined && { signedBy }) })
  return {
    outcome: { kind: 'granted', isRepeat: false, credit: creditIn(work.head, currency) },
    changes: work.changes(),
  }
}
