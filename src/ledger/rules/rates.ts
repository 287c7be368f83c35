import type { Limit } from '../../access/limit.ts'
import type { ChargeCommand, ChargeRefused } from './commands.ts'
import type { UnitOfWork } from './unitofwork.ts'
import { checkLimits, countFor, countOf } from './limits.ts'

/** Returns true if a command takes only its place under rates: nothing is charged, so nothing has to be amended. */
export function isOnlyRated({ rates, counts, price, receipt, idempotency }: ChargeCommand): boolean {
  const takesNothing = counts.length === 0 && price === undefined && receipt === undefined
  return rates !== undefined && takesNothing && idempotency === undefined
}

/** Returns the refusal if one more request exceeds a rate, or undefined. Waiting always helps. */
export function checkRates(
  work: UnitOfWork,
  rates: readonly Limit[] | undefined,
  now: number,
): Pick<ChargeRefused, 'reason' | 'retryAfterSeconds'> | undefined {
  if (rates === undefined) return undefined
  const one = rates.map(({ name }) => ({ name, units: 1n }))
  const found = checkLimits(work, rates, one, now)
  return found && { ...found, reason: 'too-many-requests' }
}

/**
 * Counts an admitted request under every rate. Unlike a charge the count stays, whatever becomes of the request: the origin
 * was asked even if nothing was delivered.
 */
export function countRates(work: UnitOfWork, rates: readonly Limit[] | undefined, now: number): void {
  if (rates === undefined) return
  countFor(work, rates, now) // all series begin before one is counted, for a new series looks at the others
  for (const rate of rates) countOf(work, rate, 1n, now)
}
