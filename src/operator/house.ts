import { ACCESS_FIELD } from '../access/issuer.ts'
import { authorityOf } from '../access/authority.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { AdminAction } from '../endpoints/operator.ts'
import type { EndpointRequest } from '../endpoints/endpoint.ts'
import type { Call } from '../ports.ts'
import type { EndpointProblem } from '../refusals/endpointproblem.ts'
import type { Services } from '../services.ts'
import type { Operator, VerifyOperator } from '../tokens/operator.ts'
import type { Zone } from '../zone.ts'
import type { DashboardPlace, OperatorSession } from './rules/session.ts'
import { openedSession, readOperatorSession, scopesIn, VIEW } from './session.ts'
import { allSites } from './sites.ts'

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
  readonly scopes: readonly string[]
}

/**
 * Returns who asks: by the cookie of whoever posted a token, else by the token that Cloudflare Access added. Undefined if nobody has
 * signed in here. Error: it cannot be known now.
 */
export async function operatorOf(
  asked: EndpointRequest,
  call: Call,
  house: DashboardHouse,
): Promise<Result<PresentOperator | undefined, EndpointProblem>> {
  const { exchange, site } = asked
  const { zone } = site
  const { place, services } = house
  const found = (await readOperatorSession(exchange, zone, place)) ?? (await sessionByAccess(asked, call, house))
  if (found === undefined) return ok(undefined)
  const scopes = found === 'unknown' ? undefined : await scopesIn(found, zone, services.readDistrust, call)
  return found === 'unknown' || scopes === undefined ? err(UNTRUSTED) : ok({ session: found, scopes })
}

/** The zones that one session may be about. */
function zonesAt({ site }: EndpointRequest, { place, services }: DashboardHouse): readonly Zone[] {
  return (place === undefined ? [site] : allSites(services.sites)).map(({ zone }) => zone)
}

/** The zones in which a token is an operator's, and whether it could be known. */
export interface OperatorVerdict {
  readonly verified: readonly (readonly [zone: Zone, operator: Operator])[]
  readonly isUnknown: boolean
}

/** Verifies a token in each zone that the dashboard may show. */
export async function verifyEverywhere(
  token: string,
  asked: EndpointRequest,
  call: Call,
  house: DashboardHouse,
): Promise<OperatorVerdict> {
  const zones = zonesAt(asked, house)
  const verdicts = await Promise.all(
    zones.map(async (zone) => [zone, await house.verifyOperator(token, zone, call)] as const),
  )
  return {
    verified: verdicts.flatMap(([zone, verdict]) => (verdict.ok ? [[zone, verdict.value] as const] : [])),
    isUnknown: verdicts.some(([, verdict]) => !verdict.ok && UNKNOWABLE.has(verdict.error.reason)),
  }
}

const UNKNOWABLE: ReadonlySet<string> = new Set(['keys-unavailable', 'standing-unavailable'])

/**
 * Access adds its token to every request of a browser that it let in, whichever page caused it. So the token looks only where a
 * person opens the page, and presses only what a form of the page itself has posted.
 */
async function sessionByAccess(
  asked: EndpointRequest,
  call: Call,
  house: DashboardHouse,
): Promise<OperatorSession | 'unknown' | undefined> {
  const { exchange } = asked
  const token = exchange.fields.get(ACCESS_FIELD)?.trim()
  const authority = authorityOf(exchange, 'other', NO_ORIGINS)
  if (!token || authority === undefined || authority === 'read') return undefined
  const { verified, isUnknown } = await verifyEverywhere(token, asked, call, house)
  const looking = verified.filter(([, { scopes }]) => scopes.includes(VIEW))
  const session = openedSession(looking, house.place, call.now)
  if (session === undefined) return isUnknown ? 'unknown' : undefined
  // The forms of a page belong to whoever Access says is there.
  return { ...session, id: JSON.stringify(['access', session.issuer, session.subject]), isByAccess: true }
}

const NO_ORIGINS: ReadonlySet<string> = new Set()

/** The answer if it is not known whether somebody is an operator. */
export const UNTRUSTED: EndpointProblem = {
  status: 503,
  title: 'Service Unavailable',
  detail: 'It cannot be known now whether you may do this here. Nothing was done.',
  reason: 'standing-unavailable',
  fields: { 'retry-after': '5' },
}
