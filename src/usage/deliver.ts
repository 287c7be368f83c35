import { DAY_MS } from '../ledger/rules/calendar.ts'
import type { LedgerRecord } from '../ledger/rules/record.ts'
import type { Result } from '../core/result.ts'
import type { PostResponse } from './post.ts'
import type { Warn } from './sink.ts'

/** What became of a batch. `refused`: the same will not be taken a second time. `again`: it may be. */
export type DeliveryVerdict =
  | { readonly kind: 'taken' }
  | { readonly kind: 'refused'; readonly problem: string }
  | { readonly kind: 'again'; readonly problem: string }

export const TAKEN: DeliveryVerdict = { kind: 'taken' }

/** Of the content itself. Others can be put in order by whoever runs billing or the gate: 401, 403, 404, 429, 5xx. */
const REFUSALS = new Set([400, 413, 422])

/** What billing's answer says of the batch. */
export function verdictOf(replied: Result<Pick<PostResponse, 'status'>, string>): DeliveryVerdict {
  if (!replied.ok) return { kind: 'again', problem: replied.error }
  const { status } = replied.value
  if (status >= 200 && status < 300) return TAKEN
  return { kind: REFUSALS.has(status) ? 'refused' : 'again', problem: `status ${status}` }
}

/** Time for a weekend to pass, and for whoever can repair billing to come. */
const PATIENCE_MS = 3 * DAY_MS

/** What one offer goes by. */
interface Round {
  /** Milliseconds since 1970. */
  readonly now: number
  readonly warn: Warn
  /** How old a record becomes that is refused while nothing shows that it is to blame. */
  readonly patienceMs?: number
}

/** In one round. What is left waits for the next. */
const MAX_REFUSALS = 32

/**
 * Offers batches to billing in their order, and gives the positions of the records that it took, and of those passed over.
 * A batch that is refused is halved until the record to blame is alone. That one is passed over, with a line in the log that
 * names it, where billing took another in the same round: it works, and would refuse this one for ever. Where it took
 * nothing it may be billing that is broken, which a status 400 does not tell; so all records stay, and one that is refused
 * alone is passed over when it is three days old. No record is dropped without its line.
 */
export async function deliver(
  batches: readonly (readonly LedgerRecord[])[],
  send: (batch: readonly LedgerRecord[]) => Promise<DeliveryVerdict>,
  { now, warn, patienceMs = PATIENCE_MS }: Round,
): Promise<readonly number[]> {
  const waiting = batches.filter((batch) => batch.length > 0).reverse()
  const taken: number[] = []
  const blamed: { record: LedgerRecord; problem: string }[] = []
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
    if (batch.length === 1 && record !== undefined) blamed.push({ record, problem: verdict.problem })
    else waiting.push(...halves(batch))
  }
  const passed = blamed.filter(({ record }) => taken.length > 0 || now - record.at > patienceMs)
  for (const { record, problem } of passed) warn(`passed over: ${problem}`, record.id)
  const kept = blamed.find((one) => !passed.includes(one))
  if (kept !== undefined) warn(kept.problem, kept.record.id)
  return [...taken, ...passed.map(({ record }) => record.position)]
}

/** The first half last, where it is taken from. */
function halves<T>(batch: readonly T[]): T[][] {
  const middle = Math.ceil(batch.length / 2)
  return [batch.slice(middle), batch.slice(0, middle)]
}
