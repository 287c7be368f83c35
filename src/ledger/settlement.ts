/**
 * Settles a machine payment between the origin's head and the first byte of content.
 *
 * The payer must not pay for an error, and must not read before the money has moved. So a payment is claimed by the charge,
 * settled if the origin's head is good, and the content leaves only after that. The ledger is told before the settler is
 * called and again before a byte leaves; if either note fails, or the settler does not answer, nobody knows whether money
 * moved. Such a payment is `unknown`: the client is told to send the same payment again and no other, and the ledger's alarm
 * keeps asking until evidence closes it.
 */
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
  /** Checks the payment before an origin is asked, if its settler can tell in advance that it would fail. */
  readonly verify: () => Promise<Result<undefined, Refusal>>
  /** Returns the response fields that tell the payer about the settlement. */
  readonly receiptFields: (settlement: Settlement) => readonly Field[]
  /** Returns the response fields that give what a settled payment has bought beside this request; absent if nothing. */
  readonly boughtFields?: (() => Promise<readonly Field[]>) | undefined
}

/** A reservation's payment and the means to settle it. */
export interface Settling extends Settler {
  readonly ledger: Pick<Ledger, 'beginSettlement' | 'endSettlement'>
  readonly charge: string
  readonly request: string
  readonly method: string
  readonly payment: StoredPayment
  /** The ledger's state of the payment when the request was charged. */
  readonly status: PaymentStatus
  /** True if the payment is settled before the origin is asked. */
  readonly settlesFirst: boolean
  /** Keeps an answer until it is known that its payment has settled; absent if answers are not kept. */
  readonly park?: ((response: Response) => Promise<void>) | undefined
  /** The refusal, after settlement, of a request that the origin was asked for before; absent if it may be asked. */
  readonly lost?: Refusal | undefined
}

/**
 * The time limit of a settler, which has its own, shorter ones: what those have heard is kept. After it the outcome is
 * unknown: the money may have moved.
 */
const SETTLE_MS = 25_000
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
 * Adds settlement to a reservation: the payment is settled once the head of the answer is good, before its first byte
 * leaves, or before the origin is asked. An answer that costs nothing settles nothing, and is for payments that were checked:
 * a stored one as well. The ledger's alarm closes whatever breaks in between. A payment in an unknown state is asked for before
 * the origin is.
 */
