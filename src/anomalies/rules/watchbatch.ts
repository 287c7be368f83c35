/**
 * What one isolate has seen since it last told: at most 2,000 observations.
 *
 * Only what concerns a signal is kept, and of requests that differ in nothing a signal looks at the first, with how many
 * they were. What anybody can have seen, invented credentials and trips that begin, may have a quarter of the room each, so that
 * nobody can push out what was seen of accounts. Beyond the room the oldest goes, and is counted.
 */
import { type Observation, type Suspect, suspectOf } from './observation.ts'
import { SIGNALS } from './policy.ts'
import { concernsSuspect } from './suspect.ts'

const SUSPECTS: readonly Suspect[] = ['account', 'token', 'network', 'trip']
const MOST = 2000
/** Of what anybody can cause, of each kind. */
const MOST_OF_ANYBODY = MOST / 4

interface SeenEntry {
  readonly suspects: readonly Suspect[]
  readonly observation: Observation
  times: number
}

/** What was seen of one zone. */
export interface SeenInZone {
  readonly seen: Omit<SeenEntry, 'times'>[]
  dropped: number
}

export class WatchBatch {
  #entries = new Map<string, SeenEntry>()
  #dropped = new Map<string, number>()
  #ofAnybody = { refused: 0, begun: 0 }

  get isEmpty(): boolean {
    return this.#entries.size === 0 && this.#dropped.size === 0
  }

  /** Takes an observation of a zone. */
  add(zone: string, observation: Observation): void {
    const suspects = SUSPECTS.filter(
      (suspect) => suspectOf(suspect, observation) !== undefined && concernsSuspect(SIGNALS, suspect, observation),
    )
    if (suspects.length === 0) return
    const key = keyOf(zone, observation)
    const known = this.#entries.get(key)
    const cause = causeOf(observation)
    if (known !== undefined) known.times += 1
    else if (cause !== undefined && this.#ofAnybody[cause] >= MOST_OF_ANYBODY) this.#drop(zone, 1)
    else {
      if (this.#entries.size >= MOST) this.#dropOldest()
      if (cause !== undefined) this.#ofAnybody[cause] += 1
      this.#entries.set(key, { suspects, observation: { ...observation, zone }, times: 1 })
    }
  }

  /** Returns all of it, by zone, and begins anew. */
  take(): ReadonlyMap<string, SeenInZone> {
    const zones = new Map<string, SeenInZone>()
    const of = (zone: string): SeenInZone => {
      const known = zones.get(zone) ?? { seen: [], dropped: 0 }
      zones.set(zone, known)
      return known
    }
    for (const { suspects, observation, times } of this.#entries.values())
      of(observation.zone ?? '').seen.push({
        suspects,
        observation: times > 1 ? { ...observation, times } : observation,
      })
    for (const [zone, count] of this.#dropped) of(zone).dropped += count
    this.#entries = new Map()
    this.#dropped = new Map()
    this.#ofAnybody = { refused: 0, begun: 0 }
    return zones
  }

  #drop(zone: string, count: number): void {
    this.#dropped.set(zone, (this.#dropped.get(zone) ?? 0) + count)
  }

  #dropOldest(): void {
    const [oldest] = this.#entries
    if (oldest === undefined) return
    const [key, { observation, times }] = oldest
    this.#entries.delete(key)
    const cause = causeOf(observation)
    if (cause !== undefined) this.#ofAnybody[cause] -= 1
    this.#drop(observation.zone ?? '', times)
  }
}

/** Returns by what anybody can have an observation made; undefined if nobody can without a credential, a card or billing's key. */
function causeOf({ credential, event }: Observation): 'refused' | 'begun' | undefined {
  if (event === 'trip-begun') return 'begun'
  return credential !== 'verified' && event === undefined ? 'refused' : undefined
}

/** Requests of one key say the same to every signal. Each charge says something of its own, and of trips that begin none does. */
function keyOf(zone: string, observation: Observation): string {
  const { id, decision, reason, rail, credential, account, plan, network, country, asn, token, issued } = observation
  const { charged, observed, event, eventId, trip } = observation
  const charge = charged === undefined || charged.joined === true ? undefined : id
  return JSON.stringify([
    [zone, account, token, network, country, asn],
    [decision, observed, reason, credential, rail, plan, issued, charge],
    event === 'trip-begun' ? [event] : [event, eventId, trip],
  ])
}
