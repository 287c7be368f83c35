import type { Finding } from '../../anomalies/rules/finding.ts'
import type { Suspect } from '../../anomalies/rules/observation.ts'
import {
  applyWatch,
  type SeenSuspect,
  type TakenHolds,
  type WatchNote,
  type WatchStorage,
} from '../../anomalies/rules/watchbook.ts'
import type { Clock } from '../../ports.ts'
import type { AnomalyStores } from '../../zonestores.ts'

/** What one object knows of suspects, in the memory of one process. */
export class MemoryWatch implements WatchStorage {
  readonly #suspects = new Map<Suspect, Map<string, { readonly seen: number; readonly text: string }>>()
  readonly #notes = new Map<WatchNote, number>()
  #findings: Finding[] = []
  #taken: TakenHolds = { day: 0, references: [] }

  #of(kind: Suspect): Map<string, { readonly seen: number; readonly text: string }> {
    const known = this.#suspects.get(kind) ?? new Map<string, { seen: number; text: string }>()
    this.#suspects.set(kind, known)
    return known
  }

  suspect(kind: Suspect, key: string): SeenSuspect | undefined {
    const found = this.#of(kind).get(key)
    return found && { seen: found.seen, state: JSON.parse(found.text) as SeenSuspect['state'] }
  }

  putSuspect(kind: Suspect, key: string, { seen, state }: SeenSuspect): void {
    this.#of(kind).set(key, { seen, text: JSON.stringify(state) })
  }

  countSuspects(kind: Suspect): number {
    return this.#of(kind).size
  }

  suspectsSeen(kind: Suspect, from: number, to: number): readonly string[] {
    return [...this.#of(kind)].flatMap(([key, { seen }]) => (seen >= from && seen < to ? [key] : []))
  }

  forget(kind: Suspect, since: number, most: number): void {
    const of = this.#of(kind)
    const latest = [...of].sort(([, one], [, other]) => other.seen - one.seen)
    for (const [index, [key, { seen }]] of latest.entries()) if (index >= most || seen < since) of.delete(key)
  }

  forgetSuspect(kind: Suspect, key: string): void {
    this.#of(kind).delete(key)
    this.#findings = this.#findings.filter((one) => one.suspect !== kind || one.key !== key)
  }

  addFinding(finding: Finding): void {
    this.#findings.unshift(JSON.parse(JSON.stringify(finding)) as Finding)
  }

  findings(most: number): readonly Finding[] {
    return this.#findings.slice(0, most)
  }

  dropFindings(since: number, most: number): void {
    this.#findings = this.#findings.filter(({ time }, index) => time >= since && index < most)
  }

  changeFinding(
    { suspect, key, reference }: Pick<Finding, 'suspect' | 'key'> & { readonly reference: string },
    change: Partial<Finding>,
  ): Finding | undefined {
    const at = this.#findings.findIndex(
      (one) => one.reference === reference && one.key === key && one.suspect === suspect,
    )
    const found = this.#findings[at]
    if (found === undefined) return undefined
    const changed = JSON.parse(JSON.stringify({ ...found, ...change })) as Finding
    this.#findings[at] = changed
    return changed
  }

  takenHolds(): TakenHolds {
    return this.#taken
  }

  putTakenHolds(taken: TakenHolds): void {
    this.#taken = taken
  }

  note(name: WatchNote): number {
    return this.#notes.get(name) ?? 0
  }

  putNote(name: WatchNote, value: number): void {
    this.#notes.set(name, value)
  }
}

/** Returns the objects that watch zones, in memory. */
export function memoryAnomalies(clock: Clock): AnomalyStores {
  const kept = new Map<string, MemoryWatch>()
  return (zone, shard, { jurisdiction = '' }) => {
    const name = JSON.stringify([zone, shard, jurisdiction])
    const storage = kept.get(name) ?? new MemoryWatch()
    kept.set(name, storage)
    return async (command) => applyWatch(storage, command, clock())
  }
}
