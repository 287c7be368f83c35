/**
 * What one of a zone's objects knows of the suspects that it watches, and what it found.
 *
 * All that is seen of one suspect comes to one object. Isolates tell every ten seconds, each for itself, so what they tell
 * may be ten seconds out of order: to a suspect, time stands still meanwhile and never goes back. Suspects that were quiet
 * for long are forgotten, networks after two days: their names are of a day.
 */
import { type HoldGrant, takeHold } from './budget.ts'
import type { Finding } from './finding.ts'
import { observedAt, type Suspect, suspectOf } from './observation.ts'
import { type AnomalyPolicy, SIGNALS } from './policy.ts'
import { beginSuspect, type SuspectState } from './state.ts'
import { slowedAt } from './slowing.ts'
import { confirmHold, denyHold, liftSuspect, watchSuspect } from './suspect.ts'
import type {
  AnomalyAnswer,
  AnomalyCommand,
  AnomalyOutcome,
  PostObservations,
  PostOutcome,
  SettleFinding,
  TakeHold,
  WatchedObservation,
} from './anomalycommands.ts'

/** Where it is stored. Times are seconds since 1970. Every call is within a transaction. */
export interface WatchStorage {
  suspect(kind: Suspect, key: string): SeenSuspect | undefined
  putSuspect(kind: Suspect, key: string, suspect: SeenSuspect): void
  countSuspects(kind: Suspect): number
  /** The keys of those that were last seen at `from` or later, and before `to`. */
  suspectsSeen(kind: Suspect, from: number, to: number): readonly string[]
  /** Forgets the suspects of a kind that were not seen since, and all but the latest `most`. */
  forget(kind: Suspect, since: number, most: number): void
  /** Forgets a suspect, with all that was found of it. */
  forgetSuspect(kind: Suspect, key: string): void
  addFinding(finding: Finding): void
  /** The latest first. */
  findings(most: number): readonly Finding[]
  dropFindings(since: number, most: number): void
  /** Writes what became of the latest finding about a suspect that has the reference. Returns it; undefined if there is none. */
  changeFinding(
    found: Pick<Finding, 'suspect' | 'key'> & { readonly reference: string },
    change: Partial<Finding>,
  ): Finding | undefined
  /** The holds that were taken from the day's budget: `day` is that of the last of them. */
  takenHolds(): TakenHolds
  putTakenHolds(taken: TakenHolds): void
  note(name: WatchNote): number
  putNote(name: WatchNote, value: number): void
}

/** The hour in which was last tidied up; the day of which what isolates dropped is counted, and the count. */
export type WatchNote = 'tidied' | 'day' | 'dropped'

/** The holds of a day, by their references: as many as may be, and the first that might not. */
export interface TakenHolds {
  readonly day: number
  readonly references: readonly string[]
}

export interface SeenSuspect {
  readonly seen: number
  readonly state: SuspectState
}

const HOUR_LENGTH = 3600
const DAY_LENGTH = 24 * HOUR_LENGTH
const FINDINGS_KEPT = 90 * DAY_LENGTH
/** Of one object. */
export const MOST_FINDINGS = 1000
/** No isolate tells what is older, and none is ahead of time. */
const MOST_AGE = HOUR_LENGTH

/** After this, and an hour, no network is known: their names are of a day. */
const NETWORKS_KEPT = 47 * HOUR_LENGTH

/** How long a quiet suspect is remembered, and how many by one object. */
export const REMEMBERED: Readonly<Record<Suspect, { readonly seconds: number; readonly most: number }>> = {
  account: { seconds: 90 * DAY_LENGTH, most: 20_000 },
  token: { seconds: 90 * DAY_LENGTH, most: 5000 },
  network: { seconds: NETWORKS_KEPT, most: 2000 },
  trip: { seconds: 2 * DAY_LENGTH, most: 500 },
}
const KINDS = Object.entries(REMEMBERED) as readonly [Suspect, (typeof REMEMBERED)[Suspect]][]

/** Carries out a command. `now` is in milliseconds since 1970. */
export function applyWatch<C extends AnomalyCommand>(
  storage: WatchStorage,
  command: C,
  now: number,
): AnomalyAnswer<C['kind']>
export function applyWatch(storage: WatchStorage, command: AnomalyCommand, now: number): AnomalyAnswer {
  return { ok: true, value: carriedOut(storage, command, Math.floor(now / 1000)) }
}

function carriedOut(storage: WatchStorage, command: AnomalyCommand, now: number): AnomalyOutcome {
  switch (command.kind) {
    case 'post':
      return watchAll(storage, command, now)
    case 'read': {
      const isToday = storage.note('day') === Math.floor(now / DAY_LENGTH)
      const findings = storage.findings(Math.min(command.most, MOST_FINDINGS))
      return { findings, dropped: isToday ? storage.note('dropped') : 0 }
    }
    case 'settle':
      return settle(storage, command, now) ?? null
    case 'take-hold':
      return takeFrom(storage, command)
    case 'forget':
      storage.forgetSuspect(command.suspect, command.key)
      return { isForgotten: true }
  }
}

