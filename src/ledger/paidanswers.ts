/**
 * Answers that are kept for the same machine payment again.
 *
 * An answer waits for its payment: if nobody can tell whether that has moved money, the answer is read whole and kept with the
 * payment, so that the client gets it once the payment is known to have settled, and the origin is not asked twice. A
 * delivered answer is kept as one under an idempotency key is. Both belong to the request that the payment is bound to.
 */
import { err, ok, type Result } from '../core/result.ts'
import { discardResponse } from '../http/discard.ts'
import { LEDGER_MS, withTimeout } from '../http/timeout.ts'
import type { Ledger } from '../ports.ts'
import type { AnswerCollection } from './keep.ts'
import type { AnswerPurpose, KeptAnswer } from './rules/answers.ts'

/** The longest time that a client waits for the rest of its answer to be kept. Its payment is not known meanwhile anyway. */
const PARKING_MS = 10_000

/** Reads the rest of an answer, and keeps it until its payment is settled. Gives up on one that is long, slow or endless. */
export async function parkAnswer(response: Response, collection: AnswerCollection): Promise<void> {
  const { body } = response
  if (!collection.isCollecting() || body === null) {
    if (collection.isCollecting()) await collection.keep('settlement')
    else discardResponse(response)
    return
  }
  const reader = body.getReader()
  const isRead = await withTimeout(readToEnd(reader, collection), PARKING_MS).catch(() => undefined)
  if (isRead === true) await collection.keep('settlement')
  else reader.cancel().catch(() => undefined)
}

async function readToEnd(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  collection: AnswerCollection,
): Promise<boolean> {
  while (collection.isCollecting()) {
    const { done } = await reader.read()
    if (done) return true
  }
  return false
}

/**
 * Returns the answer that waits for the payment of a request, or that was delivered for it; undefined if none was kept.
 * `digest`: that of the request, which the payment is bound to.
 */
export async function answerOfPayment(
  ledger: Pick<Ledger, 'keptAnswer'>,
  digest: string,
): Promise<Result<KeptAnswer | undefined, 'ledger-unavailable'>> {
  const delivered = await keptFor(ledger, digest, 'replay')
  return delivered.ok && delivered.value === undefined ? keptFor(ledger, digest, 'settlement') : delivered
}

/** Asks for one answer; the error says that it is not known whether there is one. */
export async function keptFor(
  ledger: Pick<Ledger, 'keptAnswer'>,
  charge: string,
  purpose: AnswerPurpose,
): Promise<Result<KeptAnswer | undefined, 'ledger-unavailable'>> {
  const asked = ledger.keptAnswer({ charge, purpose }).catch((): typeof UNKNOWN => UNKNOWN)
  const known = (await withTimeout(asked, LEDGER_MS)) ?? UNKNOWN
  return known.ok ? ok(known.value) : UNKNOWN
}

const UNKNOWN = err('ledger-unavailable' as const)
