import type { Issuer } from '../access/issuer.ts'
import type { EventReceiver } from '../standing/eventreceiver.ts'

/** The ways by which a zone hears of changes. */
export interface EventWays {
  /** True if the gate has the endpoint for events that issuers sign. */
  readonly takesEvents: boolean
  readonly receivers: readonly EventReceiver[]
}

/** Returns the issuers whose accounts events may speak of. */
export function issuersToldOf(issuers: readonly Issuer[], { takesEvents, receivers }: EventWays): ReadonlySet<string> {
  const speaking = takesEvents ? issuers.filter(({ types }) => types.event !== undefined) : []
  return new Set([...speaking.map(({ issuer }) => issuer), ...receivers.flatMap(({ issuer }) => issuer ?? [])])
}
