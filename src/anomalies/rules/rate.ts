/**
 * Rate unlike itself: three hours in a row with far more requests than the same hours of the days before.
 *
 * On real traffic a jump of the rate alone is wrong too often to cost anyone anything (a launch, a holiday, a job at
 * midnight), so this makes a note and never more.
 */
import { packed, unpacked } from './hashes.ts'
import { type Firing, noteRequest, signalOf } from './signal.ts'

const HOURS = 24
const HOUR_LENGTH = 3600
const LEAST_DAYS = 7
const LEAST_REQUESTS = 50
const IN_A_ROW = 3
/** How far above its usual an hour is, in standard deviations of a count. */
const SLACK = 4
const MOST_SUM = 12
const WEIGHT = 0.2
/** Counts are kept by their logarithm, in two characters. */
const STEPS = 200

interface RateState {
  hour: number
  count: number
  since: number
  /** Of each hour of the day, what is usual. */
  usual: string
  /** What is too much, added up, and the hours in a row in which there was some. */
  sum: number
  row: number
  requests: string[]
  fired: number
}

export const rateSignal = signalOf<RateState>({
  name: 'rate',
  kind: 'note',
  suspect: 'account',
  looksAt: 'times',
  concerns: ({ decision }) => decision === 'serve' || decision === 'refuse',
  begin: () => ({ hour: 0, count: 0, since: 0, usual: '00'.repeat(HOURS), sum: 0, row: 0, requests: [], fired: 0 }),
  observe(state, observation, now) {
    const hour = Math.floor(now / HOUR_LENGTH)
    if (state.hour === 0) Object.assign(state, { hour, since: hour })
    const firing = hour > state.hour ? closeHour(state, hour) : undefined
    state.count += observation.times ?? 1
    noteRequest(state.requests, observation, 2)
    return firing
  },
})

/** Returns the requests of the busiest of an account's usual hours, by the state of this signal; 0 if it has none. */
export function usualPeak(state: object | undefined): number {
  const usual = state !== undefined && 'usual' in state ? String(state.usual) : ''
  return Math.max(0, ...unpacked(usual, 2).map((each) => Math.expm1(each / STEPS)))
}

function closeHour(state: RateState, hour: number): Firing | undefined {
  const usual = unpacked(state.usual, 2).map((each) => Math.expm1(each / STEPS))
  const of = state.hour % HOURS
  const expected = usual[of] ?? 0
  const excess = (state.count - expected) / Math.sqrt(expected + 1)
  const isMuch = excess > SLACK && state.count >= LEAST_REQUESTS && state.hour - state.since >= LEAST_DAYS * HOURS
  state.sum = Math.max(0, state.sum + (isMuch ? excess - SLACK : -SLACK))
  state.row = isMuch ? state.row + 1 : 0
  const observed = state.count
  learn(usual, state.hour, hour, observed)
  state.usual = usual.map((each) => packed(Math.log1p(each) * STEPS, 2)).join('')
  const isOver = state.row >= IN_A_ROW && state.sum > MOST_SUM && state.fired < state.hour - HOURS
  // Hours without any request end what was in a row.
  if (hour > state.hour + 1) Object.assign(state, { row: 0, sum: 0 })
  const [hours, requests] = [state.row, state.requests]
  Object.assign(state, { hour, count: 0, requests: [] })
  if (!isOver) return undefined
  state.fired = hour
  return {
    observed: { requests: observed, hours: Math.max(hours, IN_A_ROW) },
    usual: { requests: Math.round(expected) },
    window: 'PT1H',
    requests,
  }
}

/** Moves what is usual towards what was, for the hour that is over and those since, in which there was nothing. */
function learn(usual: number[], from: number, until: number, observed: number): void {
  for (let hour = from; hour < Math.min(until, from + 7 * HOURS); hour++) {
    const of = hour % HOURS
    const before = usual[of] ?? 0
    usual[of] = before + WEIGHT * ((hour === from ? observed : 0) - before)
  }
}
