/**
 * Delivers batches of records to billing, in order and at least once.
 *
 * Billing may refuse a batch for the content of a single record. Without care that record would be sent forever, and all
 * records behind it would wait. A refused batch is therefore halved until the record is alone, and that record is passed
 * over. A broken billing system may also answer 400 to everything. So a record is passed over only if billing took another
 * record in the same round, or if the record is older than the patience. No record is dropped without a line in the log.
 */
import { DAY_MS } from '../ledger/rules/calendar.ts'
import type { LedgerRecord } from '../ledger/rules/record.ts'
import type { Result } from '../core/result.ts'
import type { PostResponse } from './post.ts'
import type { Warn } from './sink.ts'

/**
 * The outcome of a batch. `taken`: billing has it. `refused`: the same content will be refused again. `again`: a retry may
 * succeed.
 */
export type DeliveryVerdict =
  | { readonly kind: 'taken' }
  | { readonly kind: 'refused'; readonly problem: string }
  | { readonly kind: 'again'; readonly problem: string }

export const TAKEN: DeliveryVerdict = { kind: 'taken' }

/** The statuses that refuse the content itself. An operator can cure the others: 401, 403, 404, 429, 5xx. */
const REFUSALS = new Set([400, 413, 422])

/** Returns the outcome that billing's response states. */
export function verdictOf(replied: Result<Pick<PostResponse, 'status'>, string>): DeliveryVerdict {
  if (!replied.ok) return { kind: 'again', problem: replied.error }
  const { status } = replied.value
  if (status >= 200 && status < 300) return TAKEN
  return { kind: REFUSALS.has(status) ? 'refused' : 'again', problem: `status ${status}` }
}

/** The patience: a weekend, and time for a repair. */
const PATIENCE_MS = 3 * DAY_MS

/** The terms of one round of delivery. */
interface DeliveryOptions {
  /** Milliseconds since 1970. */
  readonly now: number
  readonly warn: Warn
  /** The age at which a refused record is passed over although billing took nothing in this round. */
  readonly patienceMs?: number
}

/** The limit of refusals in one round. The rest waits for the next round. */
const MAX_REFUSALS = 32

/**
 * Sends batches to billing in order. Returns the positions of the records that billing took and of those passed over.
 *
 * A refused batch is halved until the refused record is alone. That record is passed over, with a line in the log, if
 * billing took another record in the same round: billing works, and would refuse this record forever. If billing took
 * nothing, the fault may be billing's own, which a status 400 does not tell. All records then stay, and a record refused
 * alone is passed over when it is older than `patienceMs`.
 */
export async function deliver(
  batches: readonly (readonly LedgerRecord[])[],
  send: (batch: readonly LedgerRecord[]) => Promise<DeliveryVerdict>,
  { now, warn, patienceMs = PATIENCE_MS }: DeliveryOptions,
): Promise<readonly number[]> {
  const waiting = batches.filter((batch) => batch.length > 0).reverse()
  const taken: number[] = []
  const refused: { record: LedgerRecord; problem: string }[] = []
  let refusals = 0
  for (let batch = waiting.pop(); batch !== undefined && refusals < MAX_REFUSALS; batch = waiting.pop()) {
    const verdict = await send(batch)
    if (verdict.kind === 'again') {
      warn(verdict.problem)
      break
    }
    if (verdict.kind === 'taken') {
      taken.push(...batch.map(({ position }) => position))
      continue
    }
    refusals += 1
    const [record] = batch
    if (batch.length === 1 && record !== undefined) refused.push({ record, problem: verdict.problem })
    else waiting.push(...halves(batch))
  }
  const skipped = refused.filter(({ record }) => taken.length > 0 || now - record.at > patienceMs)
  for (const { record, problem } of skipped) warn(`passed over: ${problem}`, record.id)
  const waitingRecord = refused.find((one) => !skipped.includes(one))
  if (waitingRecord !== undefined) warn(waitingRecord.problem, waitingRecord.record.id)
  return [...taken, ...skipped.map(({ record }) => record.position)]
}

/** Puts the first half last, because batches are taken from the end. */
function halves<T>(batch: readonly T[]): T[][] {
  const middle = Math.ceil(batch.length / 2)
  return [batch.slice(middle), batch.slice(0, middle)]
}
