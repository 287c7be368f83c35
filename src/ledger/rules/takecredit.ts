/**
 * Takes prepaid credit back whose payment was taken back.
 *
 * The money is gone, whatever its account did with the credit. So the whole amount is taken: what is not there any more is a
 * debt, which is credit of less than nothing. A debt is shown wherever credit is, refuses every price in its currency, and is
 * paid by the next grants; what was reserved before stays reserved. A taking may name the grant that it is taken from: then
 * all takings of that grant together take no more than it gave. Webhooks come in any order, so a taking that comes before its
 * grant is kept, and taken when the grant comes. The order of grants, takings and charges does not change what is left.
 */
import type { Money } from '../../core/money.ts'
import type { Act } from './audit.ts'
import type { Applied, Book, Head } from './book.ts'
import { creditIn, takenFrom, withCredit } from './credit.ts'
import type { CreditGrant, CreditTaking } from './creditrows.ts'
import { hashedName } from './hashedname.ts'
import { UnitOfWork } from './unitofwork.ts'

/** Takes credit back, once for each id. Two commands with one id are one taking. */
export interface TakeCreditCommand {
  readonly id: string
  readonly units: bigint
  readonly currency: string
  /** The ids that the grant may have from which it is taken. The first one is awaited if none is known. */
  readonly of?: readonly [string, ...string[]]
  /** The name of the ledger. Without it, what was granted or taken before the account was erased is not known. */
  readonly ledger?: string
  /** Recorded with the taking. */
  readonly act?: Act
}

export type TakeCreditOutcome =
  /** `taken` may be less than asked, and nothing: no more is left of its grant to take. `credit` is what is left then. */
  | { readonly kind: 'taken'; readonly isRepeat: boolean; readonly taken: Money; readonly credit: Money }
  /** The grant is not known yet. Nothing was taken. */
  | { readonly kind: 'awaiting'; readonly isRepeat: boolean }
  | {
      readonly kind: 'refused'
      /** `currency-differs`: from that of the grant. `too-many-takings`: of a grant that has not come. */
      readonly reason: 'taking-not-positive' | 'taking-differs' | 'currency-differs' | 'too-many-takings'
    }

/** The most takings that wait for one grant. */
const MOST_AWAITING = 100

/** Takes the whole amount, or as much of it as its grant gave. */
export function takeCredit(book: Book, command: TakeCreditCommand, now: number): Applied<TakeCreditOutcome> {
  const { units, currency, of } = command
  if (units <= 0n) return refused('taking-not-positive')
  const id = takingId(command.id)
  const known = namesOf(book, command, id).flatMap((name) => book.taking(name) ?? [])[0]
  if (known !== undefined) return { outcome: repeatOf(book, command, known), changes: [] }
  // A grant may have any id, and one row is not two things.
  if (book.grant(id) !== undefined || (of !== undefined && book.taking(of[0]) !== undefined))
    return refused('taking-differs')
  const names = of?.flatMap((name) => namesOf(book, command, name)) ?? []
  const grant = names.flatMap((name) => book.grant(name) ?? [])[0]
  if (grant !== undefined && grant.currency !== currency) return refused('currency-differs')
  const taking: CreditTaking = { id, at: now, asked: units, currency, ...(of && { of: grant?.id ?? of[0] }) }
  if (of !== undefined && (grant === undefined || grant.awaited !== undefined))
    return wait(book, taking, grant ?? { id: of[0] })
  const work = new UnitOfWork(book)
  const last = grant && takenFrom(grant, taking)
  const { taken = units } = last?.taking ?? {}
  if (last !== undefined) work.putGrant(last.grant)
  work.putTaking({ ...taking, taken })
  work.putHead({ credit: withCredit(work.head, { units: -taken, currency }) })
  return { outcome: takenOf(work.head, taken, currency, false), changes: work.changes() }
}

/** Returns the id of a taking in its ledger, which has grants under theirs. */
function takingId(id: string): string {
  return `taken ${id}`
}

/** Returns the names under which the ledger may know a grant or taking. */
function namesOf({ head }: Book, { ledger }: TakeCreditCommand, name: string): readonly string[] {
  return head.erased === undefined || ledger === undefined ? [name] : [name, hashedName(ledger, name)]
}

function repeatOf(book: Book, command: TakeCreditCommand, known: CreditTaking): TakeCreditOutcome {
  const { units, currency, of } = command
  const isOfGrant =
    of === undefined ? known.of === undefined : of.some((name) => namesOf(book, command, name).includes(known.of ?? ''))
  if (known.asked !== units || known.currency !== currency || !isOfGrant)
    return { kind: 'refused', reason: 'taking-differs' }
  if (known.taken === undefined) return { kind: 'awaiting', isRepeat: true }
  return takenOf(book.head, known.taken, currency, true)
}

function takenOf(head: Head, units: bigint, currency: string, isRepeat: boolean): TakeCreditOutcome {
  return { kind: 'taken', isRepeat, taken: { units, currency }, credit: creditIn(head, currency) }
}

/** Keeps a taking until its grant comes. */
function wait(
  book: Book,
  taking: CreditTaking,
  { id, awaited = [] }: Pick<CreditGrant, 'id' | 'awaited'>,
): Applied<TakeCreditOutcome> {
  if (awaited.length === MOST_AWAITING) return refused('too-many-takings')
  const { at, currency } = taking
  const work = new UnitOfWork(book)
  work.putTaking(taking)
  work.putGrant({ id, at, units: 0n, currency, awaited: [...awaited, taking.id] })
  return { outcome: { kind: 'awaiting', isRepeat: false }, changes: work.changes() }
}

function refused(reason: Extract<TakeCreditOutcome, { kind: 'refused' }>['reason']): Applied<TakeCreditOutcome> {
  return { outcome: { kind: 'refused', reason }, changes: [] }
}
