import { DEFAULT_UNIT, type Limit } from './limit.ts'

/** Bounds the frequency with which one account or one receipt may ask for one route. All rates must hold. */
export interface Rates {
  /** The route: rates are counted for each pair of route and payer. */
  readonly scope: string
  /** Counted by the ledger, exactly. */
  readonly exact: readonly Limit[]
  /** Counted by the platform, approximately. */
  readonly bound: readonly BoundRate[]
}

/** A rate limit of the platform. The binding sets the number of requests that it allows. */
export interface BoundRate {
  readonly binding: string
  /** The period set for the binding, from which `Retry-After` is made. */
  readonly seconds: number
}

/** The most rates of one route. */
export const MAX_RATES = 4

/**
 * Returns a rate as a limit of the ledger. The name contains a tab, and names of other limits are printable ASCII: so no
 * plan can replace or loosen a rate, and no quota is counted with it.
 */
export function exactRate(requests: number, seconds: number, scope: string): Limit {
  const name = `rate\t${scope}`
  return { name, quota: BigInt(requests), unit: DEFAULT_UNIT, window: seconds, kind: 'sliding', anchor: undefined }
}
