/**
 * Charges a bounded request: from the plan, or by the receipt or payment beside it if the plan is used up.
 */
import { cachePartitionOf } from '../cache/rules/key.ts'
import type { Cost, PaymentCost } from '../access/cost.ts'
import { REASONS, type Refusal } from '../core/problem.ts'
import { err, ok, type Result } from '../core/result.ts'
import { chargeLedger, type Declined, type ReservedRequest } from './chargeledger.ts'
import { commandOf } from './command.ts'
import { boundTo } from './idempotency.ts'
import { measured } from './measured.ts'
import { type Payable, tighten, withOwnId } from './metered.ts'
import { UNKNOWN_KEY } from './refused.ts'
import { NOTHING_RESERVED } from './reservation.ts'
import type { Idempotency } from './rules/commands.ts'
import { ledgerName } from './rules/name.ts'
import { openLedger } from './rules/place.ts'
import type { Settler } from './settlement.ts'
import { UNAVAILABLE } from './unavailable.ts'
import { askWhileHeld } from './waiting.ts'

/**
 * Pays from the plan, and by the fallback if the plan is used up. If the fallback has paid for the request already, under a
 * key or as a payment, the plan does not pay again.
 */
export async function pay(payment: Payable): Promise<Result<ReservedRequest, Refusal>> {
  const { fallback, exchange, route } = payment.admitted
  if (fallback === undefined) return payWith(payment)
  const { proof, cost } = fallback
  const partition = cachePartitionOf(exchange, route, proof)
  const admitted = { ...payment.admitted, proof, fallback: undefined, partition }
  const byFallback: Payable = { ...payment, cost, admitted }
  const { idempotency = cost.from === 'payment' ? ANY_KEY : undefined } = payment
  if (idempotency !== undefined) {
    const again = await payWith({ ...byFallback, idempotency: { ...idempotency, isKnown: true } })
    if (again.ok || again.error !== UNKNOWN_KEY) return again
  }
  const charged = await payWith(payment)
  return charged.ok || !isUsedUp(charged.error) ? charged : payWith(withOwnId(byFallback))
}

/** Returns true if the plan has not enough units now. */
function isUsedUp({ reason, amounts }: Refusal): boolean {
  return reason === 'usage-limit-reached' || amounts?.left.units !== undefined
}

/** Returns what a payment has bought beside its request: the receipt of a pack. */
function boughtBy(
  { pack, name }: PaymentCost['paid'],
  { admitted, settlers, clock }: Payable,
): Settler['boughtFields'] {
  const { zone, route, exchange } = admitted
  const sell = settlers.packsOf(zone.id)
  if (pack === undefined || sell === undefined) return undefined
  return () => sell({ zone, route, payment: name, pack, exchange, now: clock() })
}

interface BoundedSettler extends Settler {
  /** Returns the refusal of a client whose payments were declined too often. */
  readonly limited: () => Refusal | undefined
}

/** The placeholder for a payment's own key. */
const ANY_KEY: Idempotency = { key: '', digest: '' }

/**
 * Charges the request. If something is too low: with a lower bound that its meter gives; after a while, if others may give back
 * what they have reserved; and at last with as much as is left, if the meter makes that of it.
 */
export async function payWith(payment: Payable): Promise<Result<ReservedRequest, Refusal>> {
  const { cost, admitted, waiters, clock, clientRetry } = payment
  if (cost === undefined) return ok({ admitted, reservation: NOTHING_RESERVED })
  if (clientRetry === undefined) return payWaiting(payment, cost)
  const request = `${ledgerName(admitted.zone, cost)} ${clientRetry.digest}`
  const isRetry = clientRetry.isRetry && !waiters.uncharged.take(request, clock())
  const paid = await payWaiting({ ...payment, clientRetry: { ...clientRetry, isRetry } }, cost)
  if (!paid.ok && isSentAgain(paid.error)) waiters.uncharged.note(request, clock())
  return paid
}

