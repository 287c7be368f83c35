/**
 * The budget for retries.
 *
 * A retry hides the failure of one server. If many servers fail, retries multiply the load on the rest and bring them
 * down too. So each request adds a fraction of a retry to the savings of the isolate, and each retry spends one: over
 * time, retries are at most `budgetPercent` of the requests. Only idempotent requests without content are repeated. The
 * isolate begins with some savings, and can save enough for a burst.
 */

/** The limits of retries. */
export interface RetryPolicy {
  /** The most retries of one request. */
  readonly most: number
  /** Retries for each hundred requests, all requests together. */
  readonly budgetPercent: number
}

/** Savings are counted in hundredths of a retry. */
const COST = 100
/** Ten retries for the first requests of an isolate. */
export const FIRST_SAVINGS = 10 * COST
/**
 * A thousand: as many requests as may be waiting for a server when it begins to hang, all of which need another at once.
 */
const MOST_SAVINGS = 1000 * COST

/** Returns the savings after one more request. */
export function earn(savings: number, { budgetPercent }: RetryPolicy): number {
  return Math.min(MOST_SAVINGS, savings + budgetPercent)
}

/** Returns true if the savings pay for one more retry. */
export function canSpend(savings: number): boolean {
  return savings >= COST
}

/** Returns the savings after one more retry. */
export function spend(savings: number): number {
  return savings - COST
}

/** Idempotent methods (RFC 9110 §9.2.2). */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])

/** Returns true for a request that may reach two servers: its method is idempotent, and no content was used up. */
export function isReplayable(method: string, hasContent: boolean): boolean {
  return IDEMPOTENT.has(method) && !hasContent
}
