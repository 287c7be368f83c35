import { failureName } from '../core/error.ts'
import { err, ok, type Result } from '../core/result.ts'
import { type Captured, capture } from '../http/capture.ts'
import { readBytes } from '../http/body.ts'
import { recordEndpoint } from '../record.ts'
import { endpointAnswer, endpointProblem, type EndpointProblem, UNREAD, whyOf } from '../refusals/endpointproblem.ts'
import type { Services } from '../services.ts'
import type { Site } from '../site.ts'
import type { applyEvent } from '../standing/apply.ts'
import type { EventReceiver, EventRefusal, GenuineEvent } from '../standing/eventsource.ts'
import type { BillingEvent } from '../standing/rules/event.ts'
import type { Zone } from '../zone.ts'
import { AuditEntry, auditFacts } from './audit.ts'
import { badRequest, HOST_UNKNOWN, NOT_POST } from './operator.ts'

/** What of the services it needs. */
export type SourceServices = Pick<Services, 'sites' | 'clock' | 'log' | 'makeRoom' | 'hashAccount'> & {
  readonly applyEvent: (event: BillingEvent, zone: Zone) => ReturnType<typeof applyEvent>
}

interface Taken {
  /** False if it says nothing about an account. */
  readonly applied: boolean
}

/** How long a body may take to come. Anyone may send one: who signed it is known once all of it is read. */
const BODY_MS = 5000

/**
 * Answers `POST /__faregate/events/<path>`, an event of the source that the zone has at this path: 200 for one that was
 * applied, or that is nothing to the zone; 400 for one that will never be applied; 503 for one that has to come again. Never
 * throws.
 */
export async function answerSource(request: Request, path: string, services: SourceServices): Promise<Response> {
  const exchange = capture(request, services.clock())
  const site = services.sites.get(exchange.host)
  const source = site?.events.find((each) => each.path === path)
  const audit = new AuditEntry(source?.name ?? 'event')
  const done = await attempt(request, exchange, site, source, services, audit).catch((error: unknown) => {
    console.error(JSON.stringify({ id: exchange.id, source: source?.name, event: failureName(error) }))
    return err(NOT_APPLIED)
  })
  const response = done.ok ? endpointAnswer(done.value) : endpointProblem(done.error, exchange)
  const facts = await auditFacts(audit, done.ok && done.value.applied, site?.zone, services.hashAccount)
  return recordEndpoint(exchange, response, site?.zone, services, { ...facts, ...whyOf(done) })
}

async function attempt(
  request: Request,
  exchange: Captured,
  site: Site | undefined,
  source: EventReceiver | undefined,
  services: SourceServices,
  audit: AuditEntry,
): Promise<Result<Taken, EndpointProblem>> {
  if (site === undefined) return err(HOST_UNKNOWN)
  if (source === undefined) return err(NO_SOURCE)
  if (exchange.method !== 'POST') return err(NOT_POST)
  const event = await readEvent(request, source, exchange.now, services)
  if (!event.ok) return event
  if (event.value === undefined) return ok({ applied: false })
  const { id } = event.value
  audit.by = source.name
  audit.details = { event: id }
  const resolved = await event.value.resolve()
  if (!resolved.ok) return err(problemOf(resolved.error))
  if (resolved.value === undefined) return ok({ applied: false })
  audit.subject = resolved.value
  const applied = await services.applyEvent(resolved.value, site.zone)
  if (applied.ok) return ok({ applied: true })
  if (applied.error === 'ledger-unavailable') return err(NOT_APPLIED)
  console.warn(JSON.stringify({ source: source.name, event: id, problem: 'refused' }))
  return err(REFUSED)
}

/** The event, if its source is known; undefined for one that is nothing to the zone. */
async function readEvent(
  request: Request,
  source: EventReceiver,
  now: number,
  { makeRoom, clock }: SourceServices,
): Promise<Result<GenuineEvent | undefined, EndpointProblem>> {
  const refusal = source.refuseUnread(request.headers)
  if (refusal !== undefined) return err(problemOf(refusal))
  const room = makeRoom({ maxBytes: source.maxBytes, mostMs: BODY_MS, isAnonymous: true })
  try {
    const body = await readBytes(request, room)
    if (!body.ok) return err(body.error === 'too-large' ? tooLarge(source) : UNREAD[body.error])
    const event = await source.read(body.value, request.headers, { now, clock })
    return event.ok ? event : err(problemOf(event.error))
  } finally {
    room.close()
  }
}

function problemOf({ kind, detail, ...why }: EventRefusal): EndpointProblem {
  return kind === 'again' ? { ...UNAVAILABLE, detail, ...why } : { ...badRequest(detail), ...why }
}

function tooLarge({ maxBytes }: EventReceiver): EndpointProblem {
  return { status: 413, title: 'Content Too Large', detail: `The body is longer than ${maxBytes} bytes.` }
}

const UNAVAILABLE = { status: 503, title: 'Service Unavailable', fields: { 'retry-after': '30' } }
const NOT_APPLIED: EndpointProblem = {
  ...UNAVAILABLE,
  detail: 'It is not known whether the event was applied. Send it again.',
  reason: 'ledger-unavailable',
}
const NO_SOURCE: EndpointProblem = {
  status: 404,
  title: 'Not Found',
  detail: 'No events are taken here: the "events" of the zone name no source with this path.',
}
const REFUSED = badRequest('The event was refused.')
