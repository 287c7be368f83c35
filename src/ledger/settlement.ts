import { refusal, type Refusal } from '../core/problem.ts'
import { err, ok, type Result } from '../core/result.ts'
import { withTimeout } from '../http/timeout.ts'
import type { Ledger } from '../ports.ts'
import { UNAVAILABLE } from './unavailable.ts'
import type { Reservation } from './reservation.ts'
import { isCharged } from './rules/delivered.ts'
import type { PaymentStatus, Settle, Settlement, StoredPayment } from './rules/payment.ts'

/** What it takes to have the payment of a reservation settled. */
export interface Settling {
  readonly ledger: Ledger
  readonly charge: string
  readonly request: string
  readonly method: string
  readonly payment: StoredPayment
  /** As the ledger had it when the request was charged. */
  readonly status: PaymentStatus
  readonly settle: Settle
  /** Checks the payment before an origin is asked, where whoever settles it can say beforehand that it would not. */
  readonly verify: (() => Promise<Result<undefined, Refusal>>) | undefined
}

/** A settler that has not answered by then has perhaps moved the money: nobody knows. */
const SETTLE_MS = 20_000

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
  const { method, status, verify } = how
  let settled: Promise<Settlement | 'unavailable'> | undefined
  const settleOnce = async (): Promise<Result<undefined, Refusal>> => verdictOf(await (settled ??= settlementOf(how)))
  return {
    charged: () => reservation.charged(),
    release: () => reservation.release(),
    async beforeOrigin() {
      if (status.state === 'settling') return settleOnce()
      return status.state === 'claimed' && verify !== undefined ? verify() : ok(undefined)
    },
    async commit(response, used) {
      if (!isCharged({ method, status: response.status })) return reservation.commit(response, used)
      const done = await settleOnce()
      if (done.ok) return reservation.commit(response, used)
      response.body?.cancel().catch(() => undefined)
      reservation.release()
      return done
    },
  }
}

function verdictOf(settlement: Settlement | 'unavailable'): Result<undefined, Refusal> {
  if (settlement === 'unavailable') return err(UNAVAILABLE)
  switch (settlement.kind) {
    case 'settled':
      return ok(undefined)
    case 'failed':
      return err(DECLINED)
    case 'unknown':
      return err(UNKNOWN)
  }
}

/** It is written down that somebody asks before anybody does, and what was heard before a byte leaves. */
async function settlementOf(how: Settling): Promise<Settlement | 'unavailable'> {
  const { ledger, charge, request, payment, status, settle } = how
  if (status.state === 'settled') return { kind: 'settled', reference: status.reference }
  const begun = status.state === 'settling' ? ok({ kind: 'begun' as const, tries: status.tries }) : await begin(how)
  if (!begun.ok) return 'unavailable'
  switch (begun.value.kind) {
    case 'settled':
      return begun.value
    case 'refused':
      return begun.value.reason === 'settlement-unknown'
        ? { kind: 'unknown' }
        : { kind: 'failed', reason: begun.value.reason }
    case 'begun': {
      const asked = settle(payment, begun.value.tries).catch((): Settlement => ({ kind: 'unknown' }))
      const settlement = (await withTimeout(asked, SETTLE_MS)) ?? { kind: 'unknown' }
      const ended = await ledger.endSettlement({ charge, request, settlement }).catch(() => undefined)
      if (ended?.ok !== true || ended.value.kind === 'refused') return { kind: 'unknown' }
      return ended.value.settlement
    }
  }
}

function begin({ ledger, charge, request }: Settling): ReturnType<Ledger['beginSettlement']> {
  return ledger
    .beginSettlement({ charge, request })
    .catch((): Awaited<ReturnType<Ledger['beginSettlement']>> => err('ledger-unavailable'))
}
