/**
 * Signs a reader in who is signed in at another host of the site, without showing a page.
 */
import { ok, type Result } from '../core/result.ts'
import type { EndpointProblem } from '../refusals/endpointproblem.ts'
import type { BeginRequest, TripGoal } from './begin.ts'
import { redirect } from './page.ts'
import { markerCookie, wasAsked } from './rules/hint.ts'
import { isNavigation } from './visit.ts'

type BeginTrip = (
  asked: BeginRequest,
  goal: TripGoal,
  cookies: readonly string[],
) => Promise<Result<Response, EndpointProblem>>

/**
 * Asks the first login that can answer without a page. In ten minutes it asks once; otherwise, and if that fails, the reader goes
 * back to the page.
 */
export async function silentTrip(asked: BeginRequest, begin: BeginTrip): Promise<Result<Response, EndpointProblem>> {
  const { exchange, site, to } = asked
  const login = site.logins?.find(({ isSilent }) => isSilent)
  if (login === undefined || !isNavigation(exchange) || wasAsked(exchange.fields)) return ok(redirect(to))
  const begun = await begin(asked, { login, offer: undefined, isSilent: true }, [markerCookie()])
  return begun.ok ? begun : ok(redirect(to, [markerCookie()]))
}
