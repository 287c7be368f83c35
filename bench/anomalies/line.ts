import type { Observation } from '../../src/anomalies/rules/observation.ts'

export const MINUTE = 60
export const HOUR = 3600
export const DAY = 86_400

/** The first midnight of a simulation, in seconds: a Monday. */
export const START = 1_790_553_600

/** A line of the log before it is written: `at` is seconds since the start. */
export interface SimulatedLine extends Omit<Observation, 'time' | 'id'> {
  readonly at: number
}

/** Where a request comes from. */
export interface Origin {
  readonly network: string
  readonly asn: number
  readonly country: string
}

let count = 0

/** Writes a line as the gate does: networks under the salt of the day. */
export function observationOf({ at, network, ...more }: SimulatedLine): Observation {
  count += 1
  const salted = network === undefined ? undefined : `${network}/${Math.floor(at / DAY)}`
  return { time: new Date((START + at) * 1000).toISOString(), id: `r${count}`, zone: 'news', ...more, network: salted }
}

/** A request that was served, free or for an amount of money. */
export function request(
  at: number,
  account: string,
  from: Origin,
  amount?: number,
  route = '/articles/*',
): SimulatedLine {
  const charged = amount === undefined ? undefined : { price: { amount: amount.toFixed(4), currency: 'EUR' } }
  return { at, decision: 'serve', status: 200, credential: 'verified', account, route, charged, ...from }
}
