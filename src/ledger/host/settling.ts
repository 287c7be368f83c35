import { failureName } from '../../core/error.ts'
import { withTimeout } from '../../http/timeout.ts'
import type { Settle, Settlement, StoredPayment } from '../rules/payment.ts'
import type { LedgerOutside } from './outside.ts'

/** The time limit of a settler; shorter than `rules/payment.ts` allows a settlement to be in progress. */
const SETTLE_MS = 25_000

/** Asks the settler of a payment. Never throws; a settler that is missing, fails or is late leaves it unknown. */
export async function settled(payment: StoredPayment, tries: number, outside: LedgerOutside): Promise<Settlement> {
  const { settlerOf, warn } = outside
  const settle = settlerOf(payment.zone, payment.rail)
  if (settle === undefined) warn({ settle: payment.rail, error: 'the zone has no such rail any more' })
  const answer = settle && (await withTimeout(callSettler(settle, payment, tries, warn), SETTLE_MS))
  return answer ?? { kind: 'unknown' }
}

async function callSettler(
  settle: Settle,
  payment: StoredPayment,
  tries: number,
  warn: LedgerOutside['warn'],
): Promise<Settlement> {
  try {
    return await settle(payment, tries)
  } catch (error) {
    warn({ settle: payment.rail, error: failureName(error) })
    return { kind: 'unknown' }
  }
}
