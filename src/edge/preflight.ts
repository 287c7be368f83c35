import { isPreflight } from '../core/exchange.ts'
import type { Zone } from '../core/zone.ts'
import type { Clock, Log } from '../ports.ts'
import { capture } from './capture.ts'
import { answerPreflight, respond } from './respond.ts'
import { settleOwn } from './settle.ts'

interface Means {
  readonly sites: ReadonlyMap<string, { readonly zone: Zone }>
  readonly clock: Clock
  readonly log: Log
}

const READ = ['GET', 'HEAD']

/**
 * The answer to a preflight for facts of the gate's own, which a program on another site may ask for with a token.
 * Undefined for any other request.
 */
export function answerOwnPreflight(request: Request, means: Means): Response | undefined {
  if (request.method !== 'OPTIONS') return undefined
  const exchange = capture(request, means.clock())
  if (!isPreflight(exchange.method, exchange.fields)) return undefined
  const response = respond(answerPreflight(exchange, READ), 0)
  return settleOwn(exchange, response, means.sites.get(exchange.host)?.zone, means)
}
