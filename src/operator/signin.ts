import { ok, type Result } from '../core/result.ts'
import type { EndpointRequest } from '../endpoints/endpoint.ts'
import type { Call } from '../ports.ts'
import { type EndpointProblem, NOT_STORED } from '../refusals/endpointproblem.ts'
import type { DashboardHouse } from './house.ts'
import { answerSignIn } from './page.ts'
import { operatorCookie, openedSession, VIEW } from './session.ts'
import { dashboardAddress } from './rules/session.ts'
import { allSites } from './sites.ts'

/**
 * Takes a token from the form of the page. On a host of its own the session holds in every zone whose operator the token's
 * holder is.
 */
export async function signInOperator(
  form: URLSearchParams,
  { site }: EndpointRequest,
  call: Call,
  { place, services, verifyOperator }: DashboardHouse,
): Promise<Result<Response, EndpointProblem>> {
  const token = (form.get('token') ?? '').trim()
  const zones = (place === undefined ? [site] : allSites(services.sites)).map(({ zone }) => zone)
  const verdicts = await Promise.all(
    zones.map(async (zone) => [zone, await verifyOperator(token, zone, call)] as const),
  )
  const verified = verdicts.flatMap(([zone, verdict]) => (verdict.ok ? [[zone, verdict.value] as const] : []))
  if (verified.length === 0) return ok(answerSignIn(site.zone, place, NO_OPERATOR))
  const looking = verified.filter(([, { scopes }]) => scopes.includes(VIEW))
  const session = openedSession(looking, place, call.now)
  if (session === undefined) return ok(answerSignIn(site.zone, place, 'The scope of that token has no "view".'))
  const [shown = site.zone] = looking.map(([zone]) => zone).toSorted((one, other) => rank(one) - rank(other))
  const cookie = await operatorCookie(session, site.zone, place, call.now)
  return ok(goOn(dashboardAddress(shown, place), cookie))

  function rank(zone: typeof site.zone): number {
    return zone === site.zone ? 0 : 1
  }
}

const NO_OPERATOR = 'That is no token of an operator of this site, or it has ended.'

/** Redirects with 303 See Other: neither Back nor a reload posts the form again. */
export function goOn(location: string, cookie?: string): Response {
  const headers = new Headers({ location, ...NOT_STORED })
  if (cookie !== undefined) headers.append('set-cookie', cookie)
  return new Response(null, { status: 303, headers })
}
