import type { AdminAction } from '../endpoints/operator.ts'
import type { EndpointRequest } from '../endpoints/endpoint.ts'
import type { Call } from '../ports.ts'
import type { Services } from '../services.ts'
import type { VerifyOperator } from '../tokens/operator.ts'
import type { OperatorSession, DashboardPlace } from './rules/session.ts'
import { readOperatorSession, scopesIn } from './session.ts'

/** What every answer of the dashboard is made with. */
export interface DashboardHouse {
  readonly services: Services
  readonly place: DashboardPlace
  readonly verifyOperator: VerifyOperator
  /** The orders of the endpoints that the configuration names, by path. */
  readonly orders: ReadonlyMap<string, { readonly scope: string; readonly action: AdminAction }>
}

/** Who asks, with the scopes in the zone that is asked about. */
export interface PresentOperator {
  readonly session: OperatorSession
  /** Undefined if it cannot be known now whether the operator's key is still trusted. */
  readonly scopes: readonly string[] | undefined
}

/** Returns who asks; undefined if nobody has signed in here. */
export async function operatorOf(
  { exchange, site: { zone } }: EndpointRequest,
  call: Call,
  { place, services }: DashboardHouse,
): Promise<PresentOperator | undefined> {
  const session = await readOperatorSession(exchange, zone, place)
  if (session === undefined) return undefined
  return { session, scopes: await scopesIn(session, zone, services.readDistrust, call) }
}
