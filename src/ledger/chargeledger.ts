/**
 * Sends one charge to one ledger, and turns each possible answer into a reservation or a refusal.
 *
 * Three complications are handled here. A late answer: the client is refused, and the charge is taken back once it arrives.
 * A repeat: the ledger may join the request to an earlier charge, as a further part of the same representation or under a
 * key; if the origin's answer turns out to be something else, it is charged anew. A delivered answer: under a key the answer
 * kept by the ledger is sent again for free, or the stored copy if it is still the same. A reservation with a payment also
 * settles it.
 */
import type { Refusal } from '../core/problem.ts'
import { err, ok, type Result } from '../core/result.ts'
import { LEDGER_MS, withTimeout } from '../http/timeout.ts'
import type { AdmittedRequest, Ledger, WaitUntil } from '../ports.ts'
import type { MakeRoom } from '../http/body.ts'
import { sendAmendment } from './amendment.ts'
import { fromStoreOnly } from './idempotency.ts'
import { type AnswerCollection, collectAnswer, keepsAnswers } from './keep.ts'
import { answerOfPayment, keptFor } from './paidanswers.ts'
import { reservedPayment } from './reservedpayment.ts'
import { openedOften, refusedBy } from './refused.ts'
import { orAnew, ratedReservation, type Reservation, reservationOf, sameAgain } from './reservation.ts'
import type { KeptAnswer } from './rules/answers.ts'
import type { ChargeCommand, Charged, ChargeRefused } from './rules/commands.ts'
import { isOnlyRated } from './rules/rates.ts'
import { type Settler, withBought, withReceipt, withOutcome } from './settlement.ts'
import { UNAVAILABLE } from './unavailable.ts'
import { variantOf } from './variant.ts'

/**
 * A request ready to be answered, with its reservation. `admitted` may differ from the original, as with a fallback's proof.
 */
export interface ReservedRequest {
  readonly admitted: AdmittedRequest
  readonly reservation: Reservation
  /** The answer that an earlier request with the same key got. No origin is asked. */
  readonly kept?: KeptAnswer
}

/** A charge to send to one ledger on behalf of a request. */
export interface PendingCharge {
  readonly ledger: Ledger
  readonly command: ChargeCommand
  readonly admitted: AdmittedRequest
  readonly waitUntil: WaitUntil
  /** Settles the payment of the command; undefined if there is none. */
  readonly settler?: Settler | undefined
  readonly makeRoom: MakeRoom
}

/** A refused charge. `outcome` is the ledger's answer; undefined if the ledger did not answer. */
export interface Declined {
  readonly refusal: Refusal
  readonly outcome?: ChargeRefused
}

/** Charges a ledger. If the answer is late, a charge that it made is taken back. */
export async function chargeLedger(pending: PendingCharge): Promise<Result<ReservedRequest, Declined>> {
  const { ledger, command, admitted, waitUntil } = pending
  const asked = ledger.charge(command).catch((): Awaited<ReturnType<Ledger['charge']>> => err('ledger-unavailable'))
  const answered = await withTimeout(asked, LEDGER_MS)
  if (answered === undefined || !answered.ok) {
    if (!isOnlyRated(command)) waitUntil(takeBack(ledger, command, asked))
    return err({ refusal: UNAVAILABLE })
  }
  const outcome = answered.value
  if (outcome.kind === 'refused') return refusedOrRepeated(outcome, pending)
  if (isOnlyRated(command)) return ok({ admitted, reservation: ratedReservation(outcome) })
  return command.payment === undefined ? ok(reserved(pending, outcome)) : reservedPayment(pending, outcome)
}

function reserved(pending: PendingCharge, outcome: Charged): ReservedRequest {
  const { ledger, command, admitted, waitUntil } = pending
  const isKeyed = command.idempotency !== undefined
  const { charge } = outcome
  const isCollected = isKeyed && keepsAnswers(admitted)
  const collection = isCollected ? collectAnswer(admitted, pending.makeRoom, { ledger, charge }) : undefined
  const named = { variantOf: (response: Response) => variantOf(response, admitted) }
  const open = { ...outcome, method: admitted.exchange.method, isKeyed, collection, ...named }
  const shown = shownId(admitted, command, outcome)
  const told = shown === undefined ? open : { ...open, shown }
  const reservation = reservationOf(ledger, told, waitUntil, admitted.request.signal)
  const isOfRanges = !isKeyed && command.clientRetry === undefined
  const isPart = outcome.isRepeat && isOfRanges && (command.confirmation === undefined || isFurther(command, outcome))
  const endsMs = outcome.receipt?.passUntil
  const known = shown === undefined ? admitted : { ...admitted, charge: shown }
  const bounded = endsMs === undefined && collection === undefined ? known : withTerms(known, endsMs, collection)
  const { representation } = outcome
  const recharge = (ofPart: string | undefined) => chargeAnew(pending, ofPart)
  return { admitted: bounded, reservation: isPart ? orAnew(reservation, representation, recharge) : reservation }
}

