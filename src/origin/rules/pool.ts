import { afterFailure, afterSuccess, fitnessOf, HEALTHY, type Health, type HealthPolicy, onTrial } from './health.ts'
import { affinity } from './rendezvous.ts'
import { FIRST_SAVINGS, type RetryPolicy } from './retry.ts'
import { createSlots, hasRoom, hold, mostFor, type Slots } from './slots.ts'

/** One origin server. `as`: the host that it is asked by is the zone's; without it, its own. */
export type Server =
  | { readonly kind: 'url'; readonly url: string; readonly host: string; readonly as?: 'zone' | 'zone where possible' }
  | { readonly kind: 'binding'; readonly binding: string }

/** A server as a pool has it. */
export interface Member {
  readonly server: Server
  /** Its URL, or the name of its binding. */
  readonly name: string
  /** Its share of the requests, against the others'. 0: it is drained, and gets none. */
  readonly weight: number
  /** Infinite where the route's limit holds alone. */
  readonly connectMs: number
  readonly responseMs: number
  /** How many calls it may be working on at once, from one isolate. */
  readonly maxConcurrent: number | undefined
}

/** `weight`: by lot. `path`, `account`: the same one for the same path or account, while it can be had. */
export type Choice = 'weight' | 'path' | 'account'

/** The servers of a zone. */
export interface Pool {
  readonly members: readonly Member[]
  readonly choice: Choice
  readonly health: HealthPolicy
  readonly retries: RetryPolicy
}

/** What one isolate knows of its servers. Plain data, which the functions here change: requests share nothing else. */
export interface PoolState {
  /** As the members of the pool. */
  readonly members: readonly MemberState[]
  /** Of retries, in hundredths: see `retry.ts`. */
  savings: number
  /** True once a redirect has led back to what was asked for, and the operator was told. */
  hasLoop: boolean
}

export interface MemberState {
  health: Health
  readonly slots: Slots
}

export function createPoolState({ members }: Pool): PoolState {
  return {
    members: members.map(() => ({ health: HEALTHY, slots: createSlots() })),
    savings: FIRST_SAVINGS,
    hasLoop: false,
  }
}

/** What a request asks of its pool. Times in milliseconds since 1970. */
export interface PoolRequest {
  readonly now: number
  /** When the request must have been answered. */
  readonly deadline: number
  /** From 0 to 1, 1 excluded: decides where no key does. */
  readonly random: number
  /** What the choice is hashed by. */
  readonly key: string | undefined
  /** False for a request that anyone may make. */
  readonly isPaid: boolean
  /** Places of the members that have failed this request. */
  readonly tried: ReadonlySet<number>
  /** The name of the one member that may be chosen. */
  readonly server?: string | undefined
}

/** A member that was chosen for one call; `until`, in milliseconds since 1970, is when that must have been answered. */
export interface Picked {
  readonly place: number
  readonly member: Member
  readonly state: MemberState
  readonly until: number
  /** Held where the member has a bound, and to be released when the call is over. */
  readonly slot: number | undefined
  /** True where this call is the trial of a server whose ejection was over. */
  readonly wasDue: boolean
  /** Of the member's health, when the call began. */
  readonly epoch: number
}

interface Candidate {
  readonly place: number
  readonly member: Member
  readonly state: MemberState
}

/**
 * Chooses a member that was not tried, is not drained and has room. An ejected one is chosen only where there is no
 * other: then the one whose ejection ends first, which each such try puts off, so that they go to all in turn.
 * Undefined where none is left.
 */
export function pick(pool: Pool, state: PoolState, wanted: PoolRequest): Picked | undefined {
  const open = candidates(pool, state, wanted)
  const able = open.filter((candidate) => fitnessOf(candidate.state.health, wanted.now) !== 'ejected')
  const chosen =
    able.length === 0 ? soonest(open) : wanted.key === undefined ? lot(able, wanted.random) : best(able, wanted.key)
  return chosen === undefined ? undefined : claim(chosen, wanted)
}

function candidates({ members }: Pool, state: PoolState, { tried, now, isPaid, server }: PoolRequest): Candidate[] {
  const open: Candidate[] = []
  for (const [place, member] of members.entries()) {
    const known = state.members[place]
    if (known === undefined || tried.has(place) || member.weight === 0) continue
    if (server !== undefined && member.name !== server) continue
    if (member.maxConcurrent !== undefined && !hasRoom(known.slots, mostFor(isPaid, member.maxConcurrent), now))
      continue
    open.push({ place, member, state: known })
  }
  return open
}

function soonest(open: readonly Candidate[]): Candidate | undefined {
  let first: Candidate | undefined
  for (const candidate of open) {
    if (first === undefined || candidate.state.health.ejectedUntil < first.state.health.ejectedUntil) first = candidate
  }
  return first
}

function lot(able: readonly Candidate[], random: number): Candidate | undefined {
  let left = random * able.reduce((sum, { member }) => sum + member.weight, 0)
  for (const candidate of able) {
    left -= candidate.member.weight
    if (left < 0) return candidate
  }
  return able.at(-1)
}

function best(able: readonly Candidate[], key: string): Candidate | undefined {
  let winner: Candidate | undefined
  let highest = Number.NEGATIVE_INFINITY
  for (const candidate of able) {
    const score = affinity(key, candidate.member.name, candidate.member.weight)
    if (score > highest) [winner, highest] = [candidate, score]
  }
  return winner
}

function claim({ place, member, state }: Candidate, { now, deadline }: PoolRequest): Picked {
  const until = Math.min(deadline, now + member.responseMs)
  const fitness = fitnessOf(state.health, now)
  if (fitness !== 'fit') state.health = onTrial(state.health, until)
  const slot = member.maxConcurrent === undefined ? undefined : hold(state.slots, until)
  return { place, member, state, until, slot, wasDue: fitness === 'due', epoch: state.health.epoch }
}

/** Notes how a call went: nothing, where the member was ejected or came back meanwhile. */
export function reportOutcome(
  { state, epoch, wasDue }: Picked,
  { health: policy }: Pool,
  failed: boolean,
  now: number,
): void {
  const { health } = state
  if (health.epoch !== epoch) return
  state.health = failed ? afterFailure(health, policy, wasDue, now) : afterSuccess(health, policy)
}
