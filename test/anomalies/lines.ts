import { Detector } from '../../cli/anomalies/detector.ts'
import type { Finding } from '../../src/anomalies/rules/finding.ts'
import type { Observation } from '../../src/anomalies/rules/observation.ts'
import { type AnomalyPolicy, DEFAULT_POLICY, SIGNALS } from '../../src/anomalies/rules/policy.ts'

export const MINUTE = 60
export const HOUR = 3600
export const DAY = 86_400

/** Midnight of a Monday, in seconds. */
export const START = 1_790_553_600

let lines = 0

/** A line of a request that an account was served, some seconds after the start. */
export function served(at: number, more: Partial<Observation> = {}): Observation {
  lines += 1
  return {
    time: new Date((START + at) * 1000).toISOString(),
    id: `request-${lines}`,
    zone: 'news',
    route: '/articles/*',
    decision: 'serve',
    status: 200,
    credential: 'verified',
    account: 'reader',
    network: 'home',
    country: 'DE',
    asn: 3320,
    ...more,
  }
}

export const paid = (at: number, amount: string, more: Partial<Observation> = {}): Observation =>
  served(at, { charged: { price: { amount, currency: 'EUR' } }, ...more })

export const detectorOf = (policy: Partial<AnomalyPolicy> = {}): Detector =>
  new Detector(SIGNALS, { ...DEFAULT_POLICY, ...policy })

/** Shows lines to a detector in their order, and returns all steps. */
export function watch(observations: readonly Observation[], detector = detectorOf()): Finding[] {
  return observations.flatMap((observation) => detector.observe(observation) ?? [])
}

export const stepsOf = (findings: readonly Finding[]): string[] =>
  findings.map(({ step, evidence }) => `${step} by ${evidence.map(({ signal }) => signal).join(', ')}`)

export const times = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

/** Days of a reader who pays the same each time: twice a day, at home and at work. */
export const habit = (days: number, more: Partial<Observation> = {}): Observation[] =>
  times(days).flatMap((day) => [
    paid(day * DAY + 8 * HOUR, '0.25', { network: `home-${day}`, ...more }),
    paid(day * DAY + 14 * HOUR, '0.35', { network: `work-${day}`, asn: 680, ...more }),
  ])

/** A day on which strangers use the token: each on a network of their own, of twelve operators. */
export const strangers = (day: number, count: number, more: Partial<Observation> = {}): Observation[] =>
  times(count).map((index) =>
    served(day * DAY + 9 * HOUR + index * MINUTE, {
      network: `stranger-${day}-${index}`,
      asn: 60_000 + (index % 12),
      ...more,
    }),
  )

/** Charges far above the habit, from elsewhere. */
export const splurge = (day: number, count: number, more: Partial<Observation> = {}): Observation[] =>
  times(count).map((index) =>
    paid(day * DAY + 16 * HOUR + index * MINUTE, `${12 + index}`, {
      route: '/reports/*',
      network: `abroad-${day}`,
      asn: 7018,
      ...more,
    }),
  )
