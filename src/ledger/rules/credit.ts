import type { Applied, Book, Head } from './book.ts'
import type { GrantCommand, GrantOutcome } from './commands.ts'
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

/** Adds prepaid credit, once for each id. */
export function grant(book: Book, { id, hash, units, currency }: GrantCommand, now: number): Applied<GrantOutcome> {
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
  work.putGrant({ id, at: now, units, currency })
  return {
    outcome: { kind: 'granted', isRepeat: false, credit: creditIn(work.head, currency) },
    changes: work.changes(),
  }
}
