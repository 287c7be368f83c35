/**
 * All suspects of a zone in one memory, for a rehearsal on a log. The gate's
 * accounts and tokens are in their ledgers instead, each with its own state, by the same rules.
 */
import { beginBudget, type HoldBudget, takeHold } from '../../src/anomalies/rules/budget.ts'
import type { Finding } from '../../src/anomalies/rules/finding.ts'
import { type Observation, observedAt, type Suspect, suspectOf } from '../../src/anomalies/rules/observation.ts'
import type { AnomalyPolicy } from '../../src/anomalies/rules/policy.ts'
import type { Signal } from '../../src/anomalies/rules/signal.ts'
import { beginSuspect, type SuspectState } from '../../src/anomalies/rules/state.ts'
import { concernsSuspect, denyHold, watchSuspect } from '../../src/anomalies/rules/suspect.ts'

/** How many suspects of each kind are remembered. Beyond that the one is forgotten that was quiet the longest. */
export const MOST_SUSPECTS: Readonly<Record<Suspect, number>> = {
  account: 50_000,
  token: 10_000,
  network: 200,
  trip: 2000,
}

export class Detector {
  readonly #signals: readonly Signal[]
  readonly #policy: AnomalyPolicy
  readonly #most: Readonly<Record<Suspect, number>>
  readonly #states: Readonly<Record<Suspect, Map<string, SuspectState>>>
  readonly #budgets = new Map<string, HoldBudget>()
  /** Times at which an operator is called, because the holds of a day are used up. */
  readonly alerts: number[] = []
  /** Suspects that were forgotten. */
  forgotten = 0

  constructor(signals: readonly Signal[], policy: AnomalyPolicy, most: Partial<Record<Suspect, number>> = {}) {
    this.#signals = signals
    this.#policy = policy
    this.#most = { ...MOST_SUSPECTS, ...most }
    this.#states = { account: new Map(), token: new Map(), network: new Map(), trip: new Map() }
  }

  /** Looks at an observation. Returns the steps that it leads to; undefined if its time cannot be read. */
  observe(observation: Observation): readonly Finding[] | undefined {
    const now = observedAt(observation)
    if (now === undefined) return undefined
    const findings: Finding[] = []
    for (const suspect of SUSPECTS) {
      const state = this.#stateOf(suspect, observation, now)
      if (state === undefined) continue
      const finding = watchSuspect(state, this.#signals, this.#policy, observation, now)
      if (finding !== undefined) findings.push(this.#budgeted(state, finding, observation.zone))
    }
    return findings
  }

  /** Returns what is known of a suspect. */
  stateOf(suspect: Suspect, key: string): SuspectState | undefined {
    return this.#states[suspect].get(key)
  }

  #stateOf(suspect: Suspect, observation: Observation, now: number): SuspectState | undefined {
    const key = suspectOf(suspect, observation)
    if (key === undefined || !concernsSuspect(this.#signals, suspect, observation)) return undefined
    const states = this.#states[suspect]
    const state = states.get(key) ?? beginSuspect(suspect, now)
    states.delete(key)
    states.set(key, state)
    if (states.size > this.#most[suspect]) {
      const [quiet] = states.keys()
      if (quiet !== undefined) states.delete(quiet)
      this.forgotten += 1
    }
    return state
  }

  #budgeted(state: SuspectState, finding: Finding, zone = ''): Finding {
    const budget = this.#budgets.get(zone) ?? beginBudget()
    this.#budgets.set(zone, budget)
    const { isGranted, isAlert } = takeHold(budget, finding, this.#policy.hold.perDay)
    if (isAlert) this.alerts.push(finding.time)
    return isGranted ? finding : denyHold(state, finding)
  }
}

const SUSPECTS = ['account', 'token', 'network', 'trip'] as const
