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
import { openedOften, refusedBy } from './refused.ts'
import { orAnew, ratedReservation, type Reservation, reservationOf, sameAgain } from './reservation.ts'
import type { KeptAnswer } from './rules/answers.ts'
import type { ChargeCommand, Charged, ChargeRefused } from './rules/commands.ts'
import { isOnlyRated } from './rules/rates.ts'
import { type Settler, settling, withReceipt, withOutcome } from './settlement.ts'
import { UNAVAILABLE } from './unavailable.ts'

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
  return ok(reserved(pending, outcome))
}

function reserved(pending: PendingCharge, outcome: Charged): ReservedRequest {
  const { ledger, command, admitted, waitUntil, settler } = pending
  const isKeyed = command.idempotency !== undefined
  const isCollected = isKeyed && command.payment === undefined && keepsAnswers(admitted)
  const collection = isCollected ? collectAnswer(admitted, pending.makeRoom) : undefined
  const open = { ...outcome, method: admitted.exchange.method, isKeyed, collection }
  const shown = shownId(admitted, command, outcome)
  const told = shown === undefined ? open : { ...open, shown }
  const reservation = reservationOf(ledger, told, waitUntil, admitted.request.signal)
  const { payment } = command
  if (payment !== undefined && settler !== undefined) {
    const { charge, request, payment: status = { state: 'claimed' } } = outcome
    const { exchange, route } = admitted
    const settlesFirst = route.terms.kind === 'paid' && route.terms.offer.settlesFirst === true
    const terms = { ledger, charge, request, method: exchange.method, payment, status, settlesFirst }
    return { admitted, reservation: settling(reservation, { ...settler, ...terms }) }
  }
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
  { ledger, command, admitted, settler }: PendingCharge,
): Promise<Result<ReservedRequest, Declined>> {
  const { confirmation } = command
  if (confirmation !== undefined && outcome.conflict !== undefined)
    return err({ refusal: openedOften(admitted.exchange, confirmation) })
  if (outcome.delivered !== undefined && keepsAnswers(admitted)) {
    const kept = await keptAnswerOf(ledger, outcome.delivered)
    // The client may come again: that nothing is kept is known only if the ledger says so.
    if (!kept.ok) return err({ refusal: UNAVAILABLE })
    if (kept.value !== undefined) return ok({ admitted, reservation: ratedReservation(outcome), kept: kept.value })
  }
  const why = withOutcome(refusedBy(outcome, admitted.exchange.now, command), outcome, settler)
  if (outcome.representation === undefined || admitted.partition.name === undefined)
    return err({ refusal: why, outcome })
  const reservation = sameAgain(outcome.representation, outcome, why)
  return ok({ admitted: fromStoreOnly(admitted), reservation: withPaymentReceipt(reservation, outcome, settler) })
}

async function keptAnswerOf(ledger: Ledger, charge: string): ReturnType<Ledger['keptAnswer']> {
  const asked = ledger
    .keptAnswer({ charge, purpose: 'replay' })
    .catch((): Awaited<ReturnType<Ledger['keptAnswer']>> => err('ledger-unavailable'))
  return (await withTimeout(asked, LEDGER_MS)) ?? err('ledger-unavailable')
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
      return committed.ok ? ok(withReceipt(committed.value, { kind: 'settled', reference }, settler)) : committed
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
