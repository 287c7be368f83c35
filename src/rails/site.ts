import type { Zone } from '../zone.ts'
import type { Rail } from './rail.ts'

/** A zone and the ways to pay in it. */
export interface Site {
  readonly zone: Zone
  readonly rails: readonly Rail[]
}
