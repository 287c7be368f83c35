/**
 * The verb that gives a closed charge back as a whole, because an operator says so.
 *
 * Support gives back what was kept rightly by the rules and wrongly by common sense. The charge stays, and keeps nothing:
 * its credit, its units under every limit and its use of a receipt are there again, in the windows and on the day from which
 * they were taken. Billing is told by a record of its own kind. A charge is given back once; what a machine payment moved is
 * not in the ledger, and only its rail can move it back.
 */
import { beyond, difference, isNothing, none } from './amount.ts'
import type { Act } from './audit.ts'
import { type Applied, type Book, type Charge, type Chain, viewOf } from './book.ts'
import type { Amount, ChargeView } from './commands.ts'
import { MOST_OF_ONE } from './repeat.ts'
import { IDEMPOTENCY_MS, isKeptUnsettled, move, recordUsage, REPEAT_MS } from './settle.ts'
import { UnitOfWork } from './unitofwork.ts'

/** Gives back a closed charge of this ledger. */
export interface ReverseCommand {
  readonly charge: string
  /** Recorded with the reversal. */
  readonly act?: Act
}

export type ReverseOutcome =
  | {
      readonly kind: 'reversed'
      readonly isRepeat: boolean
      readonly charge: ChargeView
      /** The amount given back; undefined for a repeat. */
      readonly given: Amount | undefined
    }
  | {
      readonly kind: 'refused'
      /**
       * `charge-open`: a request of it, or one that continues it, has not ended. `charge-free`: nothing is kept of it. `charge-paid-outside`: a machine
       * payment paid for it.
       */
      readonly reason: 'charge-unknown' | 'charge-open' | 'charge-free' | 'charge-paid-outside'
    }

/** Lowers a closed charge to nothing, once. Finds every charge that the journal still has. */
export function reverse(book: Book, { charge: id }: ReverseCommand, now: number): Applied<ReverseOutcome> {
  const found = book.charge(id) ?? book.findCharge(id)
  if (found === undefined) return refused('charge-unknown')
  if (found.payment !== undefined) return refused('charge-paid-outside')
  const { state, kept } = found
  if (state === 'reversed')
    return { outcome: { kind: 'reversed', isRepeat: true, charge: viewOf(found), given: undefined }, changes: [] }
  if (state === 'open') return refused('charge-open')
  if (isNothing(kept)) return refused('charge-free')
  const follower = followerOf(book, found, now)
  if (follower?.state === 'open') return refused('charge-open')
  const work = new UnitOfWork(book)
  const reversed = reversedCharge(book, found, now)
  const change = difference(reversed.kept, kept)
  move(work, found, change, now)
  const { totals } = work.head
  if (isKeptUnsettled(found)) work.putHead({ totals: { ...totals, unsettled: totals.unsettled - 1 } })
  const corrects = `${id}/${state === 'unsettled' ? 'unsettled' : 'amend'}`
  recordUsage(work, reversed, { kind: 'reversed', change, at: now, corrects })
  work.putCharge(reversed)
  if (follower !== undefined) work.putCharge(withoutPaid(follower, kept))
  return {
    outcome: { kind: 'reversed', isRepeat: false, charge: viewOf(reversed), given: kept },
    changes: work.changes(),
  }
}

/** Returns the latest charge that continues this one, which paid for it. */
function followerOf(book: Book, { id, chain }: Charge, now: number): Charge | undefined {
  const { idempotency, continuation, first } = chain
  const byKey = idempotency && book.chargeByKey(idempotency.key)
  const latest = byKey ?? (continuation === undefined ? undefined : followingOf(book, continuation, first, now))
  return latest !== undefined && latest.id !== id && latest.chain.first === first ? latest : undefined
}

function followingOf(book: Book, continuation: string, first: string, now: number): Charge | undefined {
  return book.chargesByContinuation(continuation, MOST_OF_ONE, now).find(({ chain }) => chain.first === first)
}

/** What was given back pays for nothing that comes later. */
function withoutPaid(follower: Charge, kept: Amount): Charge {
  const { chain } = follower
  return { ...follower, chain: { ...chain, paid: beyond(chain.paid, kept) } }
}

function reversedCharge(book: Book, found: Charge, now: number): Charge {
  const keepUntil = Math.max(found.keepUntil ?? 0, now + REPEAT_MS)
  return { ...found, state: 'reversed', kept: none(found.kept), keepUntil, chain: reversedChain(book, found, now) }
}

/**
 * Takes the charge out of its chain: a further Range would be free otherwise. Under an idempotency key the latest charge
 * stays, since the key still names its answer; an earlier one must not take the place of the latest.
 */
function reversedChain(book: Book, { id, chain }: Charge, now: number): Chain {
  const { idempotency, since } = chain
  const isLatest =
    idempotency !== undefined && since + IDEMPOTENCY_MS > now && book.chargeByKey(idempotency.key)?.id === id
  return { ...chain, continuation: undefined, idempotency: isLatest ? idempotency : undefined }
}

function refused(reason: Extract<ReverseOutcome, { kind: 'refused' }>['reason']): Applied<ReverseOutcome> {
  return { outcome: { kind: 'refused', reason }, changes: [] }
}
