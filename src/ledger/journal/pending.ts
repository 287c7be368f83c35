import type { Charge, EntryRow, Head, LedgerChange } from '../rules/book.ts'
import type { DailySum } from '../rules/daily.ts'
import type { LedgerRecord } from '../rules/record.ts'
import type { Series } from '../rules/series.ts'
import type { CommitChanges } from './rows.ts'

/** The changes of the commands of one transaction: of what is changed several times, the last. */
export class Pending {
  #head: Head | undefined
  readonly #series = new Map<string, Series | undefined>()
  readonly #entries = new Map<string, EntryRow | undefined>()
  readonly #days = new Map<string, DailySum | undefined>()
  readonly #charges = new Map<string, Charge>()
  readonly records: LedgerRecord[] = []

  add(change: LedgerChange): void {
    switch (change.table) {
      case 'head':
        this.#head = change.row
        return
      case 'series':
        this.#series.set(change.key, change.row)
        return
      case 'entries':
        this.#entries.set(change.key, change.row)
        return
      case 'days':
        this.#days.set(change.key, change.row)
        return
      case 'charges':
        this.#charges.set(change.key, change.row)
        return
      case 'records':
        this.records.push(change.row)
        return
      case 'grants':
      case 'credentials':
      case 'audit':
      case 'signed':
      case 'signedDays':
      case 'all':
    }
  }

  get isEmpty(): boolean {
    return this.#head === undefined && this.#size === 0
  }

  get #size(): number {
    return this.#series.size + this.#entries.size + this.#days.size + this.#charges.size + this.records.length
  }

  charges(): Iterable<Charge> {
    return this.#charges.values()
  }

  /** Returns true if nothing changes but what billing has. `before` is the head as it was written last. */
  isFlush(before: Head): boolean {
    const head = this.#head
    if (head === undefined || this.#size > 0) return false
    const isSame = (name: keyof Head): boolean => head[name] === before[name] || name === 'outbox' || name === 'flush'
    return (Object.keys({ ...before, ...head }) as (keyof Head)[]).every(isSame)
  }

  charge(id: string): Charge | undefined {
    return this.#charges.get(id)
  }

  /** Returns the latest charge for which that is true. */
  latest(isWanted: (charge: Charge) => boolean): Charge | undefined {
    let latest: Charge | undefined
    for (const charge of this.#charges.values()) {
      if (charge.sequence > (latest?.sequence ?? 0) && isWanted(charge)) latest = charge
    }
    return latest
  }

  commit(): CommitChanges {
    const charges = [...this.#charges.values()]
    const [head, series, entries, days] = [this.#head, this.#series, this.#entries, this.#days]
    return { head, series, entries, days, charges, records: this.records }
  }
}
