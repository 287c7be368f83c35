import type { Refusal } from '../core/problem.ts'
import { err, ok, type Result } from '../core/result.ts'
import { LEDGER_MS, withTimeout } from '../http/timeout.ts'
import type { AdmittedRequest, Ledger, WaitUntil } from '../ports.ts'
import { openedOften } from './confirm.ts'
import { fromStoreOnly } from './idempotency.ts'
import { refusedBy } from './refused.ts'
import { orAnew, ratedReservation, type Reservation, reservationOf, sameAgain, sendAmendment } from './reservation.ts'
import type { ChargeCommand, Charged, ChargeRefused } from './rules/commands.ts'
import { isOnlyRated } from './rules/rates.ts'
import { type Settler, settling, withReceipt, withOutcome } from './settlement.ts'
import { UNAVAILABLE } from './unavailable.ts'

/** A request that may be answered, as it is to be asked for, and what was reserved for it. */
export interface ReservedRequest {
  readonly admitted: AdmittedRequest
  readonly reservation: Reservation
}

/** A command to one ledger, in the name of a request. */
export interface PendingCharge {
  readonly ledger: Ledger
  readonly command: ChargeCommand
  readonly admitted: AdmittedRequest
  readonly waitUntil: WaitUntil
  /** Who settles the payment of the command, if it has one. */
  readonly settler?: Settler | undefined
}

/** Why nothing was charged; `outcome` says how the ledger stands, if it has said so. */
export interface Declined {
  readonly refusal: Refusal
  readonly outcome?: ChargeRefused
}

/** Charges a ledger. If its answer does not come in time, what it may have charged is taken back. */
export async function chargeLedger(order: PendingCharge): Promise<Result<ReservedRequest, Declined>> {
  const { ledger, command, admitted, waitUntil } = order
  const asked = ledger.charge(command).catch((): Awaited<ReturnType<Ledger['charge']>> => err('ledger-unavailable'))
  const answered = await withTimeout(asked, LEDGER_MS)
  if (answered === undefined || !answered.ok) {
    if (!isOnlyRated(command)) waitUntil(takeBack(ledger, command, asked))
    return err({ refusal: UNAVAILABLE })
  }
  const outcome = answered.value
  if (outcome.kind === 'refused') return refusedOrRepeated(outcome, order)
  if (isOnlyRated(command)) return ok({ admitted, reservation: ratedReservation(outcome) })
  return ok(reserved(order, outcome))
}

function reserved(order: PendingCharge, outcome: Charged): ReservedRequest {
  const { ledger, command, admitted, waitUntil, settler } = order
  const isKeyed = command.idempotency !== undefined
  const open = { ...outcome, method: admitted.exchange.method, isKeyed }
  const reservation = reservationOf(ledger, open, waitUntil, admitted.request.signal)
  const { payment } = command
  if (payment !== undefined && settler !== undefined) {
    const { charge, request, payment: status = { state: 'claimed' } } = outcome
    const { method } = admitted.exchange
    return {
      admitted,
      reservation: settling(reservation, { ...settler, ledger, charge, request, method, payment, status }),
    }
  }
  const isPart = outcome.isRepeat && !isKeyed && (command.confirmation === undefined || isFurther(command, outcome))
  const endsMs = outcome.receipt?.passUntil
  const bounded = endsMs === undefined ? admitted : { ...admitted, endsMs }
  const { representation } = outcome
  const anew = (ofPart: string | undefined) => chargeAnew(order, ofPart)
  return { admitted: bounded, reservation: isPart ? orAnew(reservation, representation, anew) : reservation }
}

/** Of what was confirmed and opened: what it is known to be part of is what the answer must be part of. */
function isFurther({ isPart, representation }: ChargeCommand, outcome: Charged): boolean {
  return isPart === true && representation === undefined && outcome.representation !== undefined
}

async function chargeAnew(
  { command, ...order }: PendingCharge,
  ofPart: string | undefined,
): Promise<Result<Reservation, Refusal>> {
  // It took its place under the rates when it came.
  const { rates: _rates, ...whole } = command
  const part = ofPart === undefined ? { isPart: false } : { representation: ofPart }
  const charged = await chargeLedger({ ...order, command: { ...whole, ...part, id: crypto.randomUUID() } })
  return charged.ok ? ok(charged.value.reservation) : err(charged.error.refusal)
}

/** What was delivered before may be had again, where it is stored and still the same. */
function refusedOrRepeated(
  outcome: ChargeRefused,
  { command: { confirmation }, admitted, settler }: PendingCharge,
): Result<ReservedRequest, Declined> {
  if (confirmation !== undefined && outcome.conflict !== undefined)
    return err({ refusal: openedOften(admitted.exchange, confirmation) })
  const why = withOutcome(refusedBy(outcome), outcome, settler)
  if (outcome.representation === undefined || admitted.partition.name === undefined)
    return err({ refusal: why, outcome })
  const reservation = sameAgain(outcome.representation, outcome, why)
  return ok({ admitted: fromStoreOnly(admitted), reservation: receipted(reservation, outcome, settler) })
}

/** What was settled once is shown with its receipt each time. */
function receipted(reservation: Reservation, { payment }: ChargeRefused, settler: Settler | undefined): Reservation {
  if (settler === undefined || payment?.state !== 'settled') return reservation
  const { reference } = payment
  return {
    ...reservation,
    async commit(response, used) {
      const committed = await reservation.commit(response, used)
      return committed.ok ? ok(withReceipt(committed.value, { kind: 'settled', reference }, settler)) : committed
    },
  }
}

/** Who was refused has not paid, though the ledger should hear of it late: a part may have joined another's charge. */
async function takeBack(ledger: Ledger, { id }: ChargeCommand, asked: ReturnType<Ledger['charge']>): Promise<void> {
  const late = await asked
  const { charge, request } = late.ok && late.value.kind === 'charged' ? late.value : { charge: id, request: id }
  await sendAmendment(ledger, { charge, request, delivery: 'none' })
}
