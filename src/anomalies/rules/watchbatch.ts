/**
 * What one isolate has seen since it last told: at most 2,000 observations.
 *
 * Only what concerns a signal is kept, and of requests that differ in nothing a signal looks at the first, with how many
 * they were. Whoever presents invented credentials may have a quarter of the room, so that nobody can push out what was
 * seen of accounts. Beyond the room the oldest goes, and is counted.
 */
import { type Observation, type Suspect, suspectOf } from './observation.ts'
import { SIGNALS } from './policy.ts'
import { concernsSuspect } from './suspect.ts'

const SUSPECTS: readonly Suspect[] = ['account', 'token', 'network', 'trip']
const MOST = 2000
const MOST_REFUSED = MOST / 4

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
  #refused = 0

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
    if (known !== undefined) known.times += 1
    else if (isRefused(observation) && this.#refused >= MOST_REFUSED) this.#drop(zone, 1)
    else {
      if (this.#entries.size >= MOST) this.#dropOldest()
      if (isRefused(observation)) this.#refused += 1
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
    this.#refused = 0
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
    if (isRefused(observation)) this.#refused -= 1
    this.#drop(observation.zone ?? '', times)
  }
}

function isRefused({ credential, event }: Observation): boolean {
  return credential !== 'verified' && event === undefined
}

/** Requests of one key say the same to every signal. Each charge says something of its own. */
function keyOf(zone: string, observation: Observation): string {
  const { id, decision, reason, rail, credential, account, plan, network, country, asn, token, issued } = observation
  const { charged, observed, event, eventId, trip } = observation
  const charge = charged === undefined || charged.joined === true ? undefined : id
  return JSON.stringify([
    [zone, account, token, network, country, asn],
    [decision, observed, reason, credential, rail, plan, issued, charge],
    [event, eventId, trip],
  ])
}
