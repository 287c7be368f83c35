import type { StoredBook } from '../../../src/ledger/host/store.ts'
import {
  type LedgerChange,
  type Charge,
  EMPTY_HEAD,
  type EntryRow,
  type Head,
  type HistoryPage,
  isForgotten,
  RECENT,
  roomOf,
} from '../../../src/ledger/rules/book.ts'
import type { AuditRecord } from '../../../src/ledger/rules/audit.ts'
import type { CreditGrant, CreditTaking } from '../../../src/ledger/rules/creditrows.ts'
import type { IssuedCredential } from '../../../src/ledger/rules/credentials.ts'
import type { SignedAct } from '../../../src/ledger/rules/signedacts.ts'
import type { DailySum } from '../../../src/ledger/rules/daily.ts'
import type { LedgerRecord } from '../../../src/ledger/rules/record.ts'
import type { Series } from '../../../src/ledger/rules/series.ts'

/** The simplest book: all that ever was is in a map, and nothing is forgotten. Journals are held to it. */
export class MapBook implements StoredBook {
  head: Head = EMPTY_HEAD
  readonly series = new Map<string, Series>()
  readonly entries = new Map<string, EntryRow>()
  readonly days = new Map<string, DailySum>()
  readonly #charges = new Map<string, Charge>()
  readonly #grants = new Map<string, CreditGrant | CreditTaking>()
  readonly #records = new Map<number, LedgerRecord>()
  readonly #credentials = new Map<string, IssuedCredential>()
  readonly #signed = new Map<string, SignedAct>()
  readonly #audit = new Map<number, AuditRecord>()

  get active(): number {
    const active = [...this.#charges.values()].filter(({ actAt }) => actAt !== undefined)
    return active.reduce((room, charge) => room + roomOf(charge), 0)
  }

  write(changes: readonly LedgerChange[]): void {
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
      case 'days':
        return put(this.days, change.key, change.row)
      case 'credentials':
        return put(this.#credentials, change.key, change.row)
      case 'audit':
        return put(this.#audit, change.key, change.row)
      case 'signed':
        return put(this.#signed, `${change.day} ${change.key}`, change.row)
      case 'signedDays':
        for (const name of this.#signed.keys()) if (Number.parseInt(name, 10) < change.before) this.#signed.delete(name)
        return
      case 'all':
        return this.#clear()
    }
  }

  /** The audit stays. */
  #clear(): void {
    this.head = EMPTY_HEAD
    const { series, entries, days } = this
    for (const rows of [series, entries, days, this.#charges, this.#grants, this.#records, this.#credentials])
      rows.clear()
  }

  readonly signed: StoredBook['signed'] = {
    find: (day, key) => this.#signed.get(`${day} ${key}`),
    after: (day, signedBy, key = `${signedBy} `, most) =>
      [...this.#signed]
        .filter(([name]) => name > `${day} ${key}` && name < `${day} ${signedBy}!`)
        .toSorted(([one], [other]) => (one < other ? -1 : 1))
        .slice(0, most)
        .map(([, act]) => act),
  }

  credential(id: string): IssuedCredential | undefined {
    return this.#credentials.get(id)
  }

  credentials(): readonly IssuedCredential[] {
    return [...this.#credentials.values()].toSorted((one, other) => (one.id < other.id ? -1 : 1))
  }

  audit(after: number, most: number): readonly AuditRecord[] {
    return [...this.#audit.values()].filter(({ number }) => number > after).slice(0, most)
  }

  charge(id: string): Charge | undefined {
    return this.#charges.get(id)
  }

  findCharge(id: string): Charge | undefined {
    return this.#charges.get(id)
  }

  findTries(id: string): readonly Charge[] {
    const first = this.#charges.get(id)?.chain.first
    return [...this.#charges.values()].filter(({ chain }) => chain.first === first)
  }

  chargeByKey(key: string): Charge | undefined {
    return this.#latest().find(({ chain }) => chain.idempotency?.key === key)
  }

  chargesByContinuation(continuation: string, most: number, now: number): readonly Charge[] {
    const isOne = (charge: Charge): boolean => charge.chain.continuation === continuation && !isForgotten(charge, now)
    return this.#latest().filter(isOne).slice(0, most)
  }

  openCharges(): readonly Charge[] {
    return [...this.#charges.values()].filter(({ state }) => state === 'open')
  }

  dueCharges(now: number, most: number): readonly Charge[] {
    const due = this.#latest().filter(({ actAt }) => actAt !== undefined && actAt <= now)
    return due.sort((a, b) => (a.actAt ?? 0) - (b.actAt ?? 0) || a.sequence - b.sequence).slice(0, most)
  }

  nextDue(): number | undefined {
    const times = [...this.#charges.values()].flatMap(({ actAt }) => actAt ?? [])
    return times.length === 0 ? undefined : Math.min(...times)
  }

  recentCharges(): readonly Charge[] {
    return this.#latest().slice(0, RECENT)
  }

  unsettledCharges(most: number, now: number): readonly Charge[] {
    return this.#latest()
      .filter((charge) => charge.state === 'unsettled' && !isForgotten(charge, now))
      .slice(0, most)
  }

  history(after: string | undefined, most: number): HistoryPage {
    const later = this.#latest().filter(({ sequence }) => sequence > Number(after ?? 0))
    const charges = later.toReversed().slice(0, most)
    return { charges, next: charges.length < later.length ? String(charges.at(-1)?.sequence) : undefined }
  }

  grant(id: string): CreditGrant | undefined {
    const row = this.#grants.get(id)
    return row === undefined || 'asked' in row ? undefined : row
  }

  taking(id: string): CreditTaking | undefined {
    const row = this.#grants.get(id)
    return row !== undefined && 'asked' in row ? row : undefined
  }

  grantsBefore(time: number, most: number): readonly string[] {
    const before = [...this.#grants.values()].filter(({ at }) => at < time)
    return before.slice(0, most).map(({ id }) => id)
  }

  records(most: number, after = 0): readonly LedgerRecord[] {
    const { done, taken } = this.head.outbox
    const all = [...this.#records.values()].filter(({ position }) => position > Math.max(done, after))
    return all.filter(({ position }) => !taken.includes(position)).slice(0, most)
  }

  waiting(): number {
    return this.records(Infinity).length
  }

  #latest(): Charge[] {
    return [...this.#charges.values()].sort((a, b) => b.sequence - a.sequence)
  }
}

function put<K, V>(rows: Map<K, V>, key: K, row: V | undefined): void {
  if (row === undefined) rows.delete(key)
  else rows.set(key, row)
}
