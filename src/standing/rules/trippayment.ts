import type { StandingChange } from './event.ts'

/** The `iss` under which a trip to the checkout is held, by its name as a `jti`: no token has it. */
export const TRIP_ISSUER = 'urn:faregate:trip'

/** What billing says of a payment on a trip to the checkout. */
export interface TripPayment {
  readonly kind: 'payment-declined' | 'payment-succeeded'
  /** The name of the trip. */
  readonly trip: string
  /** The hash of the network at which it began; undefined if its reference has none. */
  readonly network: string | undefined
}

/** A trip's name: 192 bits. A network's hash: 96 bits. Both in base64url. */
const REFERENCE = /^([\w-]{32})(?:\.([\w-]{16}))?$/

/** Writes the reference of a trip, which billing gives back with what it says of the payment. */
export function tripReference(trip: string, network: string | undefined): string {
  return network === undefined ? trip : `${trip}.${network}`
}

/** Reads what `tripReference` wrote; undefined for anything else. */
export function readTripReference(text: unknown): Pick<TripPayment, 'trip' | 'network'> | undefined {
  const [, trip, network] = (typeof text === 'string' && REFERENCE.exec(text)) || []
  return trip === undefined ? undefined : { trip, network }
}

/** Returns what an event says of a payment on a trip. One event is about one trip at most. */
export function tripPaymentIn(changes: readonly StandingChange[]): TripPayment | undefined {
  for (const change of changes)
    if (change.kind === 'payment-declined' || change.kind === 'payment-succeeded') return change
  return undefined
}
