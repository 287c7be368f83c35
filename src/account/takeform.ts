import { isFromHere } from '../access/authority.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { EndpointRequest } from '../endpoints/endpoint.ts'
import { readForm } from '../endpoints/form.ts'
import type { BodyTerms } from '../http/body.ts'
import type { Call } from '../ports.ts'
import { type EndpointProblem, NOT_STORED } from '../refusals/endpointproblem.ts'
import type { Services } from '../services.ts'
import { presentAsSigned } from '../standing/present.ts'
import { ACCOUNT_PATH } from './links.ts'
import { ownedBy } from './owned.ts'
import { FORGET_PASTED, pastedCookie, presenting } from './pasted.ts'
import { pastedInVain } from './signedout.ts'

const TERMS: BodyTerms = { maxBytes: 16 * 1024, mostMs: 5000, isAnonymous: true }
/** What a key may be made of: what a header field takes. */
const KEY = /^[\x21-\x7e]+$/

/** Takes the forms of the page: `key` keeps a pasted key in a cookie, `forget` removes it. Goes on with the page. */
export async function takeForm(
  asked: EndpointRequest,
  call: Call,
  services: Services,
): Promise<Result<Response, EndpointProblem>> {
  const { request, exchange, site } = asked
  if (!isFromHere(exchange, 'other')) return err(FROM_ELSEWHERE)
  const form = await readForm(request, TERMS, services, NOT_OURS)
  if (!form.ok) return form
  const fields = form.value
  if (fields.get('forget') === '1') return ok(goOn(FORGET_PASTED))
  const key = fields.get('key')?.trim() ?? ''
  if (!KEY.test(key)) return err(pastedInVain(asked, undefined))
  const presented = await presentAsSigned(presenting(key, exchange), site, services, call)
  const owned = ownedBy(presented, call.now)
  const cookie = await pastedCookie(key, site.zone, call.now)
  const isGood = owned.ok && owned.value !== undefined && cookie !== undefined
  return isGood ? ok(goOn(cookie)) : err(pastedInVain(asked, owned.ok ? undefined : owned.error))
}

/** Redirects with 303 See Other: neither Back nor a reload posts the form again. */
function goOn(cookie: string): Response {
  return new Response(null, { status: 303, headers: { location: ACCOUNT_PATH, 'set-cookie': cookie, ...NOT_STORED } })
}

const FROM_ELSEWHERE: EndpointProblem = {
  status: 403,
  title: 'Forbidden',
  detail: 'This form is on a page of this site, and on no other.',
}
const NOT_OURS: EndpointProblem = {
  status: 400,
  title: 'Bad Request',
  detail: 'This is not what the form of the account page sends. Open the page again.',
}
