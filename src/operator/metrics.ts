/** `GET /__faregate/metrics`: the sums of a site since the beginning, for Prometheus and what reads like it. */
import * as v from 'valibot'
import { pluginOptions } from '../config/rules/pluginoptions.ts'
import { HS256_BYTES, secretValue } from '../config/rules/values.ts'
import { err, ok, type Result } from '../core/result.ts'
import { type Endpoint, type EndpointFactory, type EndpointRequest, READ } from '../endpoints/endpoint.ts'
import { createMac } from '../http/hmac.ts'
import { readBearer } from '../http/rules/authorization.ts'
import type { EndpointProblem } from '../refusals/endpointproblem.ts'
import { bearerChallenge } from '../tokens/bearer.ts'
import { readTallies } from '../tallies/read.ts'
import { DIMENSIONS, MONEY_DIMENSIONS, Tally } from '../tallies/rules/tally.ts'
import type { TallyStores } from '../tallies/rules/stores.ts'
import { TALLIES } from '../tallies/tallies.ts'
import { OPENMETRICS, openMetricsOf } from './rules/openmetrics.ts'

/** What a scraper must know. */
export interface MetricsOptions {
  /** Names the environment's secret that a scraper sends as a bearer token: at least 32 bytes, and of use for nothing else. */
  secret: string
}

/**
 * `GET /__faregate/metrics`: counters and histograms of the site as OpenMetrics, for whoever sends the secret as a bearer
 * token. Labels are names of the configuration and of lists of the gate. See docs/metrics.md.
 *
 * @example
 * ```ts options
 * endpoints: [metrics({ secret: 'METRICS_SECRET' })]
 * ```
 */
export function metrics(options: MetricsOptions): EndpointFactory {
  const { faults, read } = pluginOptions(
    ({ secrets }) =>
      v.strictObject({ secret: v.pipe(secretValue(secrets, HS256_BYTES), v.regex(TOKEN68, AS_A_TOKEN)) }),
    options,
  )
  return {
    path: 'metrics',
    tallies: TALLIES,
    faults,
    create(services): Endpoint {
      const isSecret = createComparison(read(services.bindings).secret)
      return { methods: READ, answer: async (asked) => answer(asked, isSecret, services.tallies) }
    },
  }
}

/** RFC 9110 §11.2. */
const TOKEN68 = /^[\w\-.~+/]+=*$/
const AS_A_TOKEN = 'expected a secret of letters, digits and "-._~+/": it is sent as a bearer token'

type IsSecret = (text: string) => Promise<boolean>

/** Returns a comparison whose time tells nothing of the secret: it compares what neither side can choose. */
function createComparison(secret: string): IsSecret {
  const macOf = createMac(secret)
  let expected: Promise<Uint8Array> | undefined
  return async (text) => {
    const [one, other] = await Promise.all([(expected ??= macOf(secret)), macOf(text)])
    return one.every((byte, index) => byte === other[index])
  }
}

async function answer(
  { exchange, site: { zone } }: EndpointRequest,
  isSecret: IsSecret,
  stores: TallyStores | undefined,
): Promise<Result<Response, EndpointProblem>> {
  const token = readBearer(exchange.fields.get('authorization'))
  if (token?.ok !== true || !(await isSecret(token.value)))
    return err({ ...UNAUTHORIZED, fields: { 'www-authenticate': bearerChallenge(zone.name, 'metrics', undefined) } })
  const query = {
    resolution: 'ever',
    from: 0,
    to: 1,
    by: DIMENSIONS,
    moneyBy: MONEY_DIMENSIONS,
    isSeries: false,
  } as const
  const sums = await readTallies(stores, zone, query)
  if (!sums.ok) return err(UNAVAILABLE)
  const text = openMetricsOf(zone.name, sums.value.buckets.get(0) ?? new Tally())
  return ok(new Response(text, { headers: { 'content-type': OPENMETRICS, 'cache-control': 'no-store' } }))
}

const UNAUTHORIZED: EndpointProblem = {
  status: 401,
  title: 'Unauthorized',
  detail: 'This needs the secret of the metrics as a bearer token in "Authorization".',
}
const UNAVAILABLE: EndpointProblem = {
  status: 503,
  title: 'Service Unavailable',
  detail: 'The sums cannot be read now. Ask again.',
  fields: { 'retry-after': '5' },
}
