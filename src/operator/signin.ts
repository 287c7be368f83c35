import { err, ok, type Result } from '../core/result.ts'
import type { EndpointRequest } from '../endpoints/endpoint.ts'
import type { Call } from '../ports.ts'
import { type EndpointProblem, NOT_STORED } from '../refusals/endpointproblem.ts'
import { type DashboardHouse, UNTRUSTED, verifyEverywhere } from './house.ts'
import { answerSignIn } from './page.ts'
import { operatorCookie, openedSession, VIEW } from './session.ts'
import { dashboardAddress } from './rules/session.ts'

/**
 * Takes a token from the form of the page. On a host of its own the session holds in every zone whose operator the token's
 * holder is.
 */
export async function signInOperator(
  form: URLSearchParams,
  asked: EndpointRequest,
  call: Call,
  house: DashboardHouse,
): Promise<Result<Response, EndpointProblem>> {
  const { zone } = asked.site
  const { place } = house
  const { verified, isUnknown } = await verifyEverywhere((form.get('token') ?? '').trim(), asked, call, house)
  if (verified.length === 0) return isUnknown ? err(UNTRUSTED) : ok(answerSignIn(zone, place, NO_OPERATOR))
  const looking = verified.filter(([, { scopes }]) => scopes.includes(VIEW))
  const session = openedSession(looking, place, call.now)
  if (session === undefined) return ok(answerSignIn(zone, place, 'The scope of that token has no "view".'))
  const isHere = looking.some(([one]) => one === zone)
  const shown = isHere ? zone : (looking[0]?.[0] ?? zone)
  return ok(goOn(dashboardAddress(shown, place), await operatorCookie(session, zone, place, call.now)))
}

const NO_OPERATOR = 'That is no token of an operator of this site, or it has ended.'

/** Redirects with 303 See Other: neither Back nor a reload posts the form again. */
export function goOn(location: string, cookie?: string): Response {
  const headers = new Headers({ location, ...NOT_STORED })
  if (cookie !== undefined) headers.append('set-cookie', cookie)
  return new Response(null, { status: 303, headers })
}
