import { err, ok, type Result } from '../core/result.ts'
import { sendAmendment } from './amendment.ts'
import type { Declined, PendingCharge, ReservedRequest } from './chargeledger.ts'
import { collectAnswer, keepsAnswers } from './keep.ts'
import { answerOfPayment, parkAnswer } from './paidanswers.ts'
import { refusedBy } from './refused.ts'
import { reservationOf } from './reservation.ts'
import type { Charged } from './rules/commands.ts'
import { settling } from './settlement.ts'
import { UNAVAILABLE } from './unavailable.ts'
import { variantOf } from './variant.ts'

/**
 * Reserves for a payment, which is settled before a byte leaves. An earlier request with the same payment may have had its answer
 * kept until then: this one is answered with that, and the origin is not asked again.
 */
export async function reservedPayment(
  pending: PendingCharge,
  outcome: Charged,
): Promise<Result<ReservedRequest, Declined>> {
  const { ledger, command, admitted, waitUntil, settler, makeRoom } = pending
  const { payment, idempotency, askedOnce } = command
  const { charge, request, isRepeat, payment: status = { state: 'claimed' } } = outcome
  if (payment === undefined || idempotency === undefined || settler === undefined) return err({ refusal: UNAVAILABLE })
  const { exchange, route } = admitted
  const isKept = keepsAnswers(admitted)
  const parked = isRepeat && isKept ? await answerOfPayment(ledger, idempotency.digest) : ok(undefined)
  if (!parked.ok) {
    await sendAmendment(ledger, { charge, request, delivery: 'none' })
    return err({ refusal: UNAVAILABLE })
  }
  const place = { ledger, charge: idempotency.digest }
  const collection = isKept && parked.value === undefined ? collectAnswer(admitted, makeRoom, place) : undefined
  const named = { variantOf: (response: Response) => variantOf(response, admitted) }
  const open = { ...outcome, method: exchange.method, isKeyed: true, collection, ...named }
  const isLost = status.state === 'settling' && askedOnce === 'before-settlement' && parked.value === undefined
  const reservation = settling(reservationOf(ledger, open, waitUntil, admitted.request.signal), {
    ...settler,
    ledger,
    charge,
    request,
    method: exchange.method,
    payment,
    status,
    settlesFirst: route.terms.kind === 'paid' && route.terms.offer.settlesFirst === true,
    park: collection && ((response) => parkAnswer(response, collection)),
    ...(isLost && { lost: LOST }),
  })
  const collecting = collection === undefined ? admitted : { ...admitted, collect: collection.begin }
  return ok({ admitted: collecting, reservation, ...(parked.value && { kept: parked.value }) })
}

/** The refusal after the settlement of a payment whose answer was lost. */
const LOST = refusedBy({ kind: 'refused', reason: 'idempotency-conflict', conflict: 'asked-once', limits: [] }, 0)
