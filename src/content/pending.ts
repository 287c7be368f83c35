/**
 * Watches a paid request while it sends its content.
 *
 * A client may take hours to send a body, and the decision to admit it was made at the start. By the time the answer
 * comes, its token may have expired, or its subscription may have ended. So an upload is a session like a stream on its
 * way out: it is decided on again within each revocation bound, and is ended if the payment no longer holds or the
 * route's limit is reached. Any answer that comes later than the bound is judged once more before it leaves.
 */

import { type Refusal, refusal } from '../core/problem.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { Call, AdmittedRequest } from '../ports.ts'
import type { AnswerResult } from './metered.ts'
import { type RecheckServices, recheck } from '../standing/recheck.ts'
import { supervise } from './session.ts'
import { sessionOf } from './shape.ts'
import { watchOf } from './watch.ts'

interface Uploaded {
  readonly answer: AnswerResult
  /** Ends the upload, if it is still going on. */
  readonly cut: () => void
}

const PAYMENT_ENDED = refusal('credential-expired', 'What was paid with ended while the request was under way.')
const TOO_LONG = refusal('request-timeout', 'The request took longer than it may.')

/** Returns true for a paid request that sends content: its sender decides how long that takes. */
export function isUpload({ route: { terms }, request }: AdmittedRequest): boolean {
  return terms.kind === 'paid' && request.method !== 'GET' && request.method !== 'HEAD' && request.body !== null
}

/**
 * Calls `ask`, and watches the payment meanwhile, as `shape` does while an answer leaves. If the payment ends, the upload
 * ends. Errors: the reason it ended.
 */
export async function askUploading(
  admitted: AdmittedRequest,
  ask: (signal: AbortSignal) => Promise<AnswerResult>,
  services: RecheckServices,
  call: Call,
): Promise<Result<Uploaded, Refusal>> {
  const now = services.clock()
  const upload = new AbortController()
  const watch = () => watchOf(admitted, services, call.waitUntil, now - admitted.exchange.now)
  const session = sessionOf(admitted, { now, watch })
  let stop = (): void => undefined
  const ended = new Promise<undefined>((resolve) => {
    if (session === undefined) return
    stop = supervise(session, () => {
      upload.abort()
      resolve(undefined)
    })
  })
  const asked = ask(upload.signal)
  asked.catch(() => undefined) // may fail after the race is over
  try {
    const answer = await Promise.race([asked, ended])
    if (answer === undefined) {
      const isTooLong = services.clock() - now >= admitted.route.limits.maxSessionMs
      return err((await overdue(admitted, services, call)) ?? (isTooLong ? TOO_LONG : PAYMENT_ENDED))
    }
    return ok({ answer, cut: () => upload.abort() })
  } finally {
    stop()
  }
}

/**
 * Returns true if the answer came so late that the payer's standing, as known at the decision, is older than the bound.
 */
export function isLate({ route: { terms }, exchange, zone }: AdmittedRequest, now: number): boolean {
  return terms.kind === 'paid' && now - exchange.now >= zone.standing.boundMs
}

/** Returns the reason why an admitted request must not be answered any more, or undefined. */
export async function overdue(
  admitted: AdmittedRequest,
  services: RecheckServices,
  { waitUntil }: Call,
): Promise<Refusal | undefined> {
  if (admitted.endsMs !== undefined && admitted.endsMs <= services.clock()) return PAYMENT_ENDED
  return recheck(admitted, admitted.zone, services, waitUntil)
}
