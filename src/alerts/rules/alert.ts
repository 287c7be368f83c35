/** The alerts: what each is about, from when on it is one, and which conditions are one by themselves. */
import type { ConditionName } from '../../tallies/rules/conditions.ts'

/** The bounds of an alert. What is observed has to reach all of those that it has. */
export interface Threshold {
  /** The least number, whatever is usual. */
  readonly atLeast: number
  /** How many times the number of the same minutes last week. */
  readonly timesUsual?: number
  /** The share of all, from 0 to 1. */
  readonly share?: number
}

/** The alerts with their default thresholds. */
export const DEFAULT_THRESHOLDS = {
  'customers-refused': { atLeast: 5, timesUsual: 3 },
  'charges-unsettled': { atLeast: 5, timesUsual: 3 },
  'payments-undelivered': { atLeast: 3, timesUsual: 3 },
  'origin-failing': { atLeast: 10, share: 0.05 },
  'provider-failing': { atLeast: 5, share: 0.1 },
  'payments-failing': { atLeast: 3, share: 0.1 },
  'sink-failing': { atLeast: 300 },
  'keys-stale': { atLeast: 1 },
  'status-list-stale': { atLeast: 1 },
  'server-ejected': { atLeast: 1 },
  'holds-spent': { atLeast: 1 },
  'sums-unread': { atLeast: 1 },
} as const satisfies Readonly<Record<string, Threshold>>

export type AlertName = keyof typeof DEFAULT_THRESHOLDS
export const ALERT_NAMES = Object.keys(DEFAULT_THRESHOLDS) as readonly AlertName[]

/** The thresholds of a configuration. An alert without one is switched off. */
export type Thresholds = Readonly<Partial<Record<AlertName, Threshold>>>

/** The alerts that are conditions, and not sums. */
export const OF_CONDITIONS: readonly AlertName[] = [
  'keys-stale',
  'status-list-stale',
  'server-ejected',
  'sink-failing',
  'holds-spent',
] satisfies readonly ConditionName[]

/** Something that is beyond its threshold now. */
export interface AlertFinding {
  readonly alert: AlertName
  /** The name that it is about, such as a route or an issuer; empty for the zone. */
  readonly of: string
  readonly observed: number
  /** The number of the same minutes last week. */
  readonly usual?: number
  /** All among which `observed` were counted. */
  readonly outOf?: number
  readonly threshold: number
}

/** Returns a number as a finding if it reaches its threshold. */
export function findingOf(
  { alert, of = '', observed, usual, outOf }: Omit<AlertFinding, 'threshold' | 'of'> & { readonly of?: string },
  thresholds: Thresholds,
): readonly AlertFinding[] {
  const bounds = thresholds[alert]
  if (bounds === undefined) return []
  const { atLeast, timesUsual = 0, share = 0 } = bounds
  const threshold = Math.max(atLeast, Math.ceil(timesUsual * (usual ?? 0)), Math.ceil(share * (outOf ?? 0)))
  if (observed < threshold) return []
  return [
    { alert, of, observed, ...(usual !== undefined && { usual }), ...(outOf !== undefined && { outOf }), threshold },
  ]
}
