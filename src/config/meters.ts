/**
 * What the meters of a zone bring with them: servers, refusals, and places of credentials.
 */
import type { Meter } from '../access/meter.ts'
import type { MeterPlatform, MeterPlugin } from '../meters/plugin.ts'
import { placesAlone } from '../rails/placesalone.ts'
import type { Rail } from '../rails/rail.ts'
import type { RefusalFormat } from '../refusals/format.ts'

/** The terms that may have a meter. */
interface MayBeMetered {
  readonly meter?: MeterPlugin | undefined
}

/** Returns the meters of a zone's routes, each once. */
export function metersOf(zone: {
  readonly routes: readonly MayBeMetered[]
  readonly unmatched: MayBeMetered | string
}): readonly MeterPlugin[] {
  const all = [...zone.routes, typeof zone.unmatched === 'object' ? zone.unmatched : {}]
  return [...new Set(all.flatMap(({ meter }) => meter ?? []))]
}

/** Returns the servers of meters, by URL. */
export function serversOf(meters: readonly MeterPlugin[]): readonly string[] {
  return meters.flatMap(({ servers = [] }) => servers)
}

/** Returns the formats of refusals that meters bring, one for each name. */
export function formatsOf(meters: readonly MeterPlugin[]): readonly RefusalFormat[] {
  return [...new Map(meters.flatMap(({ refusals }) => (refusals ? [[refusals.name, refusals] as const] : []))).values()]
}

/** Returns the rails of a zone, with a rail for the places of credentials that its meters bring. */
export function railsWith(meters: readonly MeterPlugin[], rails: readonly Rail[]): readonly Rail[] {
  const places = new Set(meters.flatMap(({ places = [] }) => places))
  return places.size === 0 ? rails : [...rails, placesAlone([...places])]
}

/** Creates the meter of one route. */
export function createMeter(plugin: MeterPlugin, platform: MeterPlatform, path: string): Meter {
  return plugin.create?.(platform, path.replace(/\/\*$/, '')) ?? plugin
}
