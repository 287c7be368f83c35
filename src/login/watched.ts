/**
 * Purchases that are not normal: a trip that is held does not go on, and in a network that is slowed few trips begin.
 *
 * Where nothing is acted upon, nothing is asked and nobody is refused.
 */
import { holdReference } from '../anomalies/rules/holdname.ts'
import type { EndpointRequest } from '../endpoints/endpoint.ts'
import type { Call } from '../ports.ts'
import type { EndpointProblem } from '../refusals/endpointproblem.ts'
import type { Services } from '../services.ts'
import { findTripHold } from '../standing/triphold.ts'
import { tripReference } from '../standing/rules/trippayment.ts'
import { problemPage } from './page.ts'
import { crowdedPage, type FailedTrip, heldPage, unavailablePage } from './pages.ts'
import { nameOfTrip } from './tripname.ts'

/** A trip to the checkout, as others know it. */
export interface NamedTrip {
  readonly checkout: string
  /** The hash of the network at which it begins. */
  readonly network: string | undefined
  /** What billing gives back with what it says of the payment. */
  readonly reference: string
}

type WatchServices = Pick<Services, 'trips' | 'bulletins' | 'ledgers'>

/** Returns the names of a purchase that begins; undefined if nothing watches. */
export async function nameTrip(
  state: string,
  { request, exchange, site: { zone } }: Pick<EndpointRequest, 'request' | 'exchange' | 'site'>,
  { trips }: WatchServices,
): Promise<NamedTrip | undefined> {
  if (trips === undefined) return undefined
  const checkout = await nameOfTrip(state, zone.id)
  const network = trips.networkOf(request, zone, exchange.now)
  return { checkout, network, reference: tripReference(checkout, network) }
}

/** Returns the page that refuses a new purchase in a network that is slowed; undefined if it may begin. */
export function refuseCrowd(
  { network }: NamedTrip,
  failed: FailedTrip,
  reader: Pick<EndpointRequest, 'exchange' | 'site'>,
  { trips }: WatchServices,
): EndpointProblem | undefined {
  const refused = trips?.acting?.slow(reader.site.zone, network)
  if (refused === undefined) return undefined
  const { reason, retryAfterSeconds = 60 } = refused
  return problemPage(crowdedPage(failed.to, retryAfterSeconds), reader, { reason })
}

/** Returns the page of a purchase that is held, or of which that is not known; undefined if it may go on. */
export async function refuseHeld(
  state: string,
  failed: FailedTrip,
  reader: Pick<EndpointRequest, 'exchange' | 'site'>,
  call: Call,
  services: WatchServices,
): Promise<EndpointProblem | undefined> {
  if (services.trips?.acting === undefined) return undefined
  const { zone } = reader.site
  const found = await findTripHold(await nameOfTrip(state, zone.id), zone, call, services)
  if (!found.ok) return problemPage(unavailablePage(failed), reader, { reason: found.error.reason })
  const { value } = found
  if (value === undefined) return undefined
  const [reference = failed.id] = value.names.flatMap((name) => holdReference(name) ?? [])
  const held = { until: value.until, reference }
  return problemPage(heldPage(failed.to, held, zone.remedies.support), reader, { reason: 'security-hold' })
}
