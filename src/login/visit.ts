/**
 * Who asks for a page of signing in or buying, and whether anything may be done for them yet.
 */
import { isFromHere } from '../access/authority.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { EndpointRequest } from '../endpoints/endpoint.ts'
import { readForm } from '../endpoints/form.ts'
import type { BodyTerms } from '../http/body.ts'
import type { Exchange } from '../http/rules/exchange.ts'
import { isPrefetch } from '../http/rules/prefetch.ts'
import type { LoginFault } from '../rails/login.ts'
import type { EndpointProblem } from '../refusals/endpointproblem.ts'
import type { Services } from '../services.ts'
import { type FailureFacts, problemPage } from './page.ts'
import {
  aheadPage,
  brokenPage,
  busyPage,
  type FailedTrip,
  postedElsewhere,
  refusedPage,
  unavailablePage,
} from './pages.ts'
import { HOME } from './rules/to.ts'

/** Returns the problem that answers HEAD and a prefetch: they change nothing and ask nobody. */
export function declinedAhead(asked: EndpointRequest): EndpointProblem | undefined {
  const { method, fields } = asked.exchange
  if (method !== 'HEAD' && !isPrefetch(fields)) return undefined
  return problemPage(aheadPage(), asked, { reason: 'prefetch-declined' })
}

/** The answer to a bug. */
export function answerBroken(asked: Pick<EndpointRequest, 'exchange' | 'site'>): EndpointProblem {
  return problemPage(brokenPage(), asked, { reason: 'internal-error' })
}

/** Returns true if a reader opens the page in view, in a browser that says so. Programs and crawlers say nothing. */
export function isNavigation({ method, fields }: Exchange): boolean {
  return method === 'GET' && fields.get('sec-fetch-mode') === 'navigate' && fields.get('sec-fetch-dest') === 'document'
}

/** Returns true if the request is known not to open a page in view, as a frame or a script's. */
export function isSubrequest({ fields }: Exchange): boolean {
  const destination = fields.get('sec-fetch-dest')
  return destination !== null && destination !== 'document'
}

/** The longest page with each character escaped, and the names. */
const TERMS: BodyTerms = { maxBytes: 8 * 1024, mostMs: 5000, isAnonymous: true }

/** Returns the query, or the form that a page of ours has posted. */
export async function parametersOf(
  asked: EndpointRequest,
  page: 'sign-in' | 'checkout',
  services: Pick<Services, 'makeRoom'>,
): Promise<Result<URLSearchParams, EndpointProblem>> {
  const { request, exchange } = asked
  if (exchange.method !== 'POST') return ok(new URLSearchParams(exchange.target.query))
  if (!isFromHere(exchange, 'other')) return err(problemPage(postedElsewhere(page, HOME), asked))
  return readForm(request, TERMS, services, NOT_OURS)
}

const NOT_OURS: EndpointProblem = {
  status: 400,
  title: 'Bad Request',
  detail: 'This is not what the page with the button sends. Open the page again.',
}

const CODE = /^[\w.:-]{1,64}$/

/** Returns the page of what a login could not do. `cookie`: one that is set with it, if that is for good. */
export function problemOfFault(
  why: LoginFault | 'busy',
  failed: FailedTrip,
  asked: Pick<EndpointRequest, 'exchange' | 'site'>,
  cookie?: string,
): EndpointProblem {
  if (why === 'busy') return problemPage(busyPage(failed.to), asked, { reason: 'overloaded' })
  const facts: FailureFacts = why.code !== undefined && CODE.test(why.code) ? { check: why.code } : {}
  if (why.kind === 'unavailable') return problemPage(unavailablePage(failed), asked, facts)
  return problemPage(refusedPage(failed, why.detail, asked.site), asked, facts, cookie)
}
