import { createBodies } from '../../src/http/body.ts'
import { answerEndpoint, type EndpointServices } from '../../src/endpoints/endpoint.ts'
import { createSourceEndpoint, type SourceServices } from '../../src/endpoints/sourceevents.ts'
import type { EventSource } from '../../src/endpoints/eventsource.ts'
import { compiled, ZONE } from '../support/compiled.ts'
import { lateFetch } from '../support/fetch.ts'
import type { LogRecord } from '../../src/logrecord.ts'

export const ISSUER = 'https://billing.test'

export interface SourceAnswer {
  readonly status: number
  readonly headers: Headers
  readonly body: Record<string, unknown>
}

export interface SourceSurroundings {
  readonly env: Readonly<Record<string, unknown>>
  readonly clock: () => number
  readonly applyEvent: SourceServices['applyEvent']
  readonly log: (line: LogRecord) => void
}

/** The endpoint of the zone `news`, at news.test, which lists this source; the zone `shop`, at shop.test, lists none. */
export function sourceServices(
  source: EventSource,
  { env, clock, applyEvent, log }: SourceSurroundings,
): SourceServices & EndpointServices {
  const issuers = [{ issuer: ISSUER, jwks: { url: `${ISSUER}/jwks.json` } }]
  const zones = [
    { ...ZONE, name: 'news', hosts: ['news.test'], issuers, events: [source] },
    { ...ZONE, name: 'shop', hosts: ['shop.test'], issuers },
  ]
  return {
    sites: compiled({ zones }, env, false).sites,
    clock,
    fetch: lateFetch,
    log,
    hashAccount: (zone, issuer, account) => `hash of ${zone} ${issuer} ${account.length}`,
    makeRoom: createBodies(clock),
    applyEvent,
  }
}

/** Asks that endpoint. */
export async function askSource(
  services: SourceServices & EndpointServices,
  path: string,
  init: RequestInit,
  host = 'news.test',
): Promise<SourceAnswer> {
  const request = new Request(`https://${host}/__faregate/events/${path}`, init)
  const outside = { waitUntil: () => undefined, purge: async () => false }
  const response = await answerEndpoint(createSourceEndpoint(path, services), request, services, outside)
  const body = (await response.json()) as Record<string, unknown>
  return { status: response.status, headers: response.headers, body }
}
