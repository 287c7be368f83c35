import { type Refusal, refusal } from '../core/problem.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { Answer, Call, OriginFailure, Passage } from '../ports.ts'
import { type Again, refusedNow } from '../standing/recheck.ts'
import { supervise } from './session.ts'
import { sessionOf } from './shape.ts'
import { watchOf } from './watch.ts'

type Answered = Result<Answer, OriginFailure>

interface Uploaded {
  readonly answer: Answered
  /** Ends the upload, which may still go on. */
  readonly cut: () => void
}

const OVER = refusal(
  'credential-expired',
  'What was paid with ended while the request was under way. Nothing was charged.',
)
const TOO_LONG = refusal('request-timeout', 'The request took longer than it may. Nothing was charged.')

/** True for a request whose content is on its way as long as its sender likes. */
export function isUpload({ route: { terms }, request }: Passage): boolean {
  return terms.kind === 'paid' && request.method !== 'GET' && request.method !== 'HEAD' && request.body !== null
}

/**
 * Has a paid request with content answered, and watches meanwhile what paid for it, as it is watched while the answer leaves:
 * where that would do so no more, the upload ends. Errors: why it would not.
 */
export async function askUploading(
  passage: Passage,
  ask: (signal: AbortSignal) => Promise<Answered>,
  again: Again,
  call: Call,
): Promise<Result<Uploaded, Refusal>> {
  const now = again.clock()
  const upload = new AbortController()
  const watch = () => watchOf(passage, again, call.waitUntil, now - passage.exchange.now)
  const session = sessionOf(passage, { now, watch })
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
      const isTooLong = again.clock() - now >= passage.route.limits.maxSessionMs
      return err((await overdue(passage, again, call)) ?? (isTooLong ? TOO_LONG : OVER))
    }
    return ok({ answer, cut: () => upload.abort() })
  } finally {
    stop()
  }
}

/** True for an answer so late that what is known of who paid for it is older than the bound. */
export function isLate({ route: { terms }, exchange, zone }: Passage, now: number): boolean {
  return terms.kind === 'paid' && now - exchange.now >= zone.standing.boundMs
}

/** Why a request that was let through is not to be answered any more, or undefined. */
export async function overdue(passage: Passage, again: Again, { waitUntil }: Call): Promise<Refusal | undefined> {
  if (passage.endsMs !== undefined && passage.endsMs <= again.clock()) return OVER
  return refusedNow(passage, passage.zone, again, waitUntil)
}
