import type { Meter } from '../access/meter.ts'
import type { PlaceReader } from '../rails/places.ts'
import type { Clock, Platform } from '../ports.ts'
import type { RefusalFormat } from '../refusals/format.ts'

/** A meter as a configuration names it: with what it adds to its zone. */
export interface MeterPlugin extends Meter {
  /**
   * Creates the meter of one route on one platform. `mount`: the path of the route, without `/*`. Without `create` the plug-in itself is
   * the meter of all its routes.
   */
  create?(platform: MeterPlatform, mount: string): Meter
  /** Writes the refusals of its routes. */
  readonly refusals?: RefusalFormat
  /** Where its clients send credentials, beside the places of the zone's rails. */
  readonly places?: readonly PlaceReader[]
}

/** The part of the platform that a meter may use. */
export interface MeterPlatform {
  readonly clock: Clock
  /** Fetches without a cache. */
  readonly fetch: typeof fetch
  /** Returns the store of the platform, for what this isolate should not fetch again. Absent: nothing outlives the isolate. */
  readonly copies?: Platform['copies']
  /** The variables, secrets and bindings of the environment. */
  readonly bindings: Readonly<Record<string, unknown>>
}
