import type { HeardUpTo, LedgerRecord } from '../rules/record.ts'
import type { Progress, Sink } from './outside.ts'

/** What came of showing a page of records. */
interface Shown {
  /** The positions of those that every sink has. */
  readonly done: readonly number[]
  /** False if nobody was left to be shown any of it. */
  readonly isNews: boolean
}

/**
 * One round of telling several sinks the same records. Each is shown what it does not have, as long as it takes some of that;
 * one that takes nothing is left alone for the rest of the round, and keeps no other from going on.
 */
export class Telling {
  readonly #sinks: ReadonlyMap<string, Sink>
  readonly #failed = new Set<string>()
  readonly #taken: ReadonlyMap<string, Set<number>>
  readonly #heard: Map<string, number>

  /** `heard`: what a round before this one left. */
  constructor(sinks: ReadonlyMap<string, Sink>, heard: HeardUpTo = {}) {
    this.#sinks = sinks
    this.#taken = new Map(Array.from(sinks.keys(), (name) => [name, new Set()]))
    this.#heard = new Map(Object.entries(heard).filter(([name]) => sinks.has(name)))
  }

  get hasFailed(): boolean {
    return this.#failed.size > 0
  }

  /** True if there is nobody left to show anything. */
  get isOver(): boolean {
    return this.#failed.size === this.#sinks.size
  }

  /** Up to where each sink has everything: nothing if no sink has more than the others. */
  get heard(): HeardUpTo | undefined {
    return this.#heard.size === 0 ? undefined : Object.fromEntries(this.#heard)
  }

  /** Shows the records that come next; none before them waits for a sink that is still shown any. */
  async show(records: readonly LedgerRecord[], progress: () => Progress): Promise<Shown> {
    const names = [...this.#sinks.keys()]
    const shown = await Promise.all(names.map((name) => this.#showTo(name, records, progress)))
    const done = records.filter(({ position }) => names.every((name) => this.#has(name, position)))
    for (const [index, name] of names.entries()) if (shown[index]) this.#advance(name, records)
    return { done: done.map(({ position }) => position), isNews: shown.includes(true) }
  }

  async #showTo(name: string, records: readonly LedgerRecord[], progress: () => Progress): Promise<boolean> {
    const missing = this.#failed.has(name) ? [] : records.filter(({ position }) => !this.#has(name, position))
    if (missing.length === 0) return false
    const taken =
      (await this.#sinks
        .get(name)?.(missing, progress)
        .catch(() => [])) ?? []
    if (taken.length === 0) this.#failed.add(name)
    for (const position of taken) this.#taken.get(name)?.add(position)
    return true
  }

  #has(name: string, position: number): boolean {
    return position <= (this.#heard.get(name) ?? 0) || this.#taken.get(name)?.has(position) === true
  }

  #advance(name: string, records: readonly LedgerRecord[]): void {
    if (this.#sinks.size === 1) return
    const lacking = records.findIndex(({ position }) => !this.#has(name, position))
    const last = records[lacking === -1 ? records.length - 1 : lacking - 1]
    if (last !== undefined) this.#heard.set(name, last.position)
  }
}
