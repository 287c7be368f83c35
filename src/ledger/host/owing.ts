import { ok } from '../../core/result.ts'
import { withTimeout } from '../../http/timeout.ts'
import type { Applied, Book } from '../rules/book.ts'
import type { OwedCredit } from '../rules/owed.ts'
import type { EndSettlementOutcome } from '../rules/payment.ts'
import { verbs } from '../rules/verbs.ts'
import type { LedgerAnswer } from './groupcommit.ts'
import type { LedgerOutside } from './outside.ts'

/** Shorter than a gate waits for the ledger that it asks. */
const GRANT_MS = 2000

/** The ledger of the payment that bought credit. */
interface OwingLedger {
  apply<C, T>(verb: (book: Book, command: C, now: number) => Applied<T>, command: C): Promise<LedgerAnswer<T>>
  readonly outside: LedgerOutside
}

/**
 * Grants what a payment has bought, in the ledger of its account. Returns true once both ledgers know: of two grants of one id
 * there is only the first.
 */
export async function payOut({ ledger, place, ...bought }: OwedCredit, owing: OwingLedger): Promise<boolean> {
  const { ledgers, warn } = owing.outside
  const { id, units, currency } = bought
  const asked = ledgers?.(ledger, place)
    .grant({ id, units: BigInt(units), currency, ledger })
    .catch(() => undefined)
  const answered = asked && (await withTimeout(asked, GRANT_MS))
  if (answered?.ok === true) return (await owing.apply(verbs.paidOut, id)).ok
  warn({ ledger: 'credit that a payment has bought could not be granted' })
  return false
}

/** Pays out what is owed when a settlement has ended, so that the answer need not say that it is. */
export async function answerPaidOut(
  answer: LedgerAnswer<EndSettlementOutcome>,
  owing: OwingLedger,
): Promise<LedgerAnswer<EndSettlementOutcome>> {
  if (!answer.ok || answer.value.kind !== 'ended' || answer.value.owed === undefined) return answer
  const { owed, ...ended } = answer.value
  return (await payOut(owed, owing)) ? ok(ended) : answer
}
