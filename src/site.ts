import type { Rail } from './rails/rail.ts'
import type { EventReceiver } from './standing/eventsource.ts'
import type { Zone } from './zone.ts'

/** A zone, the ways to pay in it, and who tells it in a form of their own what became of accounts. */
export interface Site {
  readonly zone: Zone
  readonly rails: readonly Rail[]
  readonly events: readonly EventReceiver[]
}
