import { type Refusal, refusal } from '../core/problem.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { Call, AdmittedRequest } from '../ports.ts'
import type { Asked } from './metered.ts'
import { type RecheckServices, recheck } from '../standing/recheck.ts'
import { supervise } from './session.ts'
import { sessionOf } from './shape.ts'
import { watchOf } from './watch.ts'

interface Uploaded {
  readonly answer: Asked
  /** Ends the upload, which may still go on. */
  readonly cut: () => void
}

const OVER = refusal(
  'credential-expired',
  'What was paid with ended while the request was under way. Nothing was charged.',
)
const TOO_LONG = refusal('request-timeout', 'The request took longer than it may. Nothing was charged.')

/** True for a request whose content is on its way as long as its sender likes. */
export function isUpload({ route: { terms }, request }: AdmittedRequest): boolean {
  return terms.kind === 'paid' && request.method !== 'GET' && request.method !== 'HEAD' && request.body !== null
}

/**
 * Has a paid request with content answered, and watches meanwhile what paid for it, as it is watched while the answer leaves:
 * where that would do so no more, the upload ends. Errors: why it would not.
 */
export async function askUploading(
  admitted: AdmittedRequest,
  ask: (signal: AbortSignal) => Promise<Asked>,
  again: RecheckServices,
  call: Call,
): Promise<Result<Uploaded, Refusal>> {
  const now = again.clock()
  const upload = new AbortController()
  const watch = () => watchOf(admitted, again, call.waitUntil, now - admitted.exchange.now)
  const session = sessionOf(admitted, { now, watch })
  let stop = (): void => undefined
  const over = new Promise<undefined>((resolve) => {
    if (session === undefined) return
    stop = supervise(session, () => {
      upload.abort()
      resolve(undefined)
    })
  })
  const asked = ask(upload.signal)
  asked.catch(() => undefined) // it may fail once nobody waits for it
  try {
    const answer = await Promise.race([asked, over])
    if (answer === undefined) {
      const isTooLong = again.clock() - now >= admitted.route.limits.maxSessionMs
      return err((await overdue(admitted, again, call)) ?? (isTooLong ? TOO_LONG : OVER))
    }
    return ok({ answer, cut: () => upload.abort() })
  } finally {
    stop()
  }
}

/** True for an answer so late that what is known of who paid for it is older than the bound. */
export function isLate({ route: { terms }, exchange, zone }: AdmittedRequest, now: number): boolean {
  return terms.kind === 'paid' && now - exchange.now >= zone.standing.boundMs
}

/** Why a request that was let through is not to be answered any more, or undefined. */
export async function overdue(
  admitted: AdmittedRequest,
  again: RecheckServices,
  { waitUntil }: Call,
): Promise<Refusal | undefined> {
  if (admitted.endsMs !== undefined && admitted.endsMs <= again.clock()) return OVER
  return recheck(admitted, admitted.zone, again, waitUntil)
}
