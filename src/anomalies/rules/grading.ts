/**
 * The step that evidence leads to: note, slow, ask for a new sign-in, hold.
 *
 * One soft signal leads to what the policy says, and never to a hold: that needs two that look at different things, or one
 * hard fact.
 */
import type { Evidence } from './finding.ts'
import { isOfProgram, type Observation } from './observation.ts'
import { ANOMALY_STEPS, type AnomalyPolicy, type AnomalyStep } from './policy.ts'
import type { Signal } from './signal.ts'
import type { SuspectState } from './state.ts'

const DAY_LENGTH = 86_400
const WEEK_LENGTH = 7 * DAY_LENGTH

/** True if a step goes further than another. */
export function isBeyond(step: AnomalyStep, other: AnomalyStep): boolean {
  return ANOMALY_STEPS.indexOf(step) > ANOMALY_STEPS.indexOf(other)
}

/** Returns the step that the evidence of a signal leads to, with what the suspect's other signals have seen within a day. */
export function stepFor(
  { evidence: others, suspect }: SuspectState,
  evidence: Evidence,
  signals: readonly Signal[],
  policy: AnomalyPolicy,
): AnomalyStep {
  const act = policy.act[evidence.signal] ?? 'note'
  if (evidence.kind === 'note' || act === 'note') return 'note'
  if (evidence.kind === 'hard') return act
  // A network is many people: the most that it may suffer is to wait.
  if (suspect === 'network') return 'slow'
  const looksAt = (name: string): string => signals.find((signal) => signal.name === name)?.looksAt ?? name
  const independent = new Set([evidence, ...others].map(({ signal }) => looksAt(signal)))
  if (independent.size >= Math.max(2, policy.hold.needs)) return 'hold'
  return act === 'hold' ? 'ask' : act
}

/** Returns the step, or a milder one where the account is exempt or trusted, or cannot sign in. */
export function mitigated(
  step: AnomalyStep,
  state: SuspectState,
  evidence: readonly Evidence[],
  policy: AnomalyPolicy,
  observation: Observation,
  now: number,
): AnomalyStep {
  if (state.suspect !== 'account') return step
  if (isExempt(policy, observation)) return 'note'
  const isFact = evidence.some(({ kind }) => kind === 'hard')
  const most = step === 'hold' && !isFact && isTrusted(state, policy, now) ? 'ask' : step
  return most === 'ask' && isOfProgram(observation) ? 'slow' : most
}

function isExempt({ exempt }: AnomalyPolicy, { plan, account }: Observation): boolean {
  return exempt.has(`plan:${plan}`) || exempt.has(`account:${account}`)
}

/** If it goes on after a sign-in that was asked for, trust says nothing for a week: a thief with the password signs in too. */
function isTrusted({ since, charges, answered }: SuspectState, { trusted }: AnomalyPolicy, now: number): boolean {
  const isSuspended = answered !== undefined && now - answered <= WEEK_LENGTH
  return !isSuspended && now - since >= trusted.afterSeconds && charges >= trusted.charges
}

/** Returns what speaks for an account. */
export function reasonsFor(
  state: SuspectState,
  policy: AnomalyPolicy,
  observation: Observation,
  now: number,
): readonly string[] {
  if (state.suspect !== 'account') return []
  const reasons: string[] = []
  const days = Math.floor((now - state.since) / DAY_LENGTH)
  if (days > 0) reasons.push(`known for ${counted(days, 'day')}`)
  if (state.charges > 0) reasons.push(counted(state.charges, 'charge'))
  if (state.answered !== undefined)
    reasons.push(`signed in when asked, ${counted(Math.floor((now - state.answered) / DAY_LENGTH), 'day')} ago`)
  if (isTrusted(state, policy, now)) reasons.push('trusted')
  if (isExempt(policy, observation)) reasons.push('exempt')
  return reasons
}

function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
