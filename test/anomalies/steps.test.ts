import { describe, expect, it } from 'vitest'
import { DEFAULT_POLICY, SIGNALS } from '../../src/anomalies/rules/policy.ts'
import type { Finding } from '../../src/anomalies/rules/finding.ts'
import { beginSuspect, type SuspectState } from '../../src/anomalies/rules/state.ts'
import { answerSuspect, confirmHold, liftSuspect, watchSuspect } from '../../src/anomalies/rules/suspect.ts'
import { observedAt, type Observation } from '../../src/anomalies/rules/observation.ts'
import type { AnomalyPolicy } from '../../src/anomalies/rules/policy.ts'
import {
  DAY,
  detectorOf,
  habit,
  HOUR,
  paid,
  served,
  splurge,
  START,
  stepsOf,
  strangers,
  times,
  watch,
} from './lines.ts'

/** Both soft signals on one day. */
const both = (day: number, more: Partial<Observation> = {}): Observation[] => [
  ...strangers(day, 13, more),
  ...splurge(day, 3, more),
]

/** Fifteen days: charges enough to be compared, too few days to be trusted. */
const young = habit(15)
const old = habit(40)

function show(state: SuspectState, lines: readonly Observation[], policy: AnomalyPolicy = DEFAULT_POLICY): Finding[] {
  return lines.flatMap((line) => watchSuspect(state, SIGNALS, policy, line, observedAt(line) ?? 0) ?? [])
}

const at = (day: number, seconds = 0): number => START + day * DAY + seconds

describe('an account', () => {
  it('is asked by one soft signal, and held by two that look at different things', () => {
    expect(stepsOf(watch([...young, ...both(15)]))).toEqual(['ask by hands', 'hold by hands, spend'])
  })

  it('is not held by two signals that are more than a day apart', () => {
    expect(stepsOf(watch([...young, ...strangers(15, 13), ...splurge(17, 3)]))).toEqual([
      'ask by hands',
      'ask by spend',
    ])
  })

  it('is never held by one soft signal, whatever the policy says', () => {
    const policy = {
      ...DEFAULT_POLICY,
      act: { hands: 'hold', spend: 'hold' },
      hold: { ...DEFAULT_POLICY.hold, needs: 1 },
    } as const
    expect(stepsOf(watch([...young, ...strangers(15, 13)], detectorOf(policy)))).toEqual(['ask by hands'])
  })

  it('is asked instead if it is trusted, and the finding says what speaks for it', () => {
    const findings = watch([...old, ...both(40)])
    expect(stepsOf(findings)).toEqual(['ask by hands'])
    expect(findings[0]?.for).toEqual(['known for 40 days', '80 charges', 'trusted'])
  })

  it('is noted and no more if it is exempt, by its plan or by itself', () => {
    for (const exempt of ['plan:partner', 'account:reader']) {
      const detector = detectorOf({ exempt: new Set([exempt]) })
      const lines = [...young, ...both(15)].map((line) => ({ ...line, plan: 'partner' }))
      expect(stepsOf(watch(lines, detector)), exempt).toEqual(['note by hands', 'note by spend'])
    }
  })

  it.each(['keys', 'feeds', 'crawl'])('is slowed and not asked to sign in if a program acts for it: by %s', (rail) => {
    expect(stepsOf(watch([...young, ...strangers(15, 13, { rail })]))).toEqual(['slow by hands'])
  })

  it('is noted by a signal that the policy does not name', () => {
    expect(stepsOf(watch([...young, ...both(15)], detectorOf({ act: { spend: 'ask' } })))).toEqual([
      'note by hands',
      'ask by spend',
    ])
  })

  it('is held with numbers, requests, a reference and an end', () => {
    const [, hold] = watch([...young, ...both(15)], detectorOf({ mode: 'act' }))
    const last = both(15).at(-1)
    expect(hold).toMatchObject({
      step: 'hold',
      suspect: 'account',
      key: 'reader',
      time: last && observedAt(last),
      until: last && (observedAt(last) ?? 0) + 3600,
      isActed: true,
      evidence: [
        { signal: 'hands', kind: 'soft', observed: { networks: 12 }, usual: { networks: 2 }, window: 'P1D' },
        {
          signal: 'spend',
          kind: 'soft',
          observed: { charges: 3, amount: 14 },
          usual: { charges: 32 },
          window: '10 charges',
        },
      ],
    })
    expect(hold?.reference).toBe(hold?.evidence[1]?.requests.at(-1))
    expect(hold?.evidence.flatMap(({ requests }) => requests)).toHaveLength(6)
  })

  it('is acted on only where the policy acts', () => {
    expect(watch([...young, ...both(15)]).map(({ isActed }) => isActed)).toEqual([false, false])
  })
})

