import type { Zone } from '../zone.ts'
import type { PoolState } from './rules/pool.ts'

const opened = new WeakMap<Zone, PoolState>()

/** Notes the state of the pool that this isolate has opened for a zone. */
export function noteOpened(zone: Zone, state: PoolState): void {
  opened.set(zone, state)
}

/** Returns the state of a zone's pool, for whoever watches it; undefined if this isolate calls no server of the zone. */
export function openedPool(zone: Zone): PoolState | undefined {
  return opened.get(zone)
}
