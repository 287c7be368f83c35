import type { Limit } from '../../access/limit.ts'
import type { ChargeCommand, ChargeRefused } from './commands.ts'
import type { UnitOfWork } from './unitofwork.ts'
import { checkLimits, countFor, countOf } from './limits.ts'

/** True where a command takes nothing but its place in a rate: nothing is charged, so there is nothing to amend. */
export function isOnlyRated({ rates, counts, price, receipt, idempotency }: ChargeCommand): boolean {
  const takesNothing = counts.length === 0 && price === undefined && receipt === undefined
  return rates !== undefined && takesNothing && idempotency === undefined
}

/** The refusal, where one more request is more than a rate allows. Waiting always helps. */
export function checkRates(
  draft: UnitOfWork,
  rates: readonly Limit[] | undefined,
  now: number,
): Pick<ChargeRefused, 'reason' | 'retryAfterSeconds'> | undefined {
  if (rates === undefined) return undefined
  const one = rates.map(({ name }) => ({ name, units: 1n }))
  const found = checkLimits(draft, rates, one, now)
  return found && { ...found, reason: 'too-many-requests' }
}

/**
 * Counts a request that is let through, under every rate. It stays counted whatever becomes of it, unlike what it is
 * charged: the origin was asked, even where nothing was delivered.
 */
export function countRates(draft: UnitOfWork, rates: readonly Limit[] | undefined, now: number): void {
  if (rates === undefined) return
  countFor(draft, rates, now) // all begin before one is counted, for a series that begins looks at the others
  for (const rate of rates) countOf(draft, rate, 1n, now)
}
