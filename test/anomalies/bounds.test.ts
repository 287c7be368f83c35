import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Detector } from '../../cli/anomalies/detector.ts'
import { observedAt, type Observation } from '../../src/anomalies/rules/observation.ts'
import { DEFAULT_POLICY, SIGNALS } from '../../src/anomalies/rules/policy.ts'
import { beginSuspect, type SuspectState } from '../../src/anomalies/rules/state.ts'
import { watchSuspect } from '../../src/anomalies/rules/suspect.ts'
import { DAY, habit, paid, served, splurge, START, strangers, times, watch } from './lines.ts'

const MAX_BYTES = 2048

const longText = fc.oneof(fc.string({ maxLength: 5 }), fc.string({ minLength: 60, maxLength: 200 }))

/** Lines of one account as odd as may be: long names, any amount, any order of times. */
const lines = fc.array(
  fc.record(
    {
      at: fc.nat(120 * DAY),
      id: longText,
      route: longText,
      network: fc.string({ minLength: 1, maxLength: 30 }),
      asn: fc.oneof(fc.nat(4_294_967_295), fc.nat(9)),
      country: fc.constantFrom('DE', 'US', 'IN', 'BR', 'AU', 'KE', 'AQ', 'XX', ''),
      plan: longText,
      charged: fc.record({
        price: fc.record({ amount: fc.oneof(fc.float().map(String), fc.nat().map(String)), currency: longText }),
      }),
      reason: fc.constantFrom('payment-spent', 'subscription-inactive', 'credential-invalid', undefined),
      event: fc.constantFrom('payment-declined' as const, 'payment-succeeded' as const, undefined),
      token: fc.constantFrom('one', 'two'),
      trip: longText,
    },
    { requiredKeys: ['at', 'id', 'network'] },
  ),
  { maxLength: 400, size: 'max' },
)

function fill(state: SuspectState, observations: readonly Observation[]): number {
  let most = 0
  for (const each of observations) {
    watchSuspect(state, SIGNALS, DEFAULT_POLICY, each, observedAt(each) ?? 0)
    most = Math.max(most, JSON.stringify(state).length)
  }
  return most
}

describe('the state of a suspect', () => {
  it.each(['account', 'token', 'network', 'trip'] as const)(
    'of kind %s is bounded, whatever is observed',
    (suspect) => {
      fc.assert(
        fc.property(lines, (each) => {
          const observations = each
            .sort((a, b) => a.at - b.at)
            .map(({ at, ...more }) =>
              served(at, { trip: 't', ...more, ...(suspect === 'network' ? { network: 'n' } : {}) }),
            )
          expect(fill(beginSuspect(suspect, START), observations)).toBeLessThanOrEqual(MAX_BYTES)
        }),
        { numRuns: 25 },
      )
    },
  )

  it('of an account that is full of everything is at most 2 kB', () => {
    const id = 'db99ab0d-4f2e-4e8a-9f7e-3f1f6c1d2a3b'
    const all = times(130).flatMap((day) => [
      ...habit(1, { id }).map((line) => moved(line, day)),
      ...strangers(0, 40, { id, country: ['DE', 'US', 'IN', 'BR', 'AU', 'KE'][day % 6] ?? 'DE' }).map((line) =>
        moved(line, day),
      ),
      ...times(20).map((index) =>
        paid(day * DAY + 70_000 + index, `${(index + 1) * 1.7 ** (day % 40)}`, { route: `/r${index}`, id }),
      ),
      ...splurge(day, 4, { id }),
      ...times(day % 9 > 5 ? 300 : 3).map((index) => served(day * DAY + 80_000 + index * 15, { id })),
    ])
    const size = fill(beginSuspect('account', START), all)
    expect(size).toBeGreaterThan(1200)
    expect(size).toBeLessThanOrEqual(MAX_BYTES)
  })

  it('is JSON: a state that was stored and read goes on as if it had not been', () => {
    const all = [...habit(15), ...strangers(15, 20), ...splurge(15, 6), ...strangers(16, 20)]
    const kept = beginSuspect('account', START)
    let stored = JSON.stringify(beginSuspect('account', START))
    const [here, there] = [kept, () => JSON.parse(stored) as SuspectState]
    for (const each of all) {
      const now = observedAt(each) ?? 0
      const state = there()
      const finding = watchSuspect(state, SIGNALS, DEFAULT_POLICY, each, now)
      stored = JSON.stringify(state)
      expect(finding).toEqual(watchSuspect(here, SIGNALS, DEFAULT_POLICY, each, now))
      expect(stored).toBe(JSON.stringify(here))
    }
  })
})

const moved = (line: Observation, days: number): Observation => ({
  ...line,
  time: new Date(Date.parse(line.time) + days * DAY * 1000).toISOString(),
})

describe('a detector', () => {
  it('forgets whom it has not seen for longest, and counts that', () => {
    const detector = new Detector(SIGNALS, DEFAULT_POLICY, { account: 3 })
    watch(
      times(5).map((at) => served(at, { account: `reader-${at}` })),
      detector,
    )
    expect(detector.forgotten).toBe(2)
    expect(detector.stateOf('account', 'reader-1')).toBeUndefined()
    expect(detector.stateOf('account', 'reader-2')).toBeDefined()
  })

  it('keeps no state for what no signal is about', () => {
    const detector = new Detector(SIGNALS, DEFAULT_POLICY)
    watch(
      times(9).map((at) => served(at, { token: `jti-${at}`, trip: `trip-${at}` })),
      detector,
    )
    expect(detector.stateOf('token', 'jti-1')).toBeUndefined()
    expect(detector.stateOf('network', 'home')).toBeUndefined()
    expect(detector.stateOf('trip', 'trip-1')).toBeUndefined()
  })
})
