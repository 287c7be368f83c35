import { isFromHere } from '../access/authority.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { EndpointRequest } from '../endpoints/endpoint.ts'
import { FORM_TYPE, readForm } from '../endpoints/form.ts'
import { badRequest } from '../endpoints/operator.ts'
import type { BodyTerms } from '../http/body.ts'
import type { EndpointProblem } from '../refusals/endpointproblem.ts'
import type { Services } from '../services.ts'

const TERMS: BodyTerms = { maxBytes: 16 * 1024, mostMs: 5000, isAnonymous: false }

/** Returns true if a form of a page sent the request. */
export function isForm(request: Request): boolean {
  return request.method === 'POST' && FORM_TYPE.test(request.headers.get('content-type') ?? '')
}

/** Returns the order of a form as a program would write it. Error: no page of this site has sent it, or it was not read. */
export async function readFeedForm(
  { request, exchange }: EndpointRequest,
  services: Services,
): Promise<Result<object, EndpointProblem>> {
  if (!isFromHere(exchange, 'other')) return err(FROM_ANOTHER_SITE)
  const form = await readForm(request, TERMS, services, badRequest('Expected a form.'))
  return form.ok ? ok(Object.fromEntries(form.value)) : form
}

const FROM_ANOTHER_SITE: EndpointProblem = {
  status: 403,
  title: 'Forbidden',
  detail: 'Feeds are made on a page of this site, and on no other.',
}
