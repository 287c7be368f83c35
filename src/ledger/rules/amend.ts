import { isSame, none, summed } from './amount.ts'
import { type Applied, type Book, type Charge, type Part, viewOf } from './book.ts'
import type { AmendCommand, AmendOutcome, Amount, DescribeCommand } from './commands.ts'
import { UnitOfWork } from './unitofwork.ts'
import { update, usedBy } from './settle.ts'

/**
 * Says what one request of a charge did cost, once; the same again changes nothing. When it was the last, the charge is
 * lowered to what they took together. A charge that was closed because nobody said is lowered once if somebody still
 * does: it is late, and the truth.
 */
export function amend(book: Book, command: AmendCommand, now: number): Applied<AmendOutcome> {
  const found = book.charge(command.charge)
  const part = found?.parts.find(({ id }) => id === command.request)
  if (found === undefined || part === undefined) return refused('charge-unknown')
  const used = usage(found, command)
  const { delivery } = command
  if (part.end !== 'open' && part.end !== 'forgotten') {
    if (part.end !== delivery || !isSame(part.used, used)) return refused('already-amended')
    return { outcome: { kind: 'amended', isRepeat: true, charge: viewOf(found) }, changes: [] }
  }
  const draft = new UnitOfWork(book)
  const parts = found.parts.map((other): Part => (other === part ? endedPart(part, command, used) : other))
  const charge = update(draft, delivered(found, command), parts, now)
  return { outcome: { kind: 'amended', isRepeat: false, charge: viewOf(charge) }, changes: draft.changes() }
}

function endedPart(part: Part, { delivery, isUnsent = false }: AmendCommand, used: Amount): Part {
  return { ...part, end: delivery, used, ...(isUnsent ? { isUnsent } : {}) }
}

/** What is being delivered is what further Ranges go on with. The first to tell is believed; a charge under a key has none. */
export function describe(book: Book, { charge, representation }: DescribeCommand): Applied<undefined> {
  const found = book.charge(charge)
  const draft = new UnitOfWork(book)
  if (found?.chain.continuation !== undefined) draft.putCharge({ ...found, chain: { representation, ...found.chain } })
  return { outcome: undefined, changes: draft.changes() }
}

/** What was delivered is what the same request, or a further Range, goes on with. The first to tell is believed. */
function delivered(charge: Charge, { delivery, representation }: AmendCommand): Charge {
  const { chain } = charge
  const isToKeep = chain.idempotency === undefined ? chain.continuation !== undefined : delivery === 'complete'
  if (!isToKeep || delivery === 'none' || representation === undefined) return charge
  return { ...charge, chain: { representation, ...chain } }
}

/** What is not measured costs what was reserved for it. */
function usage(charge: Charge, { delivery, counts, price }: AmendCommand): Amount {
  const { reserved, chain } = charge
  if (delivery === 'none') return none(reserved)
  const measured = new Map(summed(counts ?? []).map(({ name, units }) => [name, units]))
  const total: Amount = {
    counts: reserved.counts.map(({ name, units }) => ({ name, units: measured.get(name) ?? units + paidOf(name) })),
    price: reserved.price && {
      ...reserved.price,
      units: price ?? reserved.price.units + (chain.paid.price?.units ?? 0n),
    },
    uses: reserved.uses + chain.paid.uses,
  }
  return usedBy(charge, total)

  function paidOf(name: string): bigint {
    return chain.paid.counts.find((entry) => entry.name === name)?.units ?? 0n
  }
}

function refused(reason: 'charge-unknown' | 'already-amended'): Applied<AmendOutcome> {
  return { outcome: { kind: 'refused', reason }, changes: [] }
}
