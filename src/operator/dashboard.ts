/** `/__faregate/operator`: what happens on a site, for its operators. */
import { err, ok, type Result } from '../core/result.ts'
import type { Endpoint, EndpointFactory, EndpointRequest } from '../endpoints/endpoint.ts'
import { readForm } from '../endpoints/form.ts'
import { isFromHere } from '../access/authority.ts'
import type { BodyTerms } from '../http/body.ts'
import type { Call } from '../ports.ts'
import type { EndpointProblem } from '../refusals/endpointproblem.ts'
import type { Services } from '../services.ts'
import { readTallies } from '../tallies/read.ts'
import { DIMENSIONS, MONEY_DIMENSIONS, Tally } from '../tallies/rules/tally.ts'
import { TALLIES } from '../tallies/tallies.ts'
import { createOperatorVerifier, type VerifyOperator } from '../tokens/operator.ts'
import type { Zone } from '../zone.ts'
import { answerDashboard, answerSignIn } from './page.ts'
import { rangeOf } from './rules/ranges.ts'
import { isViewer, VIEW, viewerCookie } from './viewer.ts'

/**
 * `/__faregate/operator`: whom the gate refuses, what it earns and how it does, for whoever has posted the token of an operator
 * with the scope `view`. It shows sums alone, and has no buttons. See docs/dashboard.md.
 *
 * @example
 * ```ts options
 * endpoints: [dashboard()]
 * ```
 */
export function dashboard(): EndpointFactory {
  return {
    path: 'operator',
    needsGateKey: true,
    tallies: TALLIES,
    create(services): Endpoint {
      const verifyOperator = createOperatorVerifier(services)
      return {
        methods: ['GET', 'HEAD', 'POST'],
        answer: async (asked, call) =>
          asked.exchange.method === 'POST'
            ? signIn(asked, call, { ...services, verifyOperator })
            : show(asked, services, call),
      }
    },
  }
}

async function show(
  { exchange, site: { zone } }: EndpointRequest,
  { tallies }: Services,
  { now }: Call,
): Promise<Result<Response, EndpointProblem>> {
  if (!(await isViewer(exchange, zone))) return ok(answerSignIn(zone, undefined))
  const range = rangeOf(new URLSearchParams(exchange.target.query).get('range'), now, zone.timeZone)
  const { resolution, from, to, before } = range
  const all = { resolution, by: DIMENSIONS, moneyBy: MONEY_DIMENSIONS, isSeries: false }
  const [total, past, series] = await Promise.all([
    readTallies(tallies, zone, { ...all, from, to }),
    readTallies(tallies, zone, { ...all, from: before.from, to: before.to }),
    readTallies(tallies, zone, { ...all, by: SERIES_BY, moneyBy: [], from, to, isSeries: true }),
  ])
  if (!total.ok || !past.ok || !series.ok) return err(UNAVAILABLE)
  const facts = {
    zone,
    range,
    now,
    total: total.value.buckets.get(from) ?? new Tally(),
    before: past.value.buckets.get(before.from) ?? new Tally(),
    series: series.value.buckets,
    configurations: series.value.configurations,
  }
  return ok(answerDashboard(facts))
}

/** What the charts tell apart. */
const SERIES_BY = ['decision', 'status', 'reason', 'credential', 'cache'] as const

const MAX_FORM_BYTES = 16 * 1024
const FORM: BodyTerms = { maxBytes: MAX_FORM_BYTES, mostMs: 10_000, isAnonymous: true }

interface SignInServices extends Pick<Services, 'makeRoom'> {
  readonly verifyOperator: VerifyOperator
}

/** Takes a token from the form of this page, and lets its holder look. */
async function signIn(
  { request, exchange, site: { zone } }: EndpointRequest,
  call: Call,
  { makeRoom, verifyOperator }: SignInServices,
): Promise<Result<Response, EndpointProblem>> {
  if (!isFromHere(exchange, 'host-cookie')) return err(NOT_OURS)
  const form = await readForm(request, FORM, { makeRoom }, NOT_OURS)
  if (!form.ok) return form
  const operator = await verifyOperator((form.value.get('token') ?? '').trim(), zone, call)
  if (!operator.ok) return ok(answerSignIn(zone, 'That is no token of an operator of this site, or it has ended.'))
  if (!operator.value.scopes.includes(VIEW)) return ok(answerSignIn(zone, 'The scope of that token has no "view".'))
  return ok(await lookOn(operator.value, zone, call.now))
}

async function lookOn(operator: Parameters<typeof viewerCookie>[0], zone: Zone, now: number): Promise<Response> {
  const cookie = await viewerCookie(operator, zone, now)
  const headers = new Headers({ location: '/__faregate/operator', 'cache-control': 'no-store' })
  if (cookie !== undefined) headers.append('set-cookie', cookie)
  return new Response(null, { status: 303, headers })
}

const NOT_OURS: EndpointProblem = {
  status: 400,
  title: 'Bad Request',
  detail: 'This takes the form of its own page alone. Nothing was done.',
}
const UNAVAILABLE: EndpointProblem = {
  status: 503,
  title: 'Service Unavailable',
  detail: 'The sums cannot be read now. Nothing is shown, rather than sums that are too low.',
  fields: { 'retry-after': '5' },
}