describe('a hold', () => {
  it('ends by itself, and needs as much evidence again', () => {
    const state = beginSuspect('account', START)
    expect(stepsOf(show(state, [...young, ...both(15)]))).toContain('hold by hands, spend')
    expect(stepsOf(show(state, [served(15 * DAY + 18 * HOUR)]))).toEqual([])
    expect(state.taken).toBeUndefined()
    expect(stepsOf(show(state, splurge(16, 3)))).toEqual(['ask by spend'])
  })

  it('lasts until it is lifted once it is confirmed', () => {
    const state = beginSuspect('account', START)
    show(state, [...young, ...both(15)])
    expect(confirmHold(state, at(15, 17 * HOUR))).toBe(true)
    show(state, [served(19 * DAY)])
    expect(state.taken?.step).toBe('hold')
    liftSuspect(state, at(20))
    expect(state.taken).toBeUndefined()
  })

  it('cannot be confirmed when it has ended, nor where there is none', () => {
    const state = beginSuspect('account', START)
    show(state, [...young, ...strangers(15, 13)])
    expect(confirmHold(state, at(15, 10 * HOUR))).toBe(false)
    show(state, splurge(15, 3))
    expect(confirmHold(state, at(15, 18 * HOUR))).toBe(false)
  })

  it('that is lifted mutes what led to it for a week', () => {
    const state = beginSuspect('account', START)
    show(state, [...young, ...both(15)])
    liftSuspect(state, at(15, 17 * HOUR))
    expect(stepsOf(show(state, [...both(17), ...both(20)]))).toEqual([])
    expect(stepsOf(show(state, strangers(23, 31)))).toEqual(['ask by hands'])
  })

  it('is told once while it lasts', () => {
    const lines = [...young, ...both(15), ...splurge(15, 9).map((line) => ({ ...line, time: lateTime(line) }))]
    expect(stepsOf(watch(lines))).toEqual(['ask by hands', 'hold by hands, spend'])
  })
})

const lateTime = ({ time }: Observation): string => new Date(Date.parse(time) + 600_000).toISOString()

describe('a new sign-in that was asked for', () => {
  it('is asked for once a day', () => {
    const lines = [...young, ...strangers(15, 13), ...strangers(16, 16), ...strangers(17, 20)]
    expect(stepsOf(watch(lines))).toEqual(['ask by hands', 'ask by hands', 'ask by hands'])
  })

  it('ends the step when it comes', () => {
    const state = beginSuspect('account', START)
    show(state, [...young, ...strangers(15, 13)])
    answerSuspect(state, at(15, 11 * HOUR))
    expect(state.taken).toBeUndefined()
    expect(state.answered).toBe(at(15, 11 * HOUR))
  })

  it('suspends trust for a week: who has the password signs in too', () => {
    const state = beginSuspect('account', START)
    expect(stepsOf(show(state, [...old, ...both(40)]))).toEqual(['ask by hands'])
    answerSuspect(state, at(40, 18 * HOUR))
    expect(stepsOf(show(state, both(42)))).toEqual(['ask by hands', 'hold by hands, spend'])
  })

  it('that was not asked for changes nothing', () => {
    const state = beginSuspect('account', START)
    show(state, young)
    const before = JSON.stringify(state)
    answerSuspect(state, at(16))
    expect(JSON.stringify(state)).toBe(before)
  })
})

describe('the holds of a day', () => {
  const accounts = (count: number): Observation[] =>
    times(count).flatMap((index) => [...young, ...both(15)].map((line) => ({ ...line, account: `reader-${index}` })))
  const byTime = (lines: Observation[]): Observation[] => lines.sort((a, b) => a.time.localeCompare(b.time))

  it('are bounded: beyond them an account is asked, and an operator is called once', () => {
    const detector = detectorOf()
    const findings = watch(byTime(accounts(8)), detector).filter(
      ({ step, isOverBudget }) => step === 'hold' || isOverBudget,
    )
    expect(stepsOf(findings)).toEqual([
      ...times(5).map(() => 'hold by hands, spend'),
      ...times(3).map(() => 'ask by hands, spend'),
    ])
    expect(detector.alerts).toHaveLength(1)
    expect(detector.stateOf('account', 'reader-7')?.taken?.step).toBe('ask')
  })

  it('beyond them slow whoever uses an API key: nobody signs in with one', () => {
    const keyed = accounts(8).map((line) => ({ ...line, rail: 'keys' }))
    const detector = detectorOf()
    const findings = watch(byTime(keyed), detector).filter(({ isOverBudget }) => isOverBudget)
    expect(stepsOf(findings)).toEqual(times(3).map(() => 'slow by hands, spend'))
    const { taken, pending } = detector.stateOf('account', 'reader-7') ?? {}
    expect([taken?.step, taken?.until, pending]).toEqual(['slow', (taken?.from ?? 0) + 600, undefined])
  })

  it('are those of one zone', () => {
    const elsewhere = accounts(5).map((line) => ({ ...line, zone: 'shop', account: `${line.account}-shop` }))
    const findings = watch(byTime([...accounts(5), ...elsewhere]))
    expect(findings.filter(({ step }) => step === 'hold')).toHaveLength(10)
  })

  it('are not used up by hard facts, and do not stop them', () => {
    const spent = (token: number): Observation[] =>
      times(5).map((time) =>
        served(15 * DAY + 12 * HOUR + time, {
          reason: 'payment-spent',
          decision: 'refuse',
          token: `receipt-${token}`,
          account: undefined,
          asn: 100 + time,
        }),
      )
    const detector = detectorOf()
    const findings = watch(byTime([...times(20).flatMap(spent), ...accounts(6), ...spent(99)]), detector)
    expect(findings.filter(({ suspect, step }) => suspect === 'token' && step === 'hold')).toHaveLength(21)
    expect(findings.filter(({ suspect, step }) => suspect === 'account' && step === 'hold')).toHaveLength(5)
  })

  it('are new the next day', () => {
    const next = accounts(5).map((line) => ({
      ...line,
      account: `${line.account}-next`,
      time: new Date(Date.parse(line.time) + DAY * 1000).toISOString(),
    }))
    const findings = watch(byTime([...accounts(5), ...next]))
    expect(findings.filter(({ step }) => step === 'hold')).toHaveLength(10)
  })
})

describe('a line', () => {
  it('whose time cannot be read is no observation', () => {
    expect(detectorOf().observe({ ...paid(0, '1'), time: 'yesterday' })).toBeUndefined()
  })
})
