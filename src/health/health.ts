/** `GET /__faregate/health`: that the gate answers, for anyone; what it depends on, for operators. */
import { err, ok } from '../core/result.ts'
import { authorise } from '../endpoints/operator.ts'
import { type Endpoint, type EndpointFactory, READ } from '../endpoints/endpoint.ts'
import { readBearer } from '../http/rules/authorization.ts'
import { NOT_STORED } from '../refusals/endpointproblem.ts'
import { createOperatorVerifier } from '../tokens/operator.ts'
import { type HealthCheck, checksOf } from './checks.ts'
import { type HealthStatus, worstOf } from './rules/judge.ts'

const SCOPE = 'view'

/**
 * `GET /__faregate/health`: `{"status":"pass"}`, for load balancers and uptime checks, without a call to anyone. With an
 * operator's token of the scope `view` it says how what the gate depends on does, as `application/health+json`: 503 if
 * something fails. See docs/health.md.
 *
 * @example
 * ```ts options
 * endpoints: [health()]
 * ```
 */
export function health(): EndpointFactory {
  return {
    path: 'health',
    create(services, { tallies } = {}): Endpoint {
      const verifyOperator = createOperatorVerifier(services)
      const watched = { ...services, tallies: tallies && services.tallies }
      return {
        methods: READ,
        async answer({ exchange, site: { zone }, audit }, call) {
          if (readBearer(exchange.fields.get('authorization')) === undefined)
            return ok(answerHealth({ status: 'pass' }))
          const refused = await authorise(exchange, zone, [SCOPE], { verifyOperator }, call, audit)
          if (refused?.status === 503) return ok(answerHealth({ status: 'fail', output: refused.detail }))
          if (refused !== undefined) return err(refused)
          const checks = await checksOf(zone, watched, call)
          const status = worstOf(Object.values(checks).flatMap((each) => each.map((check) => check.status)))
          return ok(answerHealth({ status, serviceId: zone.name, checks }))
        },
      }
    },
  }
}

interface HealthAnswer {
  readonly status: HealthStatus
  readonly serviceId?: string
  readonly output?: string
  readonly checks?: Readonly<Record<string, readonly HealthCheck[]>>
}

function answerHealth(answer: HealthAnswer): Response {
  const headers = { 'content-type': 'application/health+json', ...NOT_STORED }
  return new Response(JSON.stringify(answer), { status: answer.status === 'fail' ? 503 : 200, headers })
}
