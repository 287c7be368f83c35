/**
 * The verbs by which a payment is settled, between the ledger and a settler that may be slow, wrong, or never answer.
 *
 * `beginSettlement` is written before a settler is called, `endSettlement` records its answer. Reports may come late, twice,
 * or from gate and alarm at once, so each is weighed by what it can prove. A success is believed from any caller at any
 * time, a failure only while the outcome is open, an unknown outcome only from the caller now asking. A charge given back
 * for a failed payment is taken again if the money turns out to have moved.
 */
import { difference, none } from './amount.ts'
import { type Applied, type Book, type Charge, type Effect, knownCharge, type Part } from './book.ts'
import { oweCredit } from './owed.ts'
import {
  ALARM,
  asking,
  type BeginSettlementCommand,
  type BeginSettlementOutcome,
  type ChargePayment,
  type EndSettlementCommand,
  type EndSettlementOutcome,
  evidenceUntil,
  RELEASED,
  type Settlement,
  settlementOf,
  type SettlementState,
  unknownAfter,
} from './payment.ts'
import { forget, move, recordUsage, update } from './settle.ts'
import { UnitOfWork } from './unitofwork.ts'

type Begun = Applied<BeginSettlementOutcome>

/**
 * Notes that a payment is about to be settled, before a settler is called. One caller at a time: for others the outcome is
 * unknown meanwhile.
 */
export function beginSettlement(book: Book, { charge, request }: BeginSettlementCommand, now: number): Begun {
  const work = new UnitOfWork(book)
  const found = knownCharge(book, charge, now)
  const part = found?.parts.find(({ id }) => id === request)
  if (found?.payment === undefined || part === undefined) return refused('charge-unknown')
  const last = caughtUp(work, found, now)
  const { settlement } = last.payment ?? found.payment
  switch (settlement.state) {
    case 'settled':
      return { outcome: { kind: 'settled', reference: settlement.reference }, changes: work.changes() }
    case 'failed':
      return refused(settlement.reason === RELEASED ? 'claim-expired' : 'payment-failed', work)
    case 'settling':
      if (settlement.by === request && settlement.until > now)
        return { outcome: { kind: 'begun', tries: settlement.tries }, changes: work.changes() }
      if (settlement.until > now) return refused('settlement-unknown', work)
      break
    case 'claimed':
    case 'unknown':
      break
  }
  if (part.end !== 'open') return refused('charge-unknown', work)
  const begun = asking(request, settlement, now)
  update(work, settledAs(last, begun), last.parts, now)
  return { outcome: { kind: 'begun', tries: begun.tries }, changes: work.changes() }
}

function refused(reason: Extract<BeginSettlementOutcome, { kind: 'refused' }>['reason'], work?: UnitOfWork): Begun {
  return { outcome: { kind: 'refused', reason }, changes: work?.changes() ?? [] }
}

/**
 * Takes the report of a settlement. A success is believed from any caller at any time, through whichever charge: the payment
 * is named. A failure is believed while the outcome is open, an `unknown` from the current caller alone.
 */
export function endSettlement(
  book: Book,
  { charge, request, settlement: heard }: EndSettlementCommand,
  now: number,
): Applied<EndSettlementOutcome> {
  const found = knownCharge(book, charge, now)
  const named = found?.chain.idempotency
  const last = heard.kind === 'settled' && named !== undefined ? book.chargeByKey(named.key) : found
  if (last?.payment === undefined) return { outcome: { kind: 'refused', reason: 'charge-unknown' }, changes: [] }
  const work = new UnitOfWork(book)
  const next = nextState(last, last.payment, { by: request, heard }, now)
  const known = next === undefined ? last : resolved(work, settledAs(withTriesLeft(last, next), next), last, now)
  if (next?.state === 'settled') oweCredit(work, last.payment.stored.credit, now)
  const { owed } = work.head
  const outcome = { kind: 'ended', settlement: knownOf(known, heard), ...(owed && { owed }) } as const
  return { outcome, changes: work.changes() }
}

function knownOf({ payment }: Charge, heard: Settlement): Settlement {
  return payment === undefined ? heard : settlementOf(payment)
}

interface SettlementReport {
  readonly by: string
  readonly heard: Settlement
}

