import type { Evidence, Finding } from './finding.ts'
import type { Suspect } from './observation.ts'
import type { AnomalyStep } from './policy.ts'

/** What is known of one suspect: JSON of at most 2 kB, so that the ledger of an account keeps it with the account. */
export interface SuspectState {
  readonly suspect: Suspect
  /** The first observation, and the charges since. */
  since: number
  charges: number
  /** The state of each signal, by its name. */
  states: Record<string, object>
  /** The last soft evidence of each signal, for a day. */
  evidence: Evidence[]
  /** When each signal last made a note. */
  noted: Record<string, number>
  /** Until when each signal is not listened to. */
  muted: Record<string, number>
  taken?: TakenStep
  /** A hold, or a request to sign in, that is not carried out yet. */
  pending?: Finding
  /** When the last sign-in that was asked for came. */
  answered?: number
}

export interface TakenStep {
  readonly step: AnomalyStep
  readonly from: number
  /** Without it, the step does not end by itself. */
  readonly until?: number
  readonly signals: readonly string[]
}

export function beginSuspect(suspect: Suspect, now: number): SuspectState {
  return { suspect, since: now, charges: 0, states: {}, evidence: [], noted: {}, muted: {} }
}
