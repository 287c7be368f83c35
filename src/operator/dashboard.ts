/** `/__faregate/operator`: what happens on a site, for its operators, and their buttons. */
import * as v from 'valibot'
import { pluginOptions } from '../config/rules/pluginoptions.ts'
import { hostName } from '../config/rules/values.ts'
import { err, type Result } from '../core/result.ts'
import type { Endpoint, EndpointCall, EndpointFactory, EndpointRequest } from '../endpoints/endpoint.ts'
import { readForm } from '../endpoints/form.ts'
import { prefersHtml } from '../http/accept.ts'
import type { BodyTerms } from '../http/body.ts'
import type { EndpointProblem } from '../refusals/endpointproblem.ts'
import { TALLIES } from '../tallies/tallies.ts'
import { createOperatorVerifier } from '../tokens/operator.ts'
import type { DashboardHouse } from './house.ts'
import { dashboardProblem } from './page.ts'
import { press } from './press.ts'
import { isPressedHere } from './rules/session.ts'
import { createSiteFinder } from './sites.ts'
import { show } from './show.ts'
import { signInOperator } from './signin.ts'

/** Where the dashboard is. */
export interface DashboardOptions {
  /**
   * The host at which it answers, and nowhere else: one that serves nothing else, such as `ops.example.com`. Without it the
   * dashboard is on each host of the zones, its cookie only looks, and every button asks for a token.
   */
  host?: string
}

/**
 * `/__faregate/operator`: whom the gate refuses, what it earns and how it does, for operators with the scope `view`, who post a
 * token once. Its buttons carry out the orders of the endpoints that the configuration names, such as `hold()`. See
 * docs/dashboard.md.
 *
 * @example
 * ```ts options
 * endpoints: [hold(), lookup(), dashboard({ host: 'ops.example.com' })]
 * ```
 */
export function dashboard(options: DashboardOptions = {}): EndpointFactory {
  const { faults } = pluginOptions(() => v.strictObject({ host: v.optional(hostName) }), options)
  const { host } = options
  return {
    path: 'operator',
    host,
    needsGateKey: true,
    tallies: TALLIES,
    listsNear: true,
    faults,
    create(services, peers = {}): Endpoint {
      const house: DashboardHouse = {
        services,
        place: host,
        verifyOperator: createOperatorVerifier(services),
        orders: new Map(
          Array.from(peers.orders ?? [], ([path, order]) => [
            path,
            { scope: order.scope, action: order.createAction(services, peers) },
          ]),
        ),
      }
      return {
        methods: ['GET', 'HEAD', 'POST'],
        onUnknown: UNKNOWN,
        ...(host !== undefined && { siteAt: createSiteFinder(services.sites, host) }),
        answer: async (asked, call) => {
          const done = await (asked.exchange.method === 'POST' ? take(asked, call, house) : show(asked, call, house))
          return done.ok || !prefersHtml(asked.exchange.fields.get('accept')) ? done : asPage(done.error, asked, house)
        },
      }
    },
  }
}

const MAX_FORM_BYTES = 16 * 1024
const FORM: BodyTerms = { maxBytes: MAX_FORM_BYTES, mostMs: 10_000, isAnonymous: true }

/** Takes a form of the page: a token, or the order of a button. */
async function take(
  asked: EndpointRequest,
  call: EndpointCall,
  house: DashboardHouse,
): Promise<Result<Response, EndpointProblem>> {
  if (!isPressedHere(asked.exchange)) return err(NOT_OURS)
  const form = await readForm(asked.request, FORM, house.services, NOT_OURS)
  if (!form.ok) return form
  return form.value.has('do') ? press(form.value, asked, call, house) : signInOperator(form.value, asked, call, house)
}

function asPage(problem: EndpointProblem, { site }: EndpointRequest, { place }: DashboardHouse) {
  const { page, fields } = dashboardProblem(problem, site.zone, place)
  return err({ ...problem, page, fields: { ...fields, ...problem.fields } })
}

const NOT_OURS: EndpointProblem = {
  status: 400,
  title: 'Bad Request',
  detail: 'This takes the forms of its own page alone. Nothing was done.',
}
const UNKNOWN: EndpointProblem = {
  status: 500,
  title: 'Internal error',
  detail: 'Something here is broken. It is not known whether the order was carried out: look before you repeat it.',
  reason: 'internal-error',
}
