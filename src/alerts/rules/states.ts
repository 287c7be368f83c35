/**
 * How a finding becomes an alert, and ends as one.
 *
 * What is beyond its threshold for some minutes fires once. It is resolved once, after it was within for some more, so that a
 * number about its threshold does not fire at every turn. What cannot be known stays as it is.
 */
import { ALERT_NAMES, type AlertName, type AlertFinding } from './alert.ts'

/** An alert, from its first minute beyond the threshold. Times are in milliseconds since 1970. */
export interface AlertState extends AlertFinding {
  readonly since: number
  readonly isFiring: boolean
  /** When it was within its threshold again; absent while it is beyond. */
  readonly clearSince?: number
}

/** An alert that fired or was resolved. */
export interface AlertChange extends AlertFinding {
  readonly state: 'firing' | 'resolved'
  readonly since: number
  readonly at: number
}

export interface Hysteresis {
  readonly forMs: number
  readonly clearMs: number
}

/** The most alerts of a zone at a time. */
const MAX_STATES = 100

/** Returns the states after a look, and what changed. `isUnknown`: nothing could be found out about such an alert. */
export function nextStates(
  states: readonly AlertState[],
  findings: readonly AlertFinding[],
  { forMs, clearMs }: Hysteresis,
  now: number,
  isUnknown: (alert: AlertName) => boolean = () => false,
): { readonly states: readonly AlertState[]; readonly changes: readonly AlertChange[] } {
  const found = new Map(findings.map((finding) => [keyOf(finding), finding]))
  const changes: AlertChange[] = []
  const next: AlertState[] = []
  for (const state of states) {
    const finding = found.get(keyOf(state))
    found.delete(keyOf(state))
    if (finding !== undefined) next.push(fired({ ...finding, since: state.since, isFiring: state.isFiring }))
    else if (isUnknown(state.alert)) next.push(state)
    else next.push(...cleared(state))
  }
  for (const finding of found.values())
    if (next.length < MAX_STATES) next.push(fired({ ...finding, since: now, isFiring: false }))
  return { states: next, changes }

  function fired(state: AlertState): AlertState {
    if (state.isFiring || now - state.since < forMs) return state
    changes.push(changeOf(state, 'firing', now))
    return { ...state, isFiring: true }
  }

  function cleared(state: AlertState): readonly AlertState[] {
    const { clearSince = now } = state
    if (!state.isFiring) return []
    if (now - clearSince < clearMs) return [{ ...state, clearSince }]
    changes.push(changeOf(state, 'resolved', now))
    return []
  }
}

function keyOf({ alert, of }: Pick<AlertFinding, 'alert' | 'of'>): string {
  return `${alert}\n${of}`
}

function changeOf(
  { isFiring: _isFiring, clearSince: _clearSince, ...state }: AlertState,
  to: AlertChange['state'],
  at: number,
): AlertChange {
  return { ...state, state: to, at }
}

/** Returns those of stored states that this version knows. */
export function knownStates(states: readonly AlertState[]): readonly AlertState[] {
  return states.filter(({ alert }) => ALERT_NAMES.includes(alert))
}
