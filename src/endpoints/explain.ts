import { decide } from '../access/decide.ts'
import type { Exchange } from '../http/rules/exchange.ts'
import { methodFault } from '../http/rules/method.ts'
import { type Refusal, refusal } from '../core/problem.ts'
import { err, ok, type Result } from '../core/result.ts'
import { match } from '../access/route.ts'
import { isEndpointTarget, readTarget } from '../http/rules/target.ts'
import type { Captured } from '../http/capture.ts'
import { explainBound } from './explainbound.ts'
import { describeDecision } from './explainview.ts'
import { readCredentials } from '../rails/carried.ts'
import { withoutUrlTokens } from '../rails/inurl.ts'
import { refuse, respond } from '../refusals/respond.ts'
import { endpointAnswer } from '../refusals/endpointproblem.ts'
import { type EndpointFactory, type EndpointRequest, READ } from './endpoint.ts'
import { present } from '../standing/present.ts'
import type { Call } from '../ports.ts'
import type { Services } from '../services.ts'

const OWN = 'The gate itself answers what can be read as a path under /__faregate: there is no decision to explain.'
const METHOD = /^[A-Z]{1,20}$/

/**
 * `GET /__faregate/explain?target=/articles/1&method=GET`: explains the decision on a request of that method and target with
 * the present credential. Nothing is charged and no content is fetched. `target` is decoded once, as any query parameter.
 * By POST, with the content of the request in question, it also explains what a metered request would reserve.
 *
 * @example
 * ```ts options
 * endpoints: [explain()]
 * ```
 */
export function explain(): EndpointFactory {
  return {
    path: 'explain',
    create: (services) => ({
      methods: [...READ, 'POST'],
      expose,
      answer: async (asked, call) => ok(await explainDecision(asked, call, services)),
    }),
  }
}

async function explainDecision(
  { request, exchange: own, site }: EndpointRequest,
  call: Call,
  services: Services,
): Promise<Response> {
  // The query is hidden: it holds the target, and the target may hold a token.
  const shown = { ...own, target: { ...own.target, query: '' } }
  const refused = (why: Refusal): Response => respond(refuse(why, shown, { site, route: undefined }), 0, own.now)
  const question = readQuestion(request, own)
  if (!question.ok) return refused(question.error)
  const exchange = withoutUrlTokens(question.value, site)
  const unfit = methodFault(exchange.method)
  if (unfit !== undefined) return refused(unfit)
  const matched = match(site.zone.routes, exchange.target, exchange.method)
  if (!matched.ok) return refused(matched.error)
  const { zone, rails, reading } = site
  const route = (await services.levers?.apply(matched.value, zone, call)) ?? matched.value
  const presented = await present(exchange, site, route, services, call)
  const decision = decide(route.terms, presented, exchange)
  const asked = { request, exchange, zone, route, decision }
  const explained = own.method === 'POST' ? await explainBound(asked, services, call) : { decision, bound: undefined }
  const sent = { exchange, zone, ...readCredentials(exchange, reading) }
  const credentials = rails.map((rail) => rail.peek(sent))
  return endpointAnswer(describeDecision({ exchange, zone, route, ...explained, credentials }))
}

/** Any program may read the answer: no browser hands over an answer to a request with a cookie. */
function expose(answer: Headers): void {
  if (!answer.has('access-control-allow-origin')) answer.set('access-control-allow-origin', '*')
}

/**
 * Returns the exchange in question: this request's credential with another method and target. The target may hold a token,
 * which the exchange of this request has lost.
 */
function readQuestion({ url }: Request, own: Captured): Result<Exchange, Refusal> {
  const { searchParams: parameters } = new URL(url)
  const wanted = parameters.get('target') ?? ''
  const method = (parameters.get('method') ?? (own.method === 'POST' ? 'POST' : 'GET')).toUpperCase()
  if (!wanted.startsWith('/') || !METHOD.test(method)) {
    return err(refusal('target-ambiguous', 'Name what to explain: /__faregate/explain?target=/articles/1&method=GET'))
  }
  const mark = wanted.indexOf('?')
  const target = mark === -1 ? readTarget(wanted, '') : readTarget(wanted.slice(0, mark), wanted.slice(mark))
  if (!target.ok) return target
  if (isEndpointTarget(target.value)) return err(refusal('target-ambiguous', OWN))
  return ok({ ...own, target: target.value, method })
}
