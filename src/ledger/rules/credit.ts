import type { Applied, Book, Head } from './book.ts'
import type { GrantCommand, GrantOutcome } from './grant.ts'
import type { CreditGrant, CreditTaking } from './creditrows.ts'
import type { UndoGrantCommand, UndoGrantOutcome } from './signedacts.ts'
import { UnitOfWork } from './unitofwork.ts'
import type { Money } from '../../core/money.ts'

/** Returns the prepaid credit in a currency. Less than nothing is a debt. */
export function creditIn({ credit }: Head, currency: string): Money {
  return credit.find((money) => money.currency === currency) ?? { units: 0n, currency }
}

/** Returns the part of a balance that can be spent. */
export function spendable(balance: Money): Money {
  return balance.units < 0n ? { ...balance, units: 0n } : balance
}

/** Returns what is owed with a balance of less than nothing; undefined if nothing is. */
export function debtOf({ units, currency }: Money): Money | undefined {
  return units < 0n ? { units: -units, currency } : undefined
}

export function withCredit(head: Head, { units, currency }: Money): readonly Money[] {
  if (units === 0n) return head.credit
  const others = head.credit.filter((money) => money.currency !== currency)
  return [...others, { units: creditIn(head, currency).units + units, currency }]
}

/**
 * Takes a grant back, once: what is left of its amount in the account's credit, which does not fall below zero by that. Its
 * id stays known, so it is not granted anew.
 */
export function undoGrant(book: Book, { id, signedBy }: UndoGrantCommand): Applied<UndoGrantOutcome> {
  const known = book.grant(id)
  if (known?.signedBy !== signedBy) return { outcome: { kind: 'unknown' }, changes: [] }
  const { currency, undone } = known
  if (undone !== undefined) return { outcome: undoneOf(known, undone, true), changes: [] }
  const { units: credit } = creditIn(book.head, currency)
  const taken = credit < 0n ? 0n : least(credit, leftToTake(known))
  const work = new UnitOfWork(book)
  work.putHead({ credit: withCredit(book.head, { units: -taken, currency }) })
  work.putGrant({ ...known, undone: taken })
  return { outcome: undoneOf(known, taken, false), changes: work.changes() }
}

function undoneOf(grant: CreditGrant, undone: bigint, isRepeat: boolean): UndoGrantOutcome {
  const { currency } = grant
  return {
    kind: 'undone',
    isRepeat,
    taken: { units: undone, currency },
    spent: { units: leftToTake({ ...grant, undone }), currency },
  }
}

/** Returns what of a grant was not taken back. */
export function leftToTake({ units, undone = 0n, taken = 0n }: CreditGrant): bigint {
  return units - undone - taken
}

function least(one: bigint, other: bigint): bigint {
  return one < other ? one : other
}

/** Returns a taking, and the grant that it names, after as much was taken as is left of the grant to take. */
export function takenFrom<T extends Pick<CreditTaking, 'asked' | 'currency'>>(
  grant: CreditGrant,
  taking: T,
): { readonly grant: CreditGrant; readonly taking: T & { readonly taken: bigint } } {
  const taken = taking.currency === grant.currency ? least(taking.asked, leftToTake(grant)) : 0n
  return { grant: { ...grant, taken: (grant.taken ?? 0n) + taken }, taking: { ...taking, taken } }
}

/** Adds prepaid credit, once for each id, less what is to be taken back of it already. */
export function grant(book: Book, command: GrantCommand, now: number): Applied<GrantOutcome> {
  const { id, hash, units, currency, act } = command
  if (units <= 0n) return { outcome: { kind: 'refused', reason: 'grant-not-positive' }, changes: [] }
  const known = book.grant(id) ?? (hash === undefined ? undefined : book.grant(hash))
  if (known !== undefined && known.awaited === undefined) {
    const isRepeat = known.units === units && known.currency === currency
    const credit = creditIn(book.head, currency)
    return { outcome: isRepeat ? { kind: 'granted', isRepeat, credit } : OTHER_GRANT, changes: [] }
  }
  if (book.taking(id) !== undefined) return { outcome: OTHER_GRANT, changes: [] }
  const work = new UnitOfWork(book)
  const { signedBy } = act ?? {}
  const granted = { id: known?.id ?? id, at: now, units, currency, ...(signedBy !== undefined && { signedBy }) }
  const left = units - takeAwaited(work, granted, known?.awaited ?? [])
  work.putHead({ credit: withCredit(book.head, { units: left, currency }) })
  return {
    outcome: { kind: 'granted', isRepeat: false, credit: creditIn(work.head, currency) },
    changes: work.changes(),
  }
}

const OTHER_GRANT: GrantOutcome = { kind: 'refused', reason: 'grant-differs' }

/** Puts a new grant, and the takings that waited for it. Returns the units that they take of it. */
function takeAwaited(work: UnitOfWork, granted: CreditGrant, awaited: readonly string[]): bigint {
  let last = granted
  for (const id of awaited) {
    const taking = work.book.taking(id)
    if (taking === undefined) continue
    const after = takenFrom(last, taking)
    last = after.grant
    work.putTaking(after.taking)
  }
  work.putGrant(last)
  return last.taken ?? 0n
}
