import type { MeasureOptions, Metered, MeteredAmount } from '../../access/meter.ts'
import type { Eventually } from '../../core/eventually.ts'
import type { Refusal } from '../../core/problem.ts'
import { ok, type Result } from '../../core/result.ts'
import type { UsageReader } from './provider.ts'
import type { TokenUsage } from './rules/tokenusage.ts'

/** How one answer of a provider is passed on and measured. */
export interface AnswerPlan {
  readonly reader: UsageReader
  /** True to drop events that hold nothing but usage: the client did not ask for them. */
  readonly dropsUsage: boolean
  /** How long the rest of a stream is read after its client has left, in seconds, if only its end says what was used. */
  readonly drainSeconds: number
  /** True to end a stream with a comment that says what was charged. */
  readonly hasReceipt: boolean
  /** Prices a usage. Returns undefined if a class of it has no price: then the reservation is kept. */
  price(usage: TokenUsage, basis: 'measured' | 'bounded'): MeteredAmount | undefined
  /**
   * Prices a call whose client left before any of the answer came, and which was cancelled before the provider reported anything.
   * Default: undefined, which keeps the reservation.
   */
  unreported?(): Eventually<MeteredAmount | undefined>
  /** Writes the event that ends a stream of this API which breaks off after its head. */
  terminal(why: Refusal): string
}

/** An error that came in place of an answer, as the first event of a stream that had begun as a success. */
export interface FirstError {
  /** The name of the event; undefined if it has none. */
  readonly name: string | undefined
  /** The data of the event, parsed. */
  readonly data: unknown
}

/**
 * Passes the answer of a provider on as it comes, and measures it meanwhile. `response`: a 2xx with content. The head of the response is
 * passed on as it is, less a length that no longer holds. Errors: an error as the first event of a stream. Nothing of the answer
 * has left then, and it has been given up.
 */
export function measureAnswer(
  response: Response,
  _plan: AnswerPlan,
  _options: MeasureOptions,
): Eventually<Result<Metered, FirstError>> {
  return ok({ response, used: () => undefined })
}