/** Returns the id by which the account of a metered request knows its charge. A receipt pays for what it is, unmetered. */
function shownId(
  { bound }: AdmittedRequest,
  { receipt, payment }: ChargeCommand,
  { charge, first = charge }: Charged,
): string | undefined {
  return bound === undefined || receipt !== undefined || payment !== undefined ? undefined : first
}

function withTerms(
  admitted: AdmittedRequest,
  endsMs: number | undefined,
  collection: AnswerCollection | undefined,
): AdmittedRequest {
  return { ...admitted, ...(endsMs !== undefined && { endsMs }), ...(collection && { collect: collection.begin }) }
}

/**
 * Returns true if the ledger knows which representation the request continues, though the request could not say so: the
 * answer must be part of that one.
 */
function isFurther({ isPart, representation }: ChargeCommand, outcome: Charged): boolean {
  return isPart === true && representation === undefined && outcome.representation !== undefined
}

async function chargeAnew(
  { command, ...pending }: PendingCharge,
  ofPart: string | undefined,
): Promise<Result<Reservation, Refusal>> {
  // The request took its place under the rates when it came.
  const { rates: _rates, ...whole } = command
  const part = ofPart === undefined ? { isPart: false } : { representation: ofPart }
  const charged = await chargeLedger({ ...pending, command: { ...whole, ...part, id: crypto.randomUUID() } })
  return charged.ok ? ok(charged.value.reservation) : err(charged.error.refusal)
}

/**
 * Answers with the kept answer if the same request was answered before, or from the store if the content delivered then is
 * still the same. Else returns the refusal.
 */
async function refusedOrRepeated(
  outcome: ChargeRefused,
  pending: PendingCharge,
): Promise<Result<ReservedRequest, Declined>> {
  const { command, admitted, settler } = pending
  const { confirmation } = command
  if (confirmation !== undefined && outcome.conflict !== undefined)
    return err({ refusal: openedOften(admitted.exchange, confirmation) })
  if (outcome.delivered !== undefined && keepsAnswers(admitted)) {
    const kept = await answerFor(pending, outcome.delivered)
    // The client may come again: that nothing is kept is known only if the ledger says so.
    if (!kept.ok) return err({ refusal: UNAVAILABLE })
    if (kept.value !== undefined && outcome.conflict === 'asked-once') return deliverParked(pending)
    const reservation = withPaymentReceipt(ratedReservation(outcome), outcome, settler)
    if (kept.value !== undefined) return ok({ admitted, reservation, kept: kept.value })
  }
  const why = withOutcome(refusedBy(outcome, admitted.exchange.now, command), outcome, settler)
  const { representation } = outcome
  const isPart = isFurtherPart(outcome, command)
  if (representation === undefined || (admitted.partition.name === undefined && !isPart))
    return err({ refusal: why, outcome })
  const same = sameAgain(representation, outcome, why, (response) => variantOf(response, admitted))
  const again = withPaymentReceipt(same, outcome, settler)
  return ok({ admitted: isPart ? admitted : fromStoreOnly(admitted), reservation: again })
}

/** Returns true for a further Range of what a payment has paid for: it is asked for again, and only the same one is served. */
function isFurtherPart({ isContinuable, representation }: ChargeRefused, { isPart }: ChargeCommand): boolean {
  return isContinuable === true && isPart === true && representation?.startsWith('"') === true
}

/** Finds the answer that was delivered: under a key by its charge, for a payment by the request that it is bound to. */
function answerFor({ ledger, command }: PendingCharge, delivered: string): ReturnType<Ledger['keptAnswer']> {
  const { payment, idempotency } = command
  return payment === undefined || idempotency === undefined
    ? keptFor(ledger, delivered, 'replay')
    : answerOfPayment(ledger, idempotency.digest)
}

/** Charges once more for an answer that waits for its payment: the origin is not asked, and the delivery is recorded. */
function deliverParked({ command, ...pending }: PendingCharge): Promise<Result<ReservedRequest, Declined>> {
  const { askedOnce: _asked, ...anew } = command
  return chargeLedger({ ...pending, command: anew })
}

/** Shows the receipt of a settled payment with each repeat. */
function withPaymentReceipt(
  reservation: Reservation,
  { payment }: ChargeRefused,
  settler: Settler | undefined,
): Reservation {
  if (settler === undefined || payment?.state !== 'settled') return reservation
  const { reference } = payment
  return {
    ...reservation,
    async commit(response, used) {
      const committed = await reservation.commit(response, used)
      if (!committed.ok) return committed
      return ok(await withBought(withReceipt(committed.value, { kind: 'settled', reference }, settler), settler))
    },
  }
}

/**
 * Releases a charge whose answer comes late: its client was refused. The request may have joined another request's charge.
 */
async function takeBack(ledger: Ledger, { id }: ChargeCommand, asked: ReturnType<Ledger['charge']>): Promise<void> {
  const late = await asked
  const { charge, request } = late.ok && late.value.kind === 'charged' ? late.value : { charge: id, request: id }
  await sendAmendment(ledger, { charge, request, delivery: 'none' })
}
