import type { Exchange } from '../core/exchange.ts'
import type { Reason } from '../core/problem.ts'
import type { Route } from '../core/route.ts'
import type { Zone } from '../core/zone.ts'
import type { Clock, Log } from '../ports.ts'

/** What became of a request. */
export interface Outcome {
  readonly decision: 'serve' | 'refuse' | 'preflight'
  readonly response: Response
  readonly reason?: Reason
  readonly zone: Zone | undefined
  readonly route: Route | undefined
  readonly account?: string | undefined
  readonly cache?: string | undefined
  readonly originMs?: number
}

/** Closes the books on a request: one line in the log, and for the client how long it took and where. */
export function settle(exchange: Exchange, outcome: Outcome, { clock, log }: { clock: Clock; log: Log }): Response {
  const { response, originMs } = outcome
  const totalMs = clock() - exchange.now
  log({
    id: exchange.id,
    trace: exchange.trace.traceId,
    zone: outcome.zone?.name,
    route: outcome.route?.path,
    method: exchange.method,
    status: response.status,
    decision: outcome.decision,
    reason: outcome.reason,
    account: outcome.account,
    cache: outcome.cache,
    originMs,
    totalMs,
  })
  if (response.status === 101) return response
  const gateMs = totalMs - (originMs ?? 0)
  response.headers.append(
    'server-timing',
    originMs === undefined ? `gate;dur=${gateMs}` : `gate;dur=${gateMs}, origin;dur=${originMs}`,
  )
  return response
}
