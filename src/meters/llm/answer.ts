/**
 * Passes the answer of a provider on, and measures it meanwhile.
 *
 * The first event is looked at before anything leaves: an error in its place is still answered with its own status. After that bytes pass
 * as they come. Where something has to be dropped they are copied, else the runtime carries them (`TeeFlow`). What an answer used is
 * priced when its provider has sent the last of it. A client that leaves ends an answer at once if what it used is known as it goes;
 * otherwise the rest is read to the report at its end, for a limited time. A stream that its provider breaks off ends with the error
 * that its API has for that, never with the mark of a complete one.
 */

import type { MeasureOptions, Metered, MeteredAmount } from '../../access/meter.ts'
import type { Eventually } from '../../core/eventually.ts'
import type { Refusal } from '../../core/problem.ts'
import { err, ok, type Result } from '../../core/result.ts'
import { isEventStream } from '../../http/rules/fields.ts'
import { isNative } from '../../http/passthrough.ts'
import { AnswerDelivery } from './delivery.ts'
import { PumpFlow } from './flow.ts'
import type { UsageReader } from './provider.ts'
import type { TokenUsage } from './rules/tokenusage.ts'
import { type FirstError, StreamTap, WholeTap } from './tap.ts'
import { TeeFlow } from './teeflow.ts'

export type { FirstError } from './tap.ts'

/** How one answer of a provider is passed on and measured. */
export interface AnswerPlan {
  readonly reader: UsageReader
  /** True to drop events that hold nothing but usage: the client did not ask for them. */
  readonly dropsUsage: boolean
  /** How long the rest of an answer is read after its client has left, in seconds, if only its end says what was used. */
  readonly drainSeconds: number
  /** True to end a stream with a comment that says what was charged. */
  readonly hasReceipt: boolean
  /** Prices a usage. Returns undefined if it cannot be priced: then the reservation is kept. */
  price(usage: TokenUsage, basis: 'measured' | 'bounded'): Eventually<MeteredAmount | undefined>
  /**
   * Prices a call whose client left before any of the answer came, and which was cancelled before the provider reported anything.
   * Default: undefined, which keeps the reservation.
   */
  unreported?(): Eventually<MeteredAmount | undefined>
  /** Writes the event that ends a stream of this API which breaks off after its head. */
  terminal(why: Refusal): string
}

/**
 * Passes the answer of a provider on as it comes, and measures it meanwhile. `response`: a 2xx. Its head is passed on as it is, less
 * the length of a stream. Errors: an error as the first event of a stream, or a stream that breaks off before its first. Nothing of the
 * answer has left then, and it has been given up.
 */
export function measureAnswer(
  response: Response,
  plan: AnswerPlan,
  options: MeasureOptions,
): Eventually<Result<Metered, FirstError>> {
  const { body, headers } = response
  if (body === null) return ok({ response, used: () => undefined })
  if (isEventStream(headers)) return measureStream(response, body, plan, options)
  const length = headers.get('content-length')
  const delivery = new AnswerDelivery(new WholeTap(plan.reader), plan, options, (tap, onLeft) => {
    return new PumpFlow(body, length === null ? undefined : Number(length), tap, onLeft)
  })
  return ok(delivery.deliver(response, false))
}

async function measureStream(
  response: Response,
  body: ReadableStream<Uint8Array>,
  plan: AnswerPlan,
  options: MeasureOptions,
): Promise<Result<Metered, FirstError>> {
  const tap = new StreamTap(plan.reader, plan.dropsUsage)
  const delivery = new AnswerDelivery(tap, plan, options, (read, onLeft) =>
    plan.dropsUsage || !isNative(body)
      ? new PumpFlow(body, undefined, read, onLeft)
      : new TeeFlow(body, read, plan.hasReceipt && options.charge !== undefined),
  )
  const end = await delivery.begin(() => tap.first !== undefined)
  const first = tap.first ?? (end === undefined ? 'content' : BROKEN_FIRST)
  if (first === 'content') return ok(delivery.deliver(response, true))
  delivery.giveUp()
  return err(first)
}

const BROKEN_FIRST: FirstError = { kind: 'broken', name: undefined, data: undefined }
