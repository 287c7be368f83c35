/** What is asked of the objects that watch a zone. All of it is JSON. */
import type { HoldGrant } from './budget.ts'
import type { Finding, Disposition } from './finding.ts'
import type { Observation, Suspect } from './observation.ts'
import type { AnomalyPolicy } from './policy.ts'
import type { Slowed } from './slowing.ts'

/** A policy as JSON. */
export interface PostedPolicy extends Omit<AnomalyPolicy, 'exempt'> {
  readonly exempt: readonly string[]
}

/** An observation, and the suspects that this object watches of those it concerns. */
export interface WatchedObservation {
  readonly suspects: readonly Suspect[]
  readonly observation: Observation
}

/** Shows what an isolate has seen in ten seconds, in its order. */
export interface PostObservations {
  readonly kind: 'post'
  /** That of the configuration which the isolate runs. */
  readonly policy: PostedPolicy
  readonly observations: readonly WatchedObservation[]
  /** Observations for which the isolate had no room. */
  readonly dropped: number
}

/** What the isolate is to do about the suspects that it has told of. */
export interface PostOutcome {
  /** Holds and requests to sign in that nobody has said to have carried out. Doing so twice is as once. */
  readonly acts: readonly Finding[]
  readonly slowed: readonly Slowed[]
}

/** Asks for the latest findings. */
export interface ReadFindings {
  readonly kind: 'read'
  readonly most: number
}

export interface AnomalyReading {
  /** The latest first. */
  readonly findings: readonly Finding[]
  /** Observations of today (UTC) for which isolates had no room. */
  readonly dropped: number
}

/** Says what became of a finding. `over-budget`: the day's holds are used up, so the suspect is to be asked to sign in instead. */
export interface SettleFinding {
  readonly kind: 'settle'
  readonly suspect: Suspect
  readonly key: string
  readonly reference: string
  readonly as: Disposition | 'over-budget'
}

/** Takes a hold from the day's budget of the zone: asked of the first of its objects alone. The same again takes nothing. */
export interface TakeHold {
  readonly kind: 'take-hold'
  readonly finding: Pick<Finding, 'step' | 'evidence' | 'time' | 'reference'>
  readonly perDay: number
}

/** Forgets all that is known of a suspect, and what was found of it. */
export interface ForgetSuspect {
  readonly kind: 'forget'
  readonly suspect: Suspect
  readonly key: string
}

export type AnomalyCommand = PostObservations | ReadFindings | SettleFinding | TakeHold | ForgetSuspect

/** The outcome of each command, by its kind. */
interface AnomalyOutcomes {
  /** Undefined from an object of a version that only observed. */
  post: PostOutcome | undefined
  read: AnomalyReading
  /** The finding as it is then; null if there is no such one. */
  settle: Finding | null
  'take-hold': HoldGrant
  forget: { readonly isForgotten: true }
}

export type AnomalyOutcome<K extends AnomalyCommand['kind'] = AnomalyCommand['kind']> = AnomalyOutcomes[K]

export type AnomalyAnswer<K extends AnomalyCommand['kind'] = AnomalyCommand['kind']> =
  | { readonly ok: true; readonly value: AnomalyOutcome<K> }
  | { readonly ok: false; readonly error: string }

/** Returns a policy as JSON. */
export function postedPolicy(policy: AnomalyPolicy): PostedPolicy {
  return { ...policy, exempt: [...policy.exempt] }
}
