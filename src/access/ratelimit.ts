import { DEFAULT_UNIT, type Limit } from './limit.ts'

/** How often one account, or one receipt, may ask for what one route serves. Every rate must hold. */
export interface Rates {
  /** What they are counted under, beside the one who asks: the route. */
  readonly scope: string
  /** Counted by the ledger, to the request. */
  readonly exact: readonly Limit[]
  /** Counted by the platform, about. */
  readonly bound: readonly BoundRate[]
}

/** A rate limit of the platform: how many it allows is the binding's own affair. */
export interface BoundRate {
  readonly binding: string
  /** The period that is set for the binding, for whoever is told when to come again. */
  readonly seconds: number
}

/** How many rates one route may have. */
export const MAX_RATES = 4

/**
 * A rate as the ledger counts it. No token and no quota can have its name: a limit's is printable ASCII, and this has a tab.
 * So no plan can replace it, loosen it, or be counted with it.
 */
export function exactRate(requests: number, seconds: number, scope: string): Limit {
  const name = `rate\t${scope}`
  return { name, quota: BigInt(requests), unit: DEFAULT_UNIT, window: seconds, kind: 'sliding', anchor: undefined }
}
