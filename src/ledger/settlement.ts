import { refusal, type Refusal } from '../core/problem.ts'
import { err, ok, type Result } from '../core/result.ts'
import { discardResponse } from '../http/discard.ts'
import { isFieldName } from '../http/rules/fields.ts'
import type { Field } from '../http/rules/exchange.ts'
import { LEDGER_MS, withTimeout } from '../http/timeout.ts'
import type { Ledger } from '../ports.ts'
import type { Reservation } from './reservation.ts'
import type { ChargeRefused } from './rules/commands.ts'
import { isCharged } from './rules/delivered.ts'
import type { PaymentStatus, Settle, Settlement, StoredPayment } from './rules/payment.ts'

/** Checks and settles one payment. */
export interface Settler {
  readonly settle: Settle
  /** Checks the payment before an origin is asked, if whoever settles it can say beforehand that it would not. */
  readonly verify: () => Promise<Result<undefined, Refusal>>
  /** The response fields that tell the payer what became of it. */
  readonly receiptFields: (settlement: Settlement) => readonly Field[]
}

/** What it takes to have the payment of a reservation settled. */
export interface Settling extends Settler {
  readonly ledger: Pick<Ledger, 'beginSettlement' | 'endSettlement'>
  readonly charge: string
  readonly request: string
  readonly method: string
  readonly payment: StoredPayment
  /** As the ledger had it when the request was charged. */
  readonly status: PaymentStatus
}

/** A settler that has not answered by then has perhaps moved the money: nobody knows. */
const SETTLE_MS = 20_000
const VERIFY_MS = 10_000

const UNVERIFIED = refusal('payments-unavailable', 'The payment could not be checked now. Nothing was charged.', {
  check: 'charge',
})
const DECLINED = refusal('payment-declined', 'The payment was not settled. Nothing was charged.', { check: 'charge' })
const UNKNOWN = refusal(
  'settlement-unknown',
  'It is not known whether this payment has moved money. Send the same payment again. Do not pay again.',
  { check: 'charge', retryAfterSeconds: 2 },
)

/**
 * Returns the reservation, whose payment is settled when the head of the answer is good and before its first byte leaves: an
 * answer that costs nothing has nothing settled, and whatever breaks in between is for the ledger's alarm to close. A payment
 * of which nobody knows is asked for before the origin is.
 */
export function settling(reservation: Reservation, how: Settling): Reservation {
  const { method, status } = how
  let settled: Promise<Settlement> | undefined
  const settleOnce = (): Promise<Settlement> => (settled ??= settlementOf(how))
  return {
    charged: () => reservation.charged(),
    release: () => reservation.release(),
    async beforeOrigin() {
      if (status.state === 'claimed') return verified(how)
      return status.state === 'settling' ? verdictOf(await settleOnce(), how) : ok(undefined)
    },
    async commit(response, used) {
      if (!isCharged({ method, status: response.status })) return reservation.commit(response, used)
      const settlement = await settleOnce()
      const done = verdictOf(settlement, how)
      if (done.ok) return reservation.commit(withReceipt(response, settlement, how), used)
      discardResponse(response)
      reservation.release()
      return done
    },
  }
}

async function verified({ verify }: Settling): Promise<Result<undefined, Refusal>> {
  const asked = (async () => verify())().catch(() => err(UNVERIFIED))
  return (await withTimeout(asked, VERIFY_MS)) ?? err(UNVERIFIED)
}

function verdictOf(settlement: Settlement, { receiptFields }: Settler): Result<undefined, Refusal> {
  switch (settlement.kind) {
    case 'settled':
      return ok(undefined)
    case 'failed':
      return err(withFields(DECLINED, receiptOf(settlement, receiptFields)))
    case 'unknown':
      return err(withFields(UNKNOWN, receiptOf(settlement, receiptFields)))
  }
}

function withFields(why: Refusal, fields: readonly Field[]): Refusal {
  return fields.length === 0 ? why : { ...why, fields: [...(why.fields ?? []), ...fields] }
}

/** Returns the response with the receipt of its payment. The head of a WebSocket has no room for one. */
export function withReceipt(response: Response, settlement: Settlement, { receiptFields }: Settler): Response {
  if (response.status === 101) return response
  for (const [name, value] of receiptOf(settlement, receiptFields)) response.headers.set(name, value)
  return response
}

/** Returns the refusal of a ledger with what it has said of the payment, if nobody knows what became of that. */
export function withOutcome(why: Refusal, { payment }: ChargeRefused, settler: Settler | undefined): Refusal {
  if (why.reason !== 'settlement-unknown' || settler === undefined) return why
  const reference = payment?.state === 'unknown' ? payment.reference : undefined
  return withFields(why, receiptOf(unknown(reference), settler.receiptFields))
}

const FIELD_VALUE = /^[\x20-\x7e]*$/

/** The money may have moved by then: a rail that fails, and a field that is none, cost the payer nothing but the receipt. */
function receiptOf(settlement: Settlement, receiptFields: Settler['receiptFields']): readonly Field[] {
  try {
    return receiptFields(settlement).filter(([name, value]) => isFieldName(name) && FIELD_VALUE.test(value))
  } catch {
    return []
  }
}

function unknown(reference: string | undefined): Settlement {
  return reference === undefined ? { kind: 'unknown' } : { kind: 'unknown', reference }
}

/**
 * It is written down that somebody asks before anybody does, and what was heard before a byte leaves. If the ledger does not
 * say that either is written down, its alarm may be asking: nobody knows.
 */
async function settlementOf(how: Settling): Promise<Settlement> {
  const { status } = how
  if (status.state === 'settled') return { kind: 'settled', reference: status.reference }
  if (status.state === 'settling') return ask(how, status.tries)
  const { ledger, charge, request } = how
  const begun = await withTimeout(
    ledger.beginSettlement({ charge, request }).catch(() => undefined),
    LEDGER_MS,
  )
  if (begun?.ok !== true) return { kind: 'unknown' }
  switch (begun.value.kind) {
    case 'begun':
      return ask(how, begun.value.tries)
    case 'settled':
      return begun.value
    case 'refused': {
      const { reason } = begun.value
      // Whether an earlier request has asked is known of these alone.
      return reason === 'payment-failed' || reason === 'claim-expired'
        ? { kind: 'failed', reason }
        : { kind: 'unknown' }
    }
  }
}

async function ask({ ledger, charge, request, payment, settle }: Settling, tries: number): Promise<Settlement> {
  const asked = (async () => settle(payment, tries))().catch(() => unknown(undefined))
  const settlement = (await withTimeout(asked, SETTLE_MS)) ?? unknown(undefined)
  const ended = await withTimeout(
    ledger.endSettlement({ charge, request, settlement }).catch(() => undefined),
    LEDGER_MS,
  )
  if (ended?.ok === true && ended.value.kind === 'ended') return ended.value.settlement
  return unknown(settlement.kind === 'failed' ? undefined : settlement.reference)
}
