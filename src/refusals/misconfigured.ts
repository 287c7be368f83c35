import { refusal } from '../core/problem.ts'
import { capture } from '../http/capture.ts'
import { refuse, respond } from './respond.ts'
import { logError } from '../log.ts'

/** Answers every request to a gate with a faulty configuration: 503 `misconfigured`. Names no fault: the log does. */
export function answerMisconfigured(request: Request, now: number): Response {
  const exchange = capture(request, now)
  logError({ id: exchange.id, status: 503, decision: 'refuse', reason: 'misconfigured' })
  const why = refusal('misconfigured', 'The configuration of this gate has faults; its operator finds them in the log.')
  return respond(refuse(why, exchange, { site: undefined, route: undefined }), 0, exchange.now)
}
