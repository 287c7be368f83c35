/**
 * Keeps the keys that agents publish, by the URL that publishes them.
 *
 * The URL is the identity, so a key counts for the URL it was fetched from and for no other. Keys are used without waiting while they
 * are young, fetched anew behind a request before they are old, and used for a day longer if their place does not answer: an outage
 * must not revoke an agent's keys everywhere at once. A place that answers and no longer has a key has revoked it. What was fetched is
 * kept beside the copies of pages, where the platform has a store that outlives an isolate. Who asks for keys is anyone who signs a
 * request: one fetch for each place is in flight, a few in all, and after a failure none for a minute.
 */
import { type Backoff, isFetching, isWithin, NO_BACKOFF, tryFetch, tryFetchOrWait } from '../../http/backoff.ts'
import { LruCache } from '../../core/lru.ts'
import { logWarning } from '../../log.ts'
import type { Call, Clock, Platform } from '../../ports.ts'
import { FETCH_MS, fetchKeys } from './fetchkeys.ts'
import { createKeptKeys, type KeysCopy, placeName } from './keptkeys.ts'
import type { AgentPlace } from './rules/agent.ts'
import { type AgentKey, keyInUse } from './rules/keys.ts'

/** The keys of agents, for one isolate. */
export interface Directories {
  /**
   * Returns the key that an agent publishes under this thumbprint. `unknown`: it publishes no such key; `unavailable`: that cannot be
   * known now.
   */
  find(place: AgentPlace, thumbprint: string, call: Call): Promise<AgentKey | 'unknown' | 'unavailable'>
}

/** The part of a platform that fetches and keeps keys. */
export type DirectoryPlatform = Pick<Platform, 'clock' | 'fetch'> & Partial<Pick<Platform, 'copies'>>

interface PlaceState extends Backoff {
  /** True once the platform's store was asked: it has nothing newer than this isolate. */
  isRestored: boolean
}

const STALE_MS = 86_400_000
/** No fetch begins so soon after the last, whether it failed or lacked the key. */
const PAUSE_MS = 60_000
const POLICY = { cooldownMs: PAUSE_MS, timeoutMs: FETCH_MS }
const REFRESH_AHEAD = 0.75
const MAX_IN_FLIGHT = 16
/** Room for a thousand agents and for some hundred with all the keys that one may have. */
const MEMORY_BYTES = 4 * 1024 * 1024

const shared = new WeakMap<Platform['fetch'], Directories>()

/** Returns the directories of a platform: all that verify agents share them. */
export function directoriesOf(platform: DirectoryPlatform): Directories {
  const known = shared.get(platform.fetch) ?? createDirectories(platform)
  shared.set(platform.fetch, known)
  return known
}

function createDirectories({ clock, fetch, copies }: DirectoryPlatform): Directories {
  const states = new LruCache<PlaceState>(MEMORY_BYTES / 2)
  const kept = createKeptKeys(MEMORY_BYTES / 2, copies?.(MEMORY_BYTES / 2))
  const flights = new Flights(clock)

  const isYoung = (copy: KeysCopy | undefined, part = 1): boolean =>
    copy !== undefined && isWithin(copy.freshMs * part, copy.asOf, clock())
  const mayFetch = (state: PlaceState): boolean =>
    isFetching(state, clock()) ||
    (!isWithin(PAUSE_MS, state.failedAt ?? state.attemptedAt, clock()) && flights.hasRoom())
  const stateOf = async (place: AgentPlace): Promise<PlaceState> => {
    const state = states.get(placeName(place)) ?? { policy: POLICY, ...NO_BACKOFF, isRestored: false }
    states.set(placeName(place), state)
    if (!state.isRestored) await kept.restore(place)
    state.isRestored = true
    return state
  }
  const refresh = async (place: AgentPlace, state: PlaceState): Promise<void> => {
    const end = flights.begin()
    const work = async (asOf: number): Promise<void> => kept.put(place, { ...(await fetchKeys(place, fetch)), asOf })
    await tryFetch(state, clock, work, (message) => logWarning({ agentKeys: new URL(place.url).host, error: message }))
    end()
    if (state.failedAt === undefined) await kept.share(place)
  }
  const keyNow = (place: AgentPlace, thumbprint: string): AgentKey | 'unknown' | 'unavailable' => {
    const copy = kept.get(place)
    if (copy === undefined || !isWithin(copy.freshMs + STALE_MS, copy.asOf, clock())) return 'unavailable'
    return keyInUse(copy.keys, thumbprint, clock()) ?? 'unknown'
  }
  return {
    async find(place, thumbprint, call) {
      const state = await stateOf(place)
      const copy = kept.get(place)
      const update = (): Promise<void> => tryFetchOrWait(state, clock, () => refresh(place, state), call.waitUntil)
      if (!isYoung(copy)) {
        if (mayFetch(state)) await update()
      } else if (!isYoung(copy, REFRESH_AHEAD) && mayFetch(state) && !isFetching(state, clock()))
        call.waitUntil(refresh(place, state))
      const found = keyNow(place, thumbprint)
      if (found !== 'unknown' || !mayFetch(state)) return found
      await update() // the key may be new
      return keyNow(place, thumbprint)
    },
  }
}

/** Counts the fetches that have begun and not ended. One that died with its request counts as ended after a time. */
class Flights {
  readonly #clock: Clock
  readonly #begun = new Map<symbol, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  hasRoom(): boolean {
    for (const [name, at] of this.#begun)
      if (!isWithin(POLICY.timeoutMs * 2, at, this.#clock())) this.#begun.delete(name)
    return this.#begun.size < MAX_IN_FLIGHT
  }

  /** Returns what ends the flight. */
  begin(): () => void {
    const name = Symbol('flight')
    this.#begun.set(name, this.#clock())
    return () => void this.#begun.delete(name)
  }
}
