import { isSame, none, summed } from './amount.ts'
import { fittingBreakdown, reservedBreakdown } from './breakdown.ts'
import { type Applied, type Book, type Charge, knownCharge, type Part, viewOf } from './book.ts'
import type { AmendCommand, AmendOutcome, Amount, DescribeCommand } from './commands.ts'
import { UnitOfWork } from './unitofwork.ts'
import { update, usedBy } from './settle.ts'

/**
 * Reports what one request of a charge did cost; repeating the report changes nothing. After the last request's report the
 * charge is lowered to what all of them took together. A charge closed as forgotten is lowered once by a late report,
 * because that is the truth.
 */
export function amend(book: Book, command: AmendCommand, now: number): Applied<AmendOutcome> {
  const found = knownCharge(book, command.charge, now)
  const part = found?.parts.find(({ id }) => id === command.request)
  if (found === undefined || part === undefined) return refused('charge-unknown')
  if (found.state === 'reversed') return refused('already-amended')
  const used = usage(found, command)
  const { delivery } = command
  if (part.end !== 'open' && part.end !== 'forgotten') {
    if (part.end !== delivery || !isSame(part.used, used)) return refused('already-amended')
    return { outcome: { kind: 'amended', isRepeat: true, charge: viewOf(found) }, changes: [] }
  }
  const work = new UnitOfWork(book)
  const parts = found.parts.map((other): Part => (other === part ? endedPart(part, command, used) : other))
  const charge = update(work, withBreakdown(withRepresentation(found, command), command), parts, now)
  return { outcome: { kind: 'amended', isRepeat: false, charge: viewOf(charge) }, changes: work.changes() }
}

function endedPart(part: Part, { delivery, isUnsent = false }: AmendCommand, used: Amount): Part {
  return { ...part, end: delivery, used, ...(isUnsent ? { isUnsent } : {}) }
}

/**
 * Notes the representation being delivered, for further Ranges to continue. The first report is believed; a charge under a
 * key takes none.
 */
export function describe(book: Book, { charge, representation }: DescribeCommand, now: number): Applied<undefined> {
  const found = knownCharge(book, charge, now)
  const work = new UnitOfWork(book)
  if (found !== undefined && isDescribed(found)) work.putCharge({ ...found, chain: { representation, ...found.chain } })
  return { outcome: undefined, changes: work.changes() }
}

/** Returns true if the representation of what is delivered matters: a further Range may continue it. */
function isDescribed({ chain: { continuation, isSentAgain } }: Charge): boolean {
  return continuation !== undefined && isSentAgain !== true
}

/** Notes the representation delivered, for the same request or a further Range to continue. The first report is believed. */
function withRepresentation(charge: Charge, { delivery, representation }: AmendCommand): Charge {
  const { chain } = charge
  const isToKeep = chain.idempotency === undefined ? isDescribed(charge) : delivery === 'complete'
  if (!isToKeep || delivery === 'none' || representation === undefined) return charge
  return { ...charge, chain: { representation, ...chain } }
}

/** Notes how the amount came about. Of a charge of several requests nothing is said: each has an amount of its own. */
function withBreakdown(charge: Charge, { delivery, breakdown, counts, price }: AmendCommand): Charge {
  if (delivery === 'none' || charge.parts.length > 1) return charge
  const isMeasured = counts !== undefined || price !== undefined
  const told = isMeasured ? fittingBreakdown(breakdown) : reservedBreakdown(charge.facts)
  return told === undefined ? charge : { ...charge, breakdown: told }
}

/** Returns the usage reported. Amounts not measured cost what was reserved for them. */
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
