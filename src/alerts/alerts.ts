/** `GET /__faregate/alerts`: what fires now, for operators; and the alerts themselves, which go out by webhook. */
import { err, ok, type Result } from '../core/result.ts'
import { timeText } from '../http/date.ts'
import { withTimeout } from '../http/timeout.ts'
import { authorise } from '../endpoints/operator.ts'
import { type Endpoint, type EndpointFactory, READ } from '../endpoints/endpoint.ts'
import { endpointAnswer, type EndpointProblem } from '../refusals/endpointproblem.ts'
import type { Services } from '../services.ts'
import { TALLIES } from '../tallies/tallies.ts'
import { FIRST } from '../tallies/zones.ts'
import { createOperatorVerifier } from '../tokens/operator.ts'
import type { Zone } from '../zone.ts'
import { conditionsHere } from './here.ts'
import { type AlertsOptions, alertOptions } from './options.ts'
import { watchedSink } from './sinks.ts'
import { createWatch, keptAlerts } from './watch.ts'

const SCOPE = 'view'

/**
 * Posts a webhook once when customers, money, keys, sinks, origins or providers of a zone need somebody, and once when it is
 * over; `GET /__faregate/alerts` tells operators what fires now. Looked at once a minute, where no request waits. See
 * docs/alerts.md.
 *
 * @example
 * ```ts options
 * endpoints: [alerts({ to: [{ url: 'https://hooks.example.com/faregate', secret: 'ALERTS_SECRET' }] })]
 * ```
 */
export function alerts(options: AlertsOptions): EndpointFactory {
  const { faults, read } = alertOptions(options)
  return {
    path: 'alerts',
    tallies: TALLIES,
    watch: {
      conditionsOf: conditionsHere,
      watchedSink,
      createWatch: (platform) => createWatch(platform, read(platform.bindings)),
    },
    faults,
    create(services): Endpoint {
      const verifyOperator = createOperatorVerifier(services)
      return {
        methods: READ,
        async answer({ exchange, site: { zone }, audit }, call) {
          const refused = await authorise(exchange, zone, [SCOPE], { verifyOperator }, call, audit)
          return refused === undefined ? show(zone, services) : err(refused)
        },
      }
    },
  }
}

const READ_MS = 5000

async function show(zone: Zone, { tallies }: Services): Promise<Result<Response, EndpointProblem>> {
  if (tallies === undefined) return err(UNAVAILABLE)
  const nothing = { kind: 'read', timeZone: zone.timeZone, resolution: 'minute', from: 0, to: 0 } as const
  const command = { ...nothing, by: [], moneyBy: [], isSeries: false }
  const asked = tallies(zone.id, FIRST, zone.places.own)(command)
  const answer = await withTimeout(asked, READ_MS).catch(() => undefined)
  if (answer?.ok !== true || answer.value === undefined) return err(UNAVAILABLE)
  const { states, waiting, at } = keptAlerts(answer.value.watched)
  return ok(
    endpointAnswer({
      zone: zone.name,
      lookedAt: at === 0 ? null : timeText(at),
      alerts: states.map(({ since, isFiring, clearSince, ...finding }) => ({
        ...finding,
        state: isFiring ? 'firing' : 'pending',
        since: timeText(since),
        clearSince: clearSince === undefined ? null : timeText(clearSince),
      })),
      receivers: waiting.map(({ receiver, failures, messages }) => ({ receiver, failures, waiting: messages.length })),
    }),
  )
}

const UNAVAILABLE: EndpointProblem = {
  status: 503,
  title: 'Service Unavailable',
  detail: 'The alerts cannot be read now. Ask again.',
  fields: { 'retry-after': '5' },
}
