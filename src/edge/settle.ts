import type { Observed } from '../core/decide.ts'
import type { Exchange } from '../core/exchange.ts'
import type { Reason } from '../core/problem.ts'
import { type Route, routeName } from '../core/route.ts'
import type { Zone } from '../core/zone.ts'
import type { Clock, Log } from '../ports.ts'
import type { Content } from './content.ts'
import { dateText } from './date.ts'
import { type OwnProblem, ownProblem } from './own.ts'
import { type Draft, respond } from './respond.ts'

/** What became of a request: content to serve, or a draft of the gate's own. */
export type Outcome = Known &
  (
    | { readonly decision: 'serve'; readonly content: Content; readonly observed: Observed['would'] | undefined }
    | { readonly decision: 'refuse' | 'prefetch' | 'preflight'; readonly draft: Draft; readonly reason?: Reason }
  )

interface Known {
  readonly zone: Zone | undefined
  readonly route: Route | undefined
  readonly account: string | undefined
}

/** Closes the books on a request: one line in the log, and for the client how long it took and where. */
export function settle(exchange: Exchange, outcome: Outcome, { clock, log }: { clock: Clock; log: Log }): Response {
  const now = clock()
  const totalMs = now - exchange.now
  const content = outcome.decision === 'serve' ? outcome.content : undefined
  log({
    id: exchange.id,
    trace: exchange.trace?.traceId,
    zone: outcome.zone?.name,
    route: outcome.route && routeName(outcome.route),
    method: exchange.method,
    status: outcome.decision === 'serve' ? outcome.content.response.status : outcome.draft.status,
    decision: outcome.decision,
    reason: outcome.decision === 'serve' ? undefined : outcome.reason,
    observed: outcome.decision === 'serve' ? outcome.observed : undefined,
    account: outcome.account,
    cache: content?.cache,
    originMs: content?.originMs,
    totalMs,
  })
  const isServed = outcome.decision === 'serve'
  const response = isServed ? timed(outcome.content, totalMs, now) : respond(outcome.draft, totalMs, now)
  // What its page asks for, and where its links lead, is not told the URL that a token came in.
  if (exchange.inUrl !== undefined && response.status !== 101) response.headers.set('Referrer-Policy', 'no-referrer')
  return response
}

/** A WebSocket has no fields left to write; what comes from memory has them all. */
function timed({ response, originMs, isTimed }: Content, totalMs: number, now: number): Response {
  if (isTimed || response.status === 101) return response
  if (!response.headers.has('date')) response.headers.set('Date', dateText(now))
  response.headers.append('Server-Timing', `gate;dur=${totalMs - originMs}, origin;dur=${originMs}`)
  return response
}

/** The one line of a request for the gate's own endpoints. */
export function settleOwn(
  exchange: Exchange,
  response: Response,
  zone: Zone | undefined,
  { clock, log }: { clock: Clock; log: Log },
  reason?: Reason,
): Response {
  const now = clock()
  log({
    id: exchange.id,
    trace: exchange.trace?.traceId,
    zone: zone?.name,
    route: undefined,
    method: exchange.method,
    status: response.status,
    decision: 'own',
    reason,
    observed: undefined,
    account: undefined,
    cache: undefined,
    originMs: undefined,
    totalMs: now - exchange.now,
  })
  response.headers.set('Date', dateText(now))
  return response
}

const NOT_FOUND: OwnProblem = { status: 404, title: 'Not Found', detail: 'The gate has nothing here.' }

/** Answers a request for an endpoint of the gate's own that there is not, and closes the books on it. */
export function answerNotFound(
  exchange: Exchange,
  zone: Zone | undefined,
  house: { clock: Clock; log: Log },
): Response {
  return settleOwn(exchange, ownProblem(NOT_FOUND, exchange), zone, house)
}
