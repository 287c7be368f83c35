/**
 * Watches one suspect: shows each observation to its signals, and takes the step that they lead to.
 *
 * A step that is taken is told once, until it ends or a further one is. A hold ends by itself, and uses up the evidence
 * that it stands on: to be held again takes as much again.
 */
import type { Evidence, Finding } from './finding.ts'
import { isBeyond, mitigated, reasonsFor, stepFor } from './grading.ts'
import { isOfProgram, type Observation, type Suspect, suspectOf } from './observation.ts'
import type { AnomalyPolicy, AnomalyStep } from './policy.ts'
import type { Signal } from './signal.ts'
import type { SuspectState } from './state.ts'

const DAY_LENGTH = 86_400
const WEEK_LENGTH = 7 * DAY_LENGTH
const SLOW_LENGTH = 600
/** By then every isolate knows of a hold, whatever the bound of a site is. */
const SPREAD_LENGTH = 600

/** True if an observation is worth a state of a suspect. */
export function concernsSuspect(signals: readonly Signal[], suspect: Suspect, observation: Observation): boolean {
  return signals.some((signal) => signal.suspect === suspect && signal.concerns(observation))
}

/**
 * Looks at an observation, and changes the state. Returns the step that is taken; undefined if none is, or none beyond
 * what is taken already. An observation that is not about this suspect changes nothing.
 */
export function watchSuspect(
  state: SuspectState,
  signals: readonly Signal[],
  policy: AnomalyPolicy,
  observation: Observation,
  now: number,
): Finding | undefined {
  const key = suspectOf(state.suspect, observation)
  if (key === undefined) return undefined
  if (observation.charged !== undefined && observation.charged.joined !== true) state.charges += 1
  if (state.taken?.until !== undefined && state.taken.until <= now) endStep(state)
  if (policy.mode === 'act') hearSuspect(state, observation, now)
  const fresh = listen(state, signals, observation, now)
  if (fresh.length === 0) return undefined
  state.evidence = state.evidence.filter(({ time }) => now - time <= DAY_LENGTH)
  const wanted = fresh
    .map((evidence) => stepFor(state, evidence, signals, policy))
    .reduce((most, each) => (isBeyond(each, most) ? each : most))
  const step = mitigated(wanted, state, fresh, policy, observation, now)
  const reasons = reasonsFor(state, policy, observation, now)
  const evidence = step === 'note' ? fresh : remember(state, fresh)
  const until = untilOf(step, policy, now)
  if (!isNews(state, step, evidence, now)) return undefined
  if (step !== 'note') state.taken = takenStep(step, evidence, now, until)
  if (step === 'hold') state.evidence = []
  const { id: reference } = observation
  const isActed = policy.mode === 'act'
  const { suspect } = state
  const known = { step, suspect, key, evidence, for: reasons, time: now, until, reference, isActed }
  const finding: Finding = isOfProgram(observation) ? { ...known, isOfProgram: true } : known
  if (isActed && (step === 'hold' || step === 'ask')) state.pending = finding
  return finding
}

/** Returns what the signals see that are listened to. */
function listen(state: SuspectState, signals: readonly Signal[], observation: Observation, now: number): Evidence[] {
  const evidence: Evidence[] = []
  for (const signal of signals) {
    if (signal.suspect !== state.suspect || !signal.concerns(observation)) continue
    const own = (state.states[signal.name] ??= signal.begin())
    const firing = signal.observe(own, observation, now)
    if (firing === undefined || (state.muted[signal.name] ?? 0) > now) continue
    evidence.push({ ...firing, signal: signal.name, kind: firing.kind ?? signal.kind, time: now })
  }
  return evidence
}

/** Keeps what may become half of a hold, and returns all that there is of the day. */
function remember(state: SuspectState, fresh: readonly Evidence[]): readonly Evidence[] {
  const older = state.evidence.filter(({ signal }) => fresh.every((each) => each.signal !== signal))
  state.evidence = [...older, ...fresh.filter(({ kind }) => kind === 'soft')]
  return [...older, ...fresh]
}

function isNews(state: SuspectState, step: AnomalyStep, evidence: readonly Evidence[], now: number): boolean {
  if (step !== 'note') return state.taken === undefined || isBeyond(step, state.taken.step)
  const isOld = evidence.every(({ signal }) => now - (state.noted[signal] ?? -DAY_LENGTH) < DAY_LENGTH)
  for (const { signal } of evidence) state.noted[signal] = now
  return !isOld
}

function untilOf(step: AnomalyStep, { hold }: AnomalyPolicy, now: number): number | undefined {
  if (step === 'hold') return now + hold.seconds
  return step === 'slow' ? now + SLOW_LENGTH : undefined
}

function takenStep(
  step: AnomalyStep,
  evidence: readonly Evidence[],
  from: number,
  until: number | undefined,
): SuspectState['taken'] & object {
  const signals = evidence.map(({ signal }) => signal)
  // Who was asked and does not come is asked again after a day, by new evidence.
  return { step, from, until: step === 'ask' ? from + DAY_LENGTH : (until ?? from), signals }
}

/** What was not carried out until its end is not carried out. */
function endStep(state: SuspectState): void {
  delete state.taken
  delete state.pending
}

/**
 * Takes note of what became of a step that was carried out: whoever was asked comes with a credential of a later sign-in; who is
 * held and served all the same was let go by another order than one about the finding.
 */
function hearSuspect(state: SuspectState, { issued, decision, observed }: Observation, now: number): void {
  const { taken, pending } = state
  if (taken === undefined || pending !== undefined) return
  if (taken.step === 'ask' && issued !== undefined && issued > taken.from) answerSuspect(state, now)
  const isServed = decision === 'serve' && (observed === undefined || observed === 'serve')
  if (taken.step === 'hold' && isServed && now - taken.from > SPREAD_LENGTH) liftSuspect(state, now)
}

/** Ends what is taken. What led to it is not listened to for a week: an operator has looked at it. */
export function liftSuspect(state: SuspectState, now: number): void {
  for (const signal of state.taken?.signals ?? []) state.muted[signal] = now + WEEK_LENGTH
  endStep(state)
  state.evidence = []
}

/** Makes a hold last until it is lifted: an operator has looked at it. Returns false if there is none. */
export function confirmHold(state: SuspectState, now: number): boolean {
  const { taken } = state
  if (taken?.step !== 'hold' || (taken.until !== undefined && taken.until <= now)) return false
  const { step, from, signals } = taken
  state.taken = { step, from, signals }
  return true
}

/** Takes note that a sign-in came that was asked for: credentials of before are worth nothing now. */
export function answerSuspect(state: SuspectState, now: number): void {
  if (state.taken?.step !== 'ask') return
  for (const signal of state.taken.signals) state.muted[signal] = now + DAY_LENGTH
  endStep(state)
  state.evidence = []
  state.answered = now
}

/**
 * Returns what comes in the place of a hold that the day's budget did not grant: a request to sign in. Whom a program's credential
 * speaks against is slowed: nobody signs in with one.
 */
export function deniedHold(finding: Finding): Finding {
  const isSlow = finding.isOfProgram === true
  const until = isSlow ? finding.time + SLOW_LENGTH : undefined
  return { ...finding, step: isSlow ? 'slow' : 'ask', until, isOverBudget: true }
}

/** Takes that step, and returns the finding as it is then. */
export function denyHold(state: SuspectState, finding: Finding): Finding {
  const denied = deniedHold(finding)
  const { step, evidence, time, until } = denied
  state.taken = takenStep(step, evidence, time, until)
  delete state.pending
  if (finding.isActed && step === 'ask') state.pending = denied
  return denied
}
