/**
 * Chooses a server of a pool for one call.
 *
 * Servers differ in weight, health and free slots, and an operator may want a page or an account to stay on one server.
 * `pick` takes the members that may be called now and chooses by lot, or by the hash of a key. The state is plain data
 * that the functions here change, since requests in workerd can share nothing else. Ejected servers are used only as a
 * last resort: a pool never refuses while an untried server with room is left.
 */

import { afterFailure, afterSuccess, fitnessOf, HEALTHY, type Health, type HealthPolicy, onTrial } from './health.ts'
import { affinity } from './rendezvous.ts'
import { FIRST_SAVINGS, type RetryPolicy } from './retry.ts'
import { createSlots, hasRoom, holdSlot, mostFor, type Slots } from './slots.ts'

/** One origin server. `as`: requests name the zone's host instead of the server's own. */
export type Server =
  | { readonly kind: 'url'; readonly url: string; readonly host: string; readonly as?: 'zone' | 'zone where possible' }
  | { readonly kind: 'binding'; readonly binding: string }

/** A server, as configured in a pool. */
export interface Member {
  readonly server: Server
  /** Its URL, or the name of its binding. */
  readonly name: string
  /** The member's share of requests, relative to the others. 0: the server is drained, and gets none. */
  readonly weight: number
  /** Infinite if the route's limit alone applies. */
  readonly connectMs: number
  readonly responseMs: number
  /** The most calls that one isolate makes to it at a time. */
  readonly maxConcurrent: number | undefined
  /**
   * True for a server of somebody else's, brought by a meter: only a request that names it reaches it, and nothing that the zone adds
   * for its own servers.
   */
  readonly isNamedOnly?: true
}

/** `weight`: by lot. `path`, `account`: the same server for the same path or account, while it may be called. */
export type Choice = 'weight' | 'path' | 'account'

/** The servers of a zone. */
export interface Pool {
  readonly members: readonly Member[]
  readonly choice: Choice
  readonly health: HealthPolicy
  readonly retries: RetryPolicy
}

/**
 * The state that one isolate keeps of its servers. Plain data, changed by the functions here: requests share nothing
 * else.
 */
export interface PoolState {
  /** In the order of the pool's members. */
  readonly members: readonly MemberState[]
  /** The budget for retries, in hundredths of a retry: see `retry.ts`. */
  savings: number
  /** True once a redirect has led back to the requested URL. The operator is warned once. */
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

/** The requirements of a call. Times in milliseconds since 1970. */
export interface PoolRequest {
  readonly now: number
  /** The time by which the request must be answered. */
  readonly deadline: number
  /** From 0 to 1, 1 excluded. Decides if there is no key. */
  readonly random: number
  /** The text that the choice is hashed by; undefined for a choice by lot. */
  readonly key: string | undefined
  /** False for a request that anyone may make. */
  readonly isPaid: boolean
  /** Positions of the members called for this request. */
  readonly tried: ReadonlySet<number>
  /** The name of the only member that may be chosen; undefined if all may be. */
  readonly server?: string | undefined
}

/** A member chosen for one call. `until`: the time by which the call must be answered, in milliseconds since 1970. */
export interface Picked {
  readonly place: number
  readonly member: Member
  readonly state: MemberState
  readonly until: number
  /** Held if the member has a limit of calls. To be released at the end of the call. */
  readonly slot: number | undefined
  /** True if this call is the trial of a server whose ejection was over. */
  readonly wasDue: boolean
  /** The epoch of the member's health at the start of the call. */
  readonly epoch: number
}

interface Candidate {
  readonly place: number
  readonly member: Member
  readonly state: MemberState
}

/**
 * Chooses a member that is untried, not drained, and has room. An ejected member is chosen only if there is no other:
 * then the one whose ejection ends first. Each such choice puts off its end, so that all get their turn. Returns
 * undefined if none is left.
 */
export function pick(pool: Pool, state: PoolState, wanted: PoolRequest): Picked | undefined {
  const open = candidates(pool, state, wanted)
  const able = open.filter((candidate) => fitnessOf(candidate.state.health, wanted.now) !== 'ejected')
  const chosen =
    able.length === 0
      ? pickSoonestReturn(open)
      : wanted.key === undefined
        ? pickByWeight(able, wanted.random)
        : pickByKey(able, wanted.key)
  return chosen === undefined ? undefined : claim(chosen, wanted)
}

function candidates({ members }: Pool, state: PoolState, { tried, now, isPaid, server }: PoolRequest): Candidate[] {
  const open: Candidate[] = []
  for (const [place, member] of members.entries()) {
    const known = state.members[place]
    if (known === undefined || tried.has(place) || member.weight === 0) continue
    if (server === undefined ? member.isNamedOnly === true : member.name !== server) continue
    if (member.maxConcurrent !== undefined && !hasRoom(known.slots, mostFor(isPaid, member.maxConcurrent), now))
      continue
    open.push({ place, member, state: known })
  }
  return open
}

function pickSoonestReturn(open: readonly Candidate[]): Candidate | undefined {
  let first: Candidate | undefined
  for (const candidate of open) {
    if (first === undefined || candidate.state.health.ejectedUntil < first.state.health.ejectedUntil) first = candidate
  }
  return first
}

function pickByWeight(able: readonly Candidate[], random: number): Candidate | undefined {
  let left = random * able.reduce((sum, { member }) => sum + member.weight, 0)
  for (const candidate of able) {
    left -= candidate.member.weight
    if (left < 0) return candidate
  }
  return able.at(-1)
}

function pickByKey(able: readonly Candidate[], key: string): Candidate | undefined {
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
  const slot = member.maxConcurrent === undefined ? undefined : holdSlot(state.slots, until)
  return { place, member, state, until, slot, wasDue: fitness === 'due', epoch: state.health.epoch }
}

/** Notes the outcome of a call. Ignores it if the member was ejected or came back since the call began. */
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
