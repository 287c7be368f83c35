import { isFromHere } from '../access/authority.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { EndpointRequest } from '../endpoints/endpoint.ts'
import { badRequest } from '../endpoints/operator.ts'
import { type BodyTerms, readText } from '../http/body.ts'
import { type EndpointProblem, UNREAD } from '../refusals/endpointproblem.ts'
import type { Services } from '../services.ts'

const FORM = /^application\/x-www-form-urlencoded[ \t]*(?:;|$)/i
const TERMS: BodyTerms = { maxBytes: 16 * 1024, mostMs: 5000, isAnonymous: false }

/** Returns true if a form of a page sent the request. */
export function isForm(request: Request): boolean {
  return request.method === 'POST' && FORM.test(request.headers.get('content-type') ?? '')
}

/** Returns the order of a form as a program would write it. Error: no page of this site has sent it, or it was not read. */
export async function readFeedForm(
  { request, exchange }: EndpointRequest,
  services: Services,
): Promise<Result<object, EndpointProblem>> {
  if (!isFromHere(exchange, 'other')) return err(FROM_ANOTHER_SITE)
  const room = services.makeRoom(TERMS)
  const text = await readText(request, FORM, room)
  room.close()
  if (!text.ok)
    return err(text.error in UNREAD ? UNREAD[text.error as keyof typeof UNREAD] : badRequest('Expected a form.'))
  return ok(Object.fromEntries(new URLSearchParams(text.value)))
}

const FROM_ANOTHER_SITE: EndpointProblem = {
  status: 403,
  title: 'Forbidden',
  detail: 'Feeds are made on a page of this site, and on no other.',
}
