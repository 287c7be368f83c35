import type { Rail } from './rails/rail.ts'
import type { RefusalFormat } from './refusals/format.ts'
import type { EventReceiver } from './standing/eventsource.ts'
import type { Zone } from './zone.ts'

/** A zone with what plugs into it. */
export interface Site {
  readonly zone: Zone
  /** The ways to pay or to prove payment. */
  readonly rails: readonly Rail[]
  /** How refusals are written, besides problem documents. */
  readonly refusals: readonly RefusalFormat[]
  /** Who tells it in a form of their own what became of accounts. */
  readonly events: readonly EventReceiver[]
}