/** Returns the next state; undefined if the present one stands. */
function nextState(
  { chain }: Charge,
  payment: ChargePayment,
  { by, heard }: SettlementReport,
  now: number,
): SettlementState | undefined {
  const { settlement } = payment
  if (settlement.state === 'settled') return undefined
  switch (heard.kind) {
    case 'settled':
      return { state: 'settled', reference: heard.reference, at: now }
    case 'failed': {
      const isOpen = settlement.state === 'settling' || settlement.state === 'unknown'
      return isOpen ? { state: 'failed', reason: heard.reason } : undefined
    }
    case 'unknown': {
      const isAsker = settlement.state === 'settling' && settlement.by === by
      if (!isAsker) return undefined
      return unknownAfter(settlement, heard.reference, evidenceUntil(payment, chain.since), now)
    }
  }
}

/** Updates a charge whose payment is known better. */
function resolved(work: UnitOfWork, charge: Charge, before: Charge, now: number): Charge {
  const { state } = charge.payment?.settlement ?? {}
  const isReleased = before.payment?.settlement.state === 'failed' && before.state === 'settled'
  if (state === 'settled' && isReleased) return reinstated(work, charge, now)
  return update(work, charge, state === 'failed' ? ended(charge) : charge.parts, now)
}

/** Takes a charge again that was given back because its payment was thought to have failed. */
function reinstated(work: UnitOfWork, before: Charge, now: number): Charge {
  const charge: Charge = { ...before, kept: before.reserved }
  const change = difference(charge.kept, before.kept)
  move(work, charge, change, now)
  recordUsage(work, charge, { kind: 'settled', change, at: now, corrects: `${charge.id}/amend` })
  work.putCharge(charge)
  return charge
}

/** Counts tries anew from the settlement on: before it nothing was paid, and no try could have delivered. */
function withTriesLeft(charge: Charge, { state }: SettlementState): Charge {
  return state === 'settled' ? { ...charge, chain: { ...charge.chain, tries: 1 } } : charge
}

function settledAs(charge: Charge, settlement: SettlementState): Charge {
  return charge.payment === undefined ? charge : { ...charge, payment: { ...charge.payment, settlement } }
}

/** Ends all open requests: without a payment nothing is delivered. */
function ended({ parts, reserved }: Charge): readonly Part[] {
  return parts.map((part): Part => (part.end === 'open' ? { ...part, end: 'none', used: none(reserved) } : part))
}

/**
 * Ends the request that called the settler before. It is gone, and has delivered nothing: no byte leaves before its report
 * is written down.
 */
export function withoutAsker({ parts, reserved, payment }: Charge): readonly Part[] {
  const asker = payment?.settlement.state === 'settling' ? payment.settlement.by : undefined
  const isAsker = ({ id, end }: Part): boolean => id === asker && end === 'open'
  return parts.map((part): Part => (isAsker(part) ? { ...part, end: 'none', used: none(reserved) } : part))
}

/**
 * Returns the charge as it stands now, even if the alarm is late: an overdue claim is released, since no settler was called.
 */
export function caughtUp(work: UnitOfWork, charge: Charge, now: number): Charge {
  const settlement = charge.payment?.settlement
  if (settlement?.state === 'claimed' && settlement.until <= now) return update(work, charge, ended(charge), now)
  const isDue = charge.state === 'open' && charge.actAt !== undefined && charge.actAt <= now
  return isDue && settlement?.state === 'settled' ? forget(work, charge, now) : charge
}

/** Lets the alarm call the settler if that is due; undefined if not. */
export function askAgain(work: UnitOfWork, charge: Charge, now: number): Effect | undefined {
  const { payment } = charge
  if (payment === undefined) return undefined
  const { settlement, stored } = payment
  const dueAt =
    settlement.state === 'settling' ? settlement.until : settlement.state === 'unknown' ? settlement.askAt : undefined
  if (dueAt === undefined || dueAt > now) return undefined
  const begun = asking(ALARM, settlement, now)
  update(work, settledAs(charge, begun), withoutAsker(charge), now)
  return { kind: 'settle', charge: charge.id, request: ALARM, payment: stored, tries: begun.tries }
}
