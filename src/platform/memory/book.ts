import type { StoredBook } from '../../ledger/host/store.ts'
import {
  type LedgerChange,
  type Charge,
  EMPTY_HEAD,
  type EntryRow,
  type CreditGrant,
  type Head,
} from '../../ledger/rules/book.ts'
import type { LedgerRecord } from '../../ledger/rules/record.ts'
import type { Series } from '../../ledger/rules/series.ts'

/**
 * A ledger's book in the memory of one process: every row is in a map. Starts with `rows`, and calls `written` with every
 * change.
 */
export class MemoryBook implements StoredBook {
  head: Head = EMPTY_HEAD
  readonly series = new Map<string, Series>()
  readonly entries = new Map<string, EntryRow>()
  readonly #charges = new Map<string, Charge>()
  readonly #grants = new Map<string, CreditGrant>()
  readonly #records = new Map<number, LedgerRecord>()

  readonly #written: (changes: readonly LedgerChange[]) => void

  constructor(
    rows: readonly LedgerChange[] = [],
    written: (changes: readonly LedgerChange[]) => void = () => undefined,
  ) {
    for (const row of rows) this.#write(row)
    this.#written = written
  }

  write(changes: readonly LedgerChange[]): void {
    if (changes.length > 0) this.#written(changes)
    for (const change of changes) this.#write(change)
  }

  #write(change: LedgerChange): void {
    switch (change.table) {
      case 'head':
        this.head = change.row
        return
      case 'series':
        return put(this.series, change.key, change.row)
      case 'charges':
        return put(this.#charges, change.key, change.row)
      case 'grants':
        return put(this.#grants, change.key, change.row)
      case 'records':
        return put(this.#records, change.key, change.row)
      case 'entries':
        return put(this.entries, change.key, change.row)
      case 'all':
        this.head = EMPTY_HEAD
        for (const rows of [this.series, this.entries, this.#charges, this.#grants, this.#records]) rows.clear()
    }
  }

  charge(id: string): Charge | undefined {
    return this.#charges.get(id)
  }

  chargeByKey(key: string): Charge | undefined {
    return this.#latest().find(({ chain }) => chain.idempotency?.key === key)
  }

  chargeByContinuation(continuation: string): Charge | undefined {
    return this.#latest().find(({ chain }) => chain.continuation === continuation)
  }

  dueCharges(now: number, most: number): readonly Charge[] {
    const due = this.#latest().filter(({ actAt }) => actAt !== undefined && actAt <= now)
    return due.sort((a, b) => (a.actAt ?? 0) - (b.actAt ?? 0) || a.sequence - b.sequence).slice(0, most)
  }

  nextDue(): number | undefined {
    const times = [...this.#charges.values()].flatMap(({ actAt }) => actAt ?? [])
    return times.length === 0 ? undefined : Math.min(...times)
  }

  restingCharges(): readonly Charge[] {
    return this.#latest().filter(({ actAt }) => actAt === undefined)
  }

  recentCharges(most: number): readonly Charge[] {
    return this.#latest().slice(0, most)
  }

  unsettledCharges(most: number): readonly Charge[] {
    return this.#latest()
      .filter(({ state }) => state === 'unsettled')
      .slice(0, most)
  }

  grant(id: string): CreditGrant | undefined {
    return this.#grants.get(id)
  }

  grantsBefore(time: number, most: number): readonly CreditGrant[] {
    return [...this.#grants.values()].filter(({ at }) => at < time).slice(0, most)
  }

  records(most: number, after = 0): readonly LedgerRecord[] {
    return [...this.#records.values()].filter(({ position }) => position > after).slice(0, most)
  }

  waiting(): number {
    return this.#records.size
  }

  #latest(): Charge[] {
    return [...this.#charges.values()].sort((a, b) => b.sequence - a.sequence)
  }
}

function put<K, V>(rows: Map<K, V>, key: K, row: V | undefined): void {
  if (row === undefined) rows.delete(key)
  else rows.set(key, row)
}
