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
  return new Set([
    ...speaking.flatMap(({ issuer, speaksFor = [] }) => [issuer, ...speaksFor]),
    ...receivers.flatMap(({ issuer }) => issuer ?? []),
  ])
}

/**
 * Returns the issuers for whose accounts another one speaks: one that says so, or a source of events, if the issuer signs
 * none itself.
 */
export function issuersSpokenFor(
  issuers: readonly Issuer[],
  receivers: readonly Pick<EventReceiver, 'issuer'>[],
): ReadonlySet<string> {
  const silent = issuers.filter(({ types }) => types.event === undefined).map(({ issuer }) => issuer)
  return new Set([
    ...issuers.flatMap(({ speaksFor = [] }) => speaksFor),
    ...receivers.flatMap(({ issuer }) => (issuer !== undefined && silent.includes(issuer) ? issuer : [])),
  ])
}
