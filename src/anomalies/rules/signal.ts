/**
 * A signal: one thing that is not normal, watched in one suspect at a time.
 *
 * It looks at observations in order and keeps a state that is bounded and is JSON, so that a ledger can store it with the
 * account. It says what it saw, beside what is usual for this suspect, and decides nothing: steps are taken elsewhere.
 */
import type { Observation, Suspect } from './observation.ts'

/** `hard`: a fact that has no innocent reading. `soft`: unlike the suspect's own past. `note`: only to be known. */
export type SignalKind = 'hard' | 'soft' | 'note'

export interface Signal {
  readonly name: string
  /** The most that its evidence weighs. */
  readonly kind: SignalKind
  readonly suspect: Suspect
  /** What it looks at. Two signals that look at the same are not independent. */
  readonly looksAt: 'networks' | 'amounts' | 'times' | 'uses' | 'credentials' | 'declines'
  /** True if an observation is worth a state: cheap, and without one. */
  readonly concerns: (observation: Observation) => boolean
  readonly begin: () => object
  /** Looks at an observation of `now`, changes the state, and returns what is not normal. */
  readonly observe: (state: object, observation: Observation, now: number) => Firing | undefined
  /** Forgets the networks of a suspect that has been quiet. Absent of a signal that keeps none. */
  readonly forgetNetworks?: (state: object, now: number) => void
}

/** What a signal saw. */
export interface Firing {
  /** Less than the signal's own, if this is weaker. */
  readonly kind?: SignalKind
  readonly observed: Measures
  /** The same of the suspect's own past, or the bound where there is none. */
  readonly usual: Measures
  /** The time that was looked at, as an ISO 8601 duration. */
  readonly window: string
  /** Requests that show it, five at most. */
  readonly requests: readonly string[]
}

/** Numbers by what they count. */
export type Measures = Readonly<Record<string, number>>

interface SignalOf<State extends object> extends Omit<Signal, 'begin' | 'observe' | 'forgetNetworks'> {
  readonly begin: () => State
  readonly observe: (state: State, observation: Observation, now: number) => Firing | undefined
  readonly forgetNetworks?: (state: State, now: number) => void
}

/** Makes a signal of one with a state of its own. A state is only ever given to the signal that began it. */
export function signalOf<State extends object>(signal: SignalOf<State>): Signal {
  const { forgetNetworks, ...rest } = signal
  return {
    ...rest,
    observe: (state, observation, now) => signal.observe(state as State, observation, now),
    ...(forgetNetworks && { forgetNetworks: (state, now) => forgetNetworks(state as State, now) }),
  }
}

const MAX_ID_LENGTH = 36

/** Notes the request of an observation as one of those that show something: the last `most` of them. */
export function noteRequest(requests: string[], { id }: Observation, most: number): void {
  if (id === undefined) return
  requests.push(id.slice(0, MAX_ID_LENGTH))
  while (requests.length > most) requests.shift()
}