export function settling(reservation: Reservation, options: Settling): Reservation {
  const { method, status, park, lost, payment } = options
  // What never costs moves no money, however early.
  const settlesFirst = options.settlesFirst && isCharged({ method, status: 200 })
  let isChecked = false
  let settled: Promise<Settlement> | undefined
  const settleOnce = (): Promise<Settlement> => (settled ??= settlementOf(options))
  return {
    charged: () => reservation.charged(),
    release: () => reservation.release(),
    async beforeOrigin() {
      isChecked = true
      if (status.state === 'claimed' && !settlesFirst) return verified(options)
      const isOver = status.state === 'settled' && payment.credit === undefined
      const verdict = isOver ? ok(undefined) : verdictOf(await settleOnce(), options)
      return verdict.ok && lost !== undefined ? err(lost) : verdict
    },
    async commit(response, used) {
      if (!isCharged({ method, status: response.status })) {
        const why = isChecked || status.state !== 'claimed' ? ok(undefined) : await verified(options)
        if (why.ok) return reservation.commit(response, used)
        discardResponse(response)
        reservation.release()
        return why
      }
      const settlement = await settleOnce()
      const verdict = verdictOf(settlement, options)
      if (verdict.ok)
        return reservation.commit(await withBought(withReceipt(response, settlement, options), options), used)
      if (settlement.kind === 'unknown' && park !== undefined) await park(response)
      else discardResponse(response)
      reservation.release()
      return verdict
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
      return err(
        withFields({ ...DECLINED, facts: { declined: settlement.reason } }, receiptOf(settlement, receiptFields)),
      )
    case 'unknown':
      return err(withFields(UNKNOWN, receiptOf(settlement, receiptFields)))
  }
}

function withFields(why: Refusal, fields: readonly Field[]): Refusal {
  return fields.length === 0 ? why : { ...why, fields: [...(why.fields ?? []), ...fields] }
}

/** Adds the receipt of the payment to a response. The head of a WebSocket has no room for one. */
export function withReceipt(response: Response, settlement: Settlement, { receiptFields }: Settler): Response {
  if (response.status === 101) return response
  for (const [name, value] of receiptOf(settlement, receiptFields)) response.headers.set(name, value)
  return response
}

/** Adds what the payment has bought beside the request. The same payment again gets the same. */
export async function withBought(response: Response, { boughtFields }: Settler): Promise<Response> {
  if (response.status === 101 || boughtFields === undefined) return response
  for (const [name, value] of await boughtFields()) response.headers.append(name, value)
  return response
}

/** Adds to a ledger's refusal its facts about the payment, if the outcome is unknown. */
export function withOutcome(why: Refusal, { payment }: ChargeRefused, settler: Settler | undefined): Refusal {
  if (why.reason !== 'settlement-unknown' || settler === undefined) return why
  const reference = payment?.state === 'unknown' ? payment.reference : undefined
  return withFields(why, receiptOf(unknown(reference), settler.receiptFields))
}

const FIELD_VALUE = /^[\x20-\x7e]*$/

/**
 * Returns the receipt fields. Drops malformed ones, and all of them if the rail throws: the money may have moved, so the
 * payer loses no more than the receipt.
 */
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
 * Settles, with a note in the ledger before the settler is called, and another before a byte leaves. If either note is not
 * confirmed, the ledger's alarm may be settling as well, and the outcome is unknown.
 */
async function settlementOf(options: Settling): Promise<Settlement> {
  const { status } = options
  if (status.state === 'settled') return settledBefore(options, status.reference)
  if (status.state === 'settling') return callSettler(options, status.tries)
  const { ledger, charge, request } = options
  const begun = await withTimeout(
    ledger.beginSettlement({ charge, request }).catch(() => undefined),
    LEDGER_MS,
  )
  if (begun?.ok !== true) return { kind: 'unknown' }
  switch (begun.value.kind) {
    case 'begun':
      return callSettler(options, begun.value.tries)
    case 'settled':
      return settledBefore(options, begun.value.reference)
    case 'refused': {
      const { reason } = begun.value
      // Only for these reasons is it known that no earlier request has called the settler.
      return reason === 'payment-failed' || reason === 'claim-expired'
        ? { kind: 'failed', reason }
        : { kind: 'unknown' }
    }
  }
}

async function callSettler(options: Settling, tries: number): Promise<Settlement> {
  const { payment, settle } = options
  const asked = (async () => settle(payment, tries))().catch(() => unknown(undefined))
  return ended(options, (await withTimeout(asked, SETTLE_MS)) ?? unknown(undefined))
}

/** Returns a settlement of an earlier request. If it bought credit, that may still be owed: its ledger is asked to grant it. */
async function settledBefore(options: Settling, reference: string): Promise<Settlement> {
  const settled = { kind: 'settled', reference } as const
  return options.payment.credit === undefined ? settled : ended(options, settled)
}

/** Notes a settlement. While its account has not got the credit that was bought, the outcome is unknown to the client. */
async function ended({ ledger, charge, request }: Settling, settlement: Settlement): Promise<Settlement> {
  const answered = await withTimeout(
    ledger.endSettlement({ charge, request, settlement }).catch(() => undefined),
    LEDGER_MS,
  )
  const known = answered?.ok === true && answered.value.kind === 'ended' ? answered.value : undefined
  if (known !== undefined && known.owed === undefined) return known.settlement
  return unknown(settlement.kind === 'failed' ? undefined : settlement.reference)
}
