/** What is asked of the objects that watch a zone. All of it is JSON. */
import type { Finding } from './finding.ts'
import type { Observation, Suspect } from './observation.ts'
import type { AnomalyPolicy } from './policy.ts'

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

/** Asks for the latest findings. */
export interface ReadFindings {
  readonly kind: 'read'
  readonly most: number
}

export type AnomalyCommand = PostObservations | ReadFindings

export interface AnomalyReading {
  /** The latest first. */
  readonly findings: readonly Finding[]
  /** Observations of today (UTC) for which isolates had no room. */
  readonly dropped: number
}

export type AnomalyAnswer =
  | { readonly ok: true; readonly value: AnomalyReading | undefined }
  | { readonly ok: false; readonly error: string }

/** Returns a policy as JSON. */
export function postedPolicy(policy: AnomalyPolicy): PostedPolicy {
  return { ...policy, exempt: [...policy.exempt] }
}
