/**
 * Who asks for a page of signing in or buying, and whether anything may be done for them yet.
 */
import { isFromHere } from '../access/authority.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { EndpointRequest } from '../endpoints/endpoint.ts'
import { type BodyTerms, readText } from '../http/body.ts'
import type { Exchange } from '../http/rules/exchange.ts'
import { isPrefetch } from '../http/rules/prefetch.ts'
import type { LoginFault } from '../rails/login.ts'
import { type EndpointProblem, UNREAD } from '../refusals/endpointproblem.ts'
import type { Services } from '../services.ts'
import { type FailureFacts, problemPage } from './page.ts'
import { aheadPage, brokenPage, postedElsewhere } from './pages.ts'
import { HOME } from './rules/to.ts'

/** Returns the problem that answers HEAD and a prefetch: they change nothing and ask nobody. */
export function declinedAhead(exchange: Exchange): EndpointProblem | undefined {
  if (exchange.method !== 'HEAD' && !isPrefetch(exchange.fields)) return undefined
  return problemPage(aheadPage(), exchange, { reason: 'prefetch-declined' })
}

/** The answer to a bug. */
export const BROKEN_PAGE: EndpointProblem = /* @__PURE__ */ problemPage(
  /* @__PURE__ */ brokenPage(),
  { scheme: 'https' },
  { reason: 'internal-error' },
)

/** Returns true if a reader opens the page in view, in a browser that says so. Programs and crawlers say nothing. */
export function isNavigation({ method, fields }: Exchange): boolean {
  return method === 'GET' && fields.get('sec-fetch-mode') === 'navigate' && fields.get('sec-fetch-dest') === 'document'
}

/** Returns true if the request is known not to open a page in view, as a frame or a script's. */
export function isSubrequest({ fields }: Exchange): boolean {
  const destination = fields.get('sec-fetch-dest')
  return destination !== null && destination !== 'document'
}

const FORM = /^application\/x-www-form-urlencoded[ \t]*(?:;|$)/i
/** The longest page with each character escaped, and the names. */
const TERMS: BodyTerms = { maxBytes: 8 * 1024, mostMs: 5000, isAnonymous: true }

/** Returns the query, or the form that a page of ours has posted. */
export async function parametersOf(
  { request, exchange }: EndpointRequest,
  page: 'sign-in' | 'checkout',
  services: Pick<Services, 'makeRoom'>,
): Promise<Result<URLSearchParams, EndpointProblem>> {
  if (exchange.method !== 'POST') return ok(new URLSearchParams(exchange.target.query))
  if (!isFromHere(exchange, 'other')) return err(problemPage(postedElsewhere(page, HOME), exchange))
  const room = services.makeRoom(TERMS)
  const text = await readText(request, FORM, room)
  room.close()
  if (text.ok) return ok(new URLSearchParams(text.value))
  return err(text.error in UNREAD ? UNREAD[text.error as keyof typeof UNREAD] : NOT_OURS)
}

const NOT_OURS: EndpointProblem = {
  status: 400,
  title: 'Bad Request',
  detail: 'This is not what the page with the button sends. Open the page again.',
}

const CODE = /^[\w.:-]{1,64}$/

/** Returns the facts of a login's fault for the log. */
export function factsOfFault({ code }: LoginFault): FailureFacts {
  return code !== undefined && CODE.test(code) ? { check: code } : {}
}
