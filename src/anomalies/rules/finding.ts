import type { NoticedEvidence } from '../../ledger/rules/record.ts'
import type { Suspect } from './observation.ts'
import type { AnomalyStep } from './policy.ts'
import type { Firing, SignalKind } from './signal.ts'

/** What a signal saw in one suspect, and when. */
export interface Evidence extends Firing {
  readonly signal: string
  readonly kind: SignalKind
  /** Seconds since 1970. */
  readonly time: number
}

/** A step, with all that it stands on. */
export interface Finding {
  readonly step: AnomalyStep
  readonly suspect: Suspect
  /** The hash of the account, token, network or trip. */
  readonly key: string
  readonly evidence: readonly Evidence[]
  /** What speaks for the suspect. */
  readonly for: readonly string[]
  readonly time: number
  /** When it ends by itself; of a request to sign in anew, undefined: with the sign-in. */
  readonly until: number | undefined
  /** The request at which the step was taken: by it people and operators find it again. */
  readonly reference: string | undefined
  /** False if it is only told. */
  readonly isActed: boolean
  /** True if it was a program that presented what led to it: nobody signs in with that. */
  readonly isOfProgram?: true
  /** True of a request to sign in that would be a hold, had the day's holds not been used up. */
  readonly isOverBudget?: true
  /** What became of a hold or a request to sign in that the gate was to act on; absent while it is not carried out. */
  readonly disposition?: Disposition
}

/** `lifted` and `confirmed` are words of an operator. */
export type Disposition = 'carried-out' | 'lifted' | 'confirmed'

/** Returns what is told of evidence: what was seen, beside what is usual. */
export function describeEvidence(evidence: readonly Evidence[]): readonly NoticedEvidence[] {
  return evidence.map(({ signal, observed, usual, window, requests }) => ({
    signal,
    observed,
    usual,
    window,
    requests,
  }))
}

/** True if a finding stands on a fact that has no innocent reading. */
export function isHard({ evidence }: Pick<Finding, 'evidence'>): boolean {
  return evidence.some(({ kind }) => kind === 'hard')
}
