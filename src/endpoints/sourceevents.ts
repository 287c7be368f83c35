import { accountFault } from '../access/accountname.ts'
import { err, ok, type Result } from '../core/result.ts'
import { readBytes } from '../http/body.ts'
import type { Act } from '../ledger/rules/audit.ts'
import type { Call } from '../ports.ts'
import { endpointAnswer, type EndpointProblem, UNREAD } from '../refusals/endpointproblem.ts'
import type { Services } from '../services.ts'
import { applyEvent } from '../standing/apply.ts'
import type { EventCall, EventReceiver, EventRefusal, GenuineEvent } from '../standing/eventreceiver.ts'
import type { BillingEvent } from '../standing/rules/event.ts'
import { tripPaymentIn } from '../standing/rules/trippayment.ts'
import { findTripHold } from '../standing/triphold.ts'
import type { Zone } from '../zone.ts'
import type { Endpoint, EndpointFactory, EndpointRequest } from './endpoint.ts'
import { notePayment } from './notedpayment.ts'
import { badRequest } from './operator.ts'
import { logWarning } from '../log.ts'

/** The services that the endpoint of a source needs. */
export type SourceServices = Pick<Services, 'clock' | 'fetch' | 'makeRoom'> & {
  readonly applyEvent: (event: BillingEvent, zone: Zone, act: Act) => ReturnType<typeof applyEvent>
  /** Returns true if a trip to the checkout is held, by its name. Absent if none ever is. */
  readonly isTripHeld?: ((name: string, zone: Zone, call: Call) => Promise<boolean>) | undefined
}

/** The limit for receiving a body, in milliseconds. Anyone may send one: its signer is known only after all of it is read. */
const BODY_MS = 5000

/**
 * `POST /__faregate/events/<path>`, for an event of the zone's source with this path. 200 if it was applied or does not
 * concern the zone; 400 if it can never be applied; 503 if it must be sent again.
 */
export function sourceEndpoint(path: string): EndpointFactory {
  return {
    path: `events/${path}`,
    create: (services) =>
      createSourceEndpoint(path, {
        ...services,
        applyEvent: (event, zone, act) => applyEvent(event, zone, services, act),
        ...(services.trips?.acting !== undefined && { isTripHeld: heldTripsOf(services) }),
      }),
  }
}

/** The same, with the function that applies events. */
export function createSourceEndpoint(path: string, services: SourceServices): Endpoint {
  return {
    methods: ['POST'],
    action: 'event',
    onUnknown: NOT_APPLIED,
    async answer(asked, call) {
      const source = asked.site.events.find((each) => each.path === path)
      if (source === undefined) return err(NO_SOURCE)
      const applied = await applyFrom(source, asked, call, services)
      asked.audit.isIdle = applied.ok && !applied.value
      return applied.ok ? ok(endpointAnswer({ applied: applied.value })) : applied
    },
  }
}

/** Returns true if the event was applied, false if it concerns no account. */
async function applyFrom(
  source: EventReceiver,
  { request, site: { zone }, audit, noted }: EndpointRequest,
  call: Call,
  services: SourceServices,
): Promise<Result<boolean, EndpointProblem>> {
  audit.action = source.name
  const event = await readEvent(request, source, { now: call.now, zone }, services)
  if (!event.ok) return event
  if (event.value === undefined) return ok(false)
  const { id } = event.value
  audit.by = source.name
  audit.details = { event: id }
  const resolved = await event.value.resolve()
  if (!resolved.ok) return err(problemOf(resolved.error))
  if (resolved.value === undefined) return ok(false)
  const nobody = faultOf(resolved.value, zone)
  if (nobody !== undefined) {
    logWarning({ source: source.name, event: id, problem: nobody })
    return err(badRequest(`The event is of an account that nobody can have. ${nobody}`))
  }
  audit.subject = resolved.value
  const applied = await services.applyEvent(resolved.value, zone, audit.toAct({ event: id }))
  if (applied.ok) {
    notePayment(resolved.value, noted)
    await endHeldTrip(event.value, resolved.value, zone, call, services)
    return ok(true)
  }
  if (applied.error === 'ledger-unavailable') return err(NOT_APPLIED)
  logWarning({ source: source.name, event: id, problem: 'refused' })
  return err(REFUSED)
}

function heldTripsOf(services: Pick<Services, 'bulletins' | 'ledgers'>): NonNullable<SourceServices['isTripHeld']> {
  return async (name, zone, call) => {
    const hold = await findTripHold(name, zone, call, services)
    return hold.ok && hold.value !== undefined
  }
}

/** Has the checkout of a trip end that is held. The event is applied whatever becomes of it. */
async function endHeldTrip(
  event: GenuineEvent,
  { changes }: BillingEvent,
  zone: Zone,
  call: Call,
  { isTripHeld }: SourceServices,
): Promise<void> {
  const payment = tripPaymentIn(changes)
  if (event.endTrip === undefined || payment === undefined) return
  if ((await isTripHeld?.(payment.trip, zone, call)) !== true) return
  const isEnded = await event.endTrip().catch(() => false)
  if (!isEnded) logWarning({ checkout: 'of a held trip could not be ended', event: event.id })
}

function faultOf({ issuer, account }: BillingEvent, { issuers }: Zone): string | undefined {
  return account === undefined ? undefined : accountFault(issuers, issuer, account)
}

/** Returns the verified event, or undefined if it does not concern the zone. */
async function readEvent(
  request: Request,
  source: EventReceiver,
  { now, zone }: Pick<EventCall, 'now' | 'zone'>,
  { makeRoom, clock, fetch }: SourceServices,
): Promise<Result<GenuineEvent | undefined, EndpointProblem>> {
  const refusal = source.refuseUnread(request.headers)
  if (refusal !== undefined) return err(problemOf(refusal))
  const room = makeRoom({ maxBytes: source.maxBytes, mostMs: BODY_MS, isAnonymous: true })
  try {
    const body = await readBytes(request, room)
    if (!body.ok) return err(body.error === 'too-large' ? tooLarge(source) : UNREAD[body.error])
    const event = await source.read(body.value, request.headers, { now, zone, clock, fetch })
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
