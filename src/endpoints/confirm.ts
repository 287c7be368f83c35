import { isFromHere } from '../access/authority.ts'
import { confirmationCookie, confirmationsIn, isConfirmable, withConfirmation } from '../access/confirmation.ts'
import type { Exchange } from '../http/rules/exchange.ts'
import { err, ok, type Result } from '../core/result.ts'
import { isEndpointTarget, readTarget, type Target } from '../http/rules/target.ts'
import type { BodyTerms } from '../http/body.ts'
import { NOT_STORED, type EndpointProblem } from '../refusals/endpointproblem.ts'
import { askToConfirm } from './confirmform.ts'
import { CONFIRM_WORDS } from './confirmwords.ts'
import type { EndpointFactory, EndpointRequest } from './endpoint.ts'
import { readForm } from './form.ts'
import { presentAsSigned } from '../standing/present.ts'
import type { Call } from '../ports.ts'
import { entitlementIn, receiptIn, type TokenProof } from '../access/proof.ts'
import { payerBinding } from '../tokens/binding.ts'
import { type Money, parseMoney } from '../core/money.ts'
import type { Services } from '../services.ts'
import type { Zone } from '../zone.ts'

/**
 * `POST /__faregate/confirm`: the reader confirms, by the form of a page of the gate, that a page's price is paid from
 * credit, or by one use of a receipt in the browser. Nothing is charged here. The reader is redirected to the page with the confirmation as a cookie. If the
 * confirmation does not fit, as after another sign-in, the page asks again.
 *
 * @example
 * ```ts options
 * endpoints: [confirm()]
 * ```
 */
export function confirm(): EndpointFactory {
  return {
    path: 'confirm',
    words: CONFIRM_WORDS.en,
    completeRefusal: askToConfirm,
    create: (services) => ({ methods: ['POST'], answer: (asked, call) => answer(asked, call, services) }),
  }
}

async function answer(
  { request, exchange, site }: EndpointRequest,
  call: Call,
  services: Services,
): Promise<Result<Response, EndpointProblem>> {
  if (!isFromHere(exchange, 'other')) return err(FROM_ELSEWHERE)
  const form = await readConfirmation(request, services)
  if (!form.ok) return form
  const { target, id, binding, price } = form.value
  // A receipt is presented where it opens something.
  const opening = { ...exchange, target, method: 'GET' }
  const presented = await presentAsSigned(opening, site, services, call)
  const payers = [entitlementIn(presented)?.proof, receiptIn(presented)]
  const isTheirs = await isOneOf(payers, target, binding, site.zone)
  const at = Math.floor(exchange.now / 1000)
  const value = isTheirs ? withConfirmation(confirmationsIn(exchange.fields), { id, price, at, binding }) : undefined
  return ok(sendOn(exchange, target, value))
}

/** Returns true if one of the proofs has this binding to the page. */
async function isOneOf(
  payers: readonly (Result<TokenProof, unknown> | undefined)[],
  target: Target,
  binding: string,
  zone: Zone,
): Promise<boolean> {
  for (const payer of payers) {
    if (payer?.ok === true && (await payerBinding(zone, payer.value, target)) === binding) return true
  }
  return false
}

interface Form {
  readonly target: Target
  readonly id: string
  readonly binding: string
  readonly price: Money
}

/** The limit fits the longest target with each character escaped. */
const TERMS: BodyTerms = { maxBytes: 32 * 1024, mostMs: 5000, isAnonymous: true }

async function readConfirmation(request: Request, services: Services): Promise<Result<Form, EndpointProblem>> {
  const form = await readForm(request, TERMS, services, NOT_OURS)
  if (!form.ok) return form
  const fields = form.value
  const field = (name: string): string => fields.get(name) ?? ''
  const wanted = field('target')
  const query = wanted.indexOf('?')
  const target = query < 0 ? readTarget(wanted, '') : readTarget(wanted.slice(0, query), wanted.slice(query))
  const price = parseMoney(field('amount'), field('currency'))
  const [id, binding] = [field('id'), field('binding')]
  const isGood = wanted.startsWith('/') && target.ok && !isEndpointTarget(target.value) && isConfirmable(id, binding)
  return isGood && price !== undefined ? ok({ target: target.value, id, binding, price }) : err(NOT_OURS)
}

/** Redirects with 303 See Other: neither Back nor a reload posts the form again. */
function sendOn({ origin }: Exchange, { path, query }: Target, confirmed: string | undefined): Response {
  // A location with two slashes at its beginning names another host.
  const location = path.startsWith('//') ? `${origin}${path}${query}` : `${path}${query}`
  const headers = new Headers({ location, ...NOT_STORED })
  if (confirmed !== undefined) headers.set('set-cookie', confirmationCookie(confirmed))
  return new Response(null, { status: 303, headers })
}

const FROM_ELSEWHERE: EndpointProblem = {
  status: 403,
  title: 'Forbidden',
  detail: 'A price is confirmed on a page of this site, and by no other.',
}
const NOT_OURS: EndpointProblem = {
  status: 400,
  title: 'Bad Request',
  detail: 'This is not what the page that asks for a confirmation sends. Open the page again.',
}