/** Returns true for a refusal after which clients send their request again, although nothing of it is left in the ledger. */
function isSentAgain({ reason }: Refusal): boolean {
  const { status } = REASONS[reason]
  return status === 429 || status >= 500
}

async function payWaiting(payment: Payable, cost: Cost): Promise<Result<ReservedRequest, Refusal>> {
  const { admitted, waiters } = payment
  let asked = payment
  let charged = await chargeOnce(payment)
  const lower = charged.ok ? undefined : await tighten(payment, charged.error.outcome, 'with what is held')
  if (lower !== undefined) {
    asked = withOwnId(lower)
    charged = await chargeOnce(asked)
  }
  const terms = { waiters, account: ledgerName(admitted.zone, cost), left: admitted.request.signal }
  charged = await askWhileHeld(charged, () => chargeOnce(withOwnId(asked)), terms)
  if (charged.ok) return charged
  const least = charged.error.outcome?.held && (await tighten(payment, charged.error.outcome, 'without'))
  const last = least === undefined ? charged : await chargeOnce(withOwnId(least))
  return last.ok ? last : err(last.error.refusal)
}

async function chargeOnce(payment: Payable): Promise<Result<ReservedRequest, Declined>> {
  const { cost, admitted, ledgers, clock, waitUntil, makeRoom } = payment
  if (cost === undefined) return ok({ admitted, reservation: NOTHING_RESERVED })
  if (ledgers === undefined) return err({ refusal: UNAVAILABLE })
  const ledger = openLedger(ledgers, admitted.zone, cost)
  const settler = cost.from === 'payment' ? settlerOf(cost, payment) : undefined
  if (cost.from === 'payment' && settler === undefined) return err({ refusal: UNAVAILABLE })
  const limited = settler?.limited()
  if (limited !== undefined) return err({ refusal: limited })
  const idempotency = cost.from === 'payment' ? await boundPaymentOf(cost, payment) : payment.idempotency
  const asked = commandOf(cost, admitted, clock())
  // A receipt is worth one request, whoever sends it again.
  const clientRetry = cost.from === 'account' ? payment.clientRetry : undefined
  const links = { ...(idempotency && { idempotency }), ...(clientRetry && { clientRetry }) }
  const command = { ...asked, id: payment.chargeId ?? asked.id, ...links }
  const charged = await chargeLedger({ ledger, command, admitted, waitUntil, settler, makeRoom })
  return charged.ok ? ok({ ...charged.value, reservation: measured(charged.value.reservation, payment) }) : charged
}

/** Binds a payment to its request. A payment is its own key. */
async function boundPaymentOf(cost: PaymentCost, { admitted, idempotency }: Payable): Promise<Idempotency> {
  const bound = await boundTo(admitted, cost)
  return idempotency?.isKnown === true ? { ...bound, isKnown: true } : bound
}

/** Returns the settler of a payment. What it declines is counted, and a client of which it declined too many is refused. */
export function settlerOf({ paid }: PaymentCost, payment: Payable): BoundedSettler | undefined {
  const { admitted, settlers, clock, waitUntil, paymentFailures } = payment
  const found = settlers.of(admitted.zone.id, paid.rail)
  if (found === undefined) return undefined
  const { failures } = found
  const noteIf = (isDeclined: boolean): void => {
    if (isDeclined && failures !== undefined) paymentFailures.note(admitted, failures, clock())
  }
  return {
    limited: () => failures && paymentFailures.refusalOf(admitted, failures, clock()),
    async settle(stored, tries) {
      const settlement = await found.settle(stored, tries)
      noteIf(settlement.kind === 'failed')
      return settlement
    },
    async verify() {
      const verified = (await found.verify?.(paid, { now: clock(), waitUntil })) ?? ok(undefined)
      noteIf(!verified.ok && verified.error.reason === 'payment-declined')
      return verified
    },
    receiptFields: (settlement) => found.receiptFields?.(settlement, paid) ?? [],
    boughtFields: boughtBy(paid, payment),
  }
}