function watchAll(
  storage: WatchStorage,
  { policy, observations, dropped }: PostObservations,
  now: number,
): PostOutcome {
  const compiled = { ...policy, exempt: new Set(policy.exempt) }
  const touched = new Map<string, TouchedSuspect>()
  for (const each of observations) watchOne(storage, each, compiled, touched, now)
  for (const { kind, key, seen, state } of touched.values()) storage.putSuspect(kind, key, { seen, state })
  if (dropped > 0) countDropped(storage, dropped, now)
  tidyUp(storage, now)
  const told = [...touched.values()]
  return {
    acts: told.flatMap(({ state }) => state.pending ?? []),
    slowed: policy.mode === 'act' ? told.flatMap(({ state, key }) => slowedAt(state, key, now) ?? []) : [],
  }
}

/** Notes what became of a finding, in the state of its suspect too. */
function settle(
  storage: WatchStorage,
  { suspect: kind, key, reference, as }: SettleFinding,
  now: number,
): Finding | undefined {
  const known = storage.suspect(kind, key)
  const { pending } = known?.state ?? {}
  const isPending = pending?.reference === reference
  let change: Partial<Finding> = as === 'over-budget' ? {} : { disposition: as }
  if (known !== undefined) {
    const { state } = known
    if (as === 'over-budget' && isPending) change = denyHold(state, pending)
    else if (as === 'carried-out' && isPending) delete state.pending
    else if (as === 'lifted') liftSuspect(state, now)
    else if (as === 'confirmed') confirmHold(state, now)
    storage.putSuspect(kind, key, known)
  }
  return storage.changeFinding({ suspect: kind, key, reference }, change)
}

/** Takes a hold from the day's budget. Whoever has to ask again, since no answer came, takes it once. */
function takeFrom(storage: WatchStorage, { finding, perDay }: TakeHold): HoldGrant {
  const day = Math.floor(finding.time / DAY_LENGTH)
  const taken = storage.takenHolds()
  const { references } = day > taken.day ? NO_HOLDS : taken
  const { reference = '' } = finding
  if (references.includes(reference)) return { isGranted: references.indexOf(reference) < perDay, isAlert: false }
  const budget = { day: Math.max(day, taken.day), holds: references.length }
  const grant = takeHold(budget, finding, perDay)
  if (budget.holds > references.length && references.length <= perDay)
    storage.putTakenHolds({ day: budget.day, references: [...references, reference] })
  return grant
}

const NO_HOLDS: TakenHolds = { day: 0, references: [] }

interface TouchedSuspect {
  readonly kind: Suspect
  readonly key: string
  seen: number
  readonly state: SuspectState
}

function watchOne(
  storage: WatchStorage,
  { suspects, observation }: WatchedObservation,
  policy: AnomalyPolicy,
  touched: Map<string, TouchedSuspect>,
  now: number,
): void {
  const at = observedAt(observation)
  if (at === undefined || now - at > MOST_AGE) return
  for (const kind of suspects) {
    const key = suspectOf(kind, observation)
    if (key === undefined) continue
    const name = `${kind} ${key}`
    const known = touched.get(name) ?? { kind, key, ...(storage.suspect(kind, key) ?? begun(kind, at)) }
    touched.set(name, known)
    known.seen = Math.max(known.seen, Math.min(at, now))
    const finding = watchSuspect(known.state, SIGNALS, policy, observation, known.seen)
    if (finding !== undefined) storage.addFinding(finding)
  }
}

function begun(kind: Suspect, at: number): SeenSuspect {
  return { seen: at, state: beginSuspect(kind, at) }
}

function countDropped(storage: WatchStorage, dropped: number, now: number): void {
  const day = Math.floor(now / DAY_LENGTH)
  const before = storage.note('day') === day ? storage.note('dropped') : 0
  storage.putNote('day', day)
  storage.putNote('dropped', before + dropped)
}

/** Forgets what is old once an hour, and what is too much at once: down to nine tenths, so that it is seldom. */
function tidyUp(storage: WatchStorage, now: number): void {
  const hour = Math.floor(now / HOUR_LENGTH)
  const isDue = storage.note('tidied') !== hour
  for (const [kind, { seconds, most }] of KINDS) {
    const isFull = storage.countSuspects(kind) > most
    if (isDue || isFull) storage.forget(kind, now - seconds, isFull ? Math.floor(most * 0.9) : most)
  }
  if (!isDue) return
  forgetNetworks(storage, storage.note('tidied') * HOUR_LENGTH, now)
  storage.dropFindings(now - FINDINGS_KEPT, MOST_FINDINGS)
  storage.putNote('tidied', hour)
}

/** Forgets the networks of accounts and tokens that are quiet since `tidied`, or a little before. */
function forgetNetworks(storage: WatchStorage, tidied: number, now: number): void {
  for (const kind of ['account', 'token'] as const) {
    const keepers = SIGNALS.filter((signal) => signal.suspect === kind && signal.forgetNetworks !== undefined)
    for (const key of storage.suspectsSeen(kind, tidied - NETWORKS_KEPT, now - NETWORKS_KEPT)) {
      const known = storage.suspect(kind, key)
      if (known === undefined) continue
      for (const { name, forgetNetworks: forget } of keepers) {
        const state = known.state.states[name]
        if (state !== undefined) forget?.(state, now)
      }
      storage.putSuspect(kind, key, known)
    }
  }
}
