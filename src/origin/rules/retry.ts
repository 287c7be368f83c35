/** How often a request may be sent to a further server. */
export interface RetryPolicy {
  /** For one request. */
  readonly most: number
  /** For all requests together, lest retries bring down what is left of an origin: so many for each hundred requests. */
  readonly budgetPercent: number
}

/** Savings are counted in hundredths of a retry. */
const COST = 100
/** Ten retries for the first requests of an isolate. */
export const FIRST_SAVINGS = 10 * COST
/** A thousand: as many requests as may be waiting for a server when it begins to hang, and all need another at once. */
const MOST_SAVINGS = 1000 * COST

/** The savings after one more request. */
export function earn(savings: number, { budgetPercent }: RetryPolicy): number {
  return Math.min(MOST_SAVINGS, savings + budgetPercent)
}

/** True where they pay for one more retry. */
export function canSpend(savings: number): boolean {
  return savings >= COST
}

/** The savings after one more retry. */
export function spend(savings: number): number {
  return savings - COST
}

/** RFC 9110 §9.2.2. */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])

/** True for a request that may reach two servers: asking twice is as asking once, and no content was used up. */
export function isReplayable(method: string, hasContent: boolean): boolean {
  return IDEMPOTENT.has(method) && !hasContent
}
