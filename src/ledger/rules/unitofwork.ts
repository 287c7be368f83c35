import type { Book, LedgerChange, Charge, Head } from './book.ts'
import type { CreditGrant, CreditTaking } from './creditrows.ts'
import type { DailySum } from './daily.ts'
import type { LedgerRecord } from './record.ts'
import type { Series } from './series.ts'

/**
 * The changes of one command, over an unchanged book.
 *
 * A verb consists of several steps, and each must see what the earlier ones wrote; yet nothing may be written unless the
 * whole verb succeeds. So steps read and write here: a read finds the change if there is one, else the book's row. In the
 * end `changes` lists the rows to write, each once. A verb that refuses drops the unit of work, and has changed nothing.
 */
export class UnitOfWork {
  readonly book: Book
  #head: Head
  readonly #series = new Map<string, Series | undefined>()
  readonly #charges = new Map<string, Charge>()
  readonly #grants = new Map<string, CreditGrant | CreditTaking | undefined>()
  readonly #dropped: string[] = []
  readonly #records: LedgerRecord[] = []
  readonly #days = new Map<string, DailySum | undefined>()

  constructor(book: Book) {
    this.book = book
    this.#head = book.head
  }

  get head(): Head {
    return this.#head
  }

  putHead(change: Partial<Head>): void {
    this.#head = { ...this.#head, ...change }
  }

  series(key: string): Series | undefined {
    return this.#series.has(key) ? this.#series.get(key) : this.book.series.get(key)
  }

  /** Returns every series of a name, by key. */
  seriesOf(name: string): Map<string, Series> {
    const found = new Map<string, Series>()
    for (const [key, series] of this.book.series) if (series.name === name) found.set(key, series)
    for (const [key, series] of this.#series) {
      if (series?.name === name) found.set(key, series)
      if (series === undefined) found.delete(key)
    }
    return found
  }

  putSeries(key: string, series: Series | undefined): void {
    this.#series.set(key, series)
  }

  putCharge(charge: Charge): void {
    this.#charges.set(charge.id, charge)
  }

  putGrant(grant: CreditGrant): void {
    this.#grants.set(grant.id, grant)
  }

  putTaking(taking: CreditTaking): void {
    this.#grants.set(taking.id, taking)
  }

  dropGrant(id: string): void {
    this.#grants.set(id, undefined)
  }

  day(key: string): DailySum | undefined {
    return this.#days.has(key) ? this.#days.get(key) : this.book.days.get(key)
  }

  /** Returns every sum of a day, by key. */
  days(): ReadonlyMap<string, DailySum> {
    if (this.#days.size === 0) return this.book.days
    const found = new Map(this.book.days)
    for (const [key, sum] of this.#days) {
      if (sum === undefined) found.delete(key)
      else found.set(key, sum)
    }
    return found
  }

  putDay(key: string, sum: DailySum | undefined): void {
    this.#days.set(key, sum)
  }

  dropEntry(key: string): void {
    this.#dropped.push(key)
  }

  /** Appends a record for billing. */
  append(record: Omit<LedgerRecord, 'position'>): void {
    const position = this.#head.position + 1
    this.putHead({ position })
    this.#records.push({ position, ...record })
  }

  changes(): LedgerChange[] {
    const changes: LedgerChange[] = this.#head === this.book.head ? [] : [{ table: 'head', row: this.#head }]
    for (const [key, row] of this.#series) changes.push({ table: 'series', key, row })
    for (const [key, row] of this.#charges) changes.push({ table: 'charges', key, row })
    for (const [key, row] of this.#grants) changes.push({ table: 'grants', key, row })
    for (const row of this.#records) changes.push({ table: 'records', key: row.position, row })
    for (const [key, row] of this.#days) changes.push({ table: 'days', key, row })
    for (const key of this.#dropped) changes.push({ table: 'entries', key, row: undefined })
    return changes
  }
}
