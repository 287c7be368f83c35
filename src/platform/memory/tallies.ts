import { applyTally, type StateName, type TallyStorage } from '../../tallies/rules/book.ts'
import type { Kept } from '../../tallies/rules/buckets.ts'
import type { EncodedTally } from '../../tallies/rules/encoding.ts'
import type { Mark } from '../../tallies/rules/money.ts'
import type { NearLimit } from '../../tallies/rules/nearlimits.ts'
import type { Clock } from '../../ports.ts'
import type { ApplyTally } from '../../tallies/rules/stores.ts'

/** The tallies of one object in the memory of one process. */
export class MemoryTallies implements TallyStorage {
  readonly #rows = new Map<string, Map<number, string>>()
  readonly #marks = new Map<string, Mark>()
  readonly #state = new Map<StateName, string>()
  readonly #near = new Map<string, string>()

  #of(kept: Kept): Map<number, string> {
    const rows = this.#rows.get(kept) ?? new Map<number, string>()
    this.#rows.set(kept, rows)
    return rows
  }

  row(kept: Kept, start: number): EncodedTally | undefined {
    const text = this.#of(kept).get(start)
    return text === undefined ? undefined : (JSON.parse(text) as EncodedTally)
  }

  rows(kept: Kept, from: number, to: number): readonly (readonly [number, EncodedTally])[] {
    return [...this.#of(kept)]
      .filter(([start]) => start >= from && start < to)
      .sort(([one], [other]) => one - other)
      .map(([start, text]) => [start, JSON.parse(text) as EncodedTally])
  }

  put(kept: Kept, start: number, tally: EncodedTally): void {
    this.#of(kept).set(start, JSON.stringify(tally))
  }

  drop(kept: Kept, before: number): void {
    for (const start of this.#of(kept).keys()) if (start < before) this.#of(kept).delete(start)
  }

  mark(payer: string): Mark | undefined {
    return this.#marks.get(payer)
  }

  putMark(payer: string, mark: Mark): void {
    this.#marks.set(payer, mark)
  }

  dropMark(payer: string): void {
    this.#marks.delete(payer)
  }

  near(): readonly (readonly [string, NearLimit])[] {
    return Array.from(this.#near, ([id, text]) => [id, JSON.parse(text) as NearLimit] as const)
  }

  putNear(id: string, near: NearLimit): void {
    this.#near.set(id, JSON.stringify(near))
  }

  dropNear(id: string): void {
    this.#near.delete(id)
  }

  state(name: StateName): string | undefined {
    return this.#state.get(name)
  }

  putState(name: StateName, text: string): void {
    this.#state.set(name, text)
  }
}

/** Returns what carries out commands on the tallies of a name, in memory. */
export function memoryTallies(clock: Clock): (name: string) => ApplyTally {
  const kept = new Map<string, MemoryTallies>()
  return (name) => {
    const tallies = kept.get(name) ?? new MemoryTallies()
    kept.set(name, tallies)
    return async (command) => applyTally(tallies, command, clock())
  }
}
