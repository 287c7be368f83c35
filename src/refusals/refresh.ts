import type { Refusal } from '../core/problem.ts'
import { type Exchange, isSafe } from '../http/rules/exchange.ts'
import type { RefusalFormat } from './format.ts'

/** A reader waits no longer for a page that opens itself. */
const MOST_SECONDS = 300
/** The wait where nothing better is known. */
const DEFAULT_SECONDS = 10

/** Returns after how many seconds a browser opens the refused page again by itself; undefined if it does not. */
export function refreshSeconds(
  { reason, retryAfterSeconds = DEFAULT_SECONDS }: Pick<Refusal, 'reason' | 'retryAfterSeconds'>,
  { refreshes }: Pick<RefusalFormat, 'refreshes'>,
  { method }: Pick<Exchange, 'method'>,
): number | undefined {
  if (refreshes?.has(reason) !== true || !isSafe(method) || retryAfterSeconds > MOST_SECONDS) return undefined
  return Math.max(1, retryAfterSeconds)
}
