import type { HeardUpTo, LedgerRecord } from '../rules/record.ts'
import { withTimeout } from '../../http/timeout.ts'
import type { Progress, Sink } from './outside.ts'

/** The time limit of a sink for one page. A later answer is not heard, and the records are shown again. */
const SINK_MS = 60_000

/** The result of showing a page of records. */
interface ShownPage {
  /** The positions that every sink has. */
  readonly done: readonly number[]
  /** False if no sink was left to show any of them. */
  readonly isNews: boolean
}

/**
 * One round of showing the same records to several sinks.
 *
 * Sinks fail independently, and none may hold up another. Each sink is shown the records it lacks. One that takes nothing is
 * left alone for the rest of the round. A record is done once all sinks have it; how far each sink got is kept for the next
 * round.
 */
export class Telling {
  readonly #sinks: ReadonlyMap<string, Sink>
  readonly #failed = new Set<string>()
  readonly #taken: ReadonlyMap<string, Set<number>>
  readonly #heard: Map<string, number>

  /** `heard` is the state that an earlier round left. */
  constructor(sinks: ReadonlyMap<string, Sink>, heard: HeardUpTo = {}) {
    this.#sinks = sinks
    this.#taken = new Map(Array.from(sinks.keys(), (name) => [name, new Set()]))
    this.#heard = new Map(Object.entries(heard).filter(([name]) => sinks.has(name)))
  }

  get hasFailed(): boolean {
    return this.#failed.size > 0
  }

  /** True if no sink is left. */
  get isOver(): boolean {
    return this.#failed.size === this.#sinks.size
  }

  /** For each sink, the position up to which it has everything; undefined if no sink is ahead of the others. */
  get heard(): HeardUpTo | undefined {
    return this.#heard.size === 0 ? undefined : Object.fromEntries(this.#heard)
  }

  /** Shows the next page of records. All earlier records are done, or wait for failed sinks only. */
  async show(records: readonly LedgerRecord[], progress: () => Progress): Promise<ShownPage> {
    const names = [...this.#sinks.keys()]
    const shown = await Promise.all(names.map((name) => this.#showTo(name, records, progress)))
    const done = records.filter(({ position }) => names.every((name) => this.#has(name, position)))
    for (const [index, name] of names.entries()) if (shown[index]) this.#advance(name, records)
    return { done: done.map(({ position }) => position), isNews: shown.includes(true) }
  }

  async #showTo(name: string, records: readonly LedgerRecord[], progress: () => Progress): Promise<boolean> {
    const missing = this.#failed.has(name) ? [] : records.filter(({ position }) => !this.#has(name, position))
    if (missing.length === 0) return false
    const taken = await takenBy(this.#sinks.get(name), missing, progress)
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

/** Shows records to a sink. Never throws; a sink that fails or is late has taken nothing. */
async function takenBy(
  sink: Sink | undefined,
  records: readonly LedgerRecord[],
  progress: () => Progress,
): Promise<readonly number[]> {
  try {
    return (sink && (await withTimeout(sink(records, progress), SINK_MS))) ?? []
  } catch {
    return []
  }
}
