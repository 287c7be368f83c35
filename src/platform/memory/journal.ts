import {
  type CheckpointPart,
  checkRowSize,
  type JournalRow,
  type JournalStorage,
  type OutboxRow,
  type RowFacts,
} from '../../ledger/journal/storage.ts'

interface StoredGrant {
  readonly id: string
  readonly at: number
  readonly text: string
}

/** A ledger's journal in the memory of one process. Everything written since the last commit can be taken back. */
export class MemoryJournal implements JournalStorage {
  readonly #rows = new Map<number, JournalRow>()
  readonly #parts = new Map<number, CheckpointPart>()
  readonly #keys = new Map<string, string>()
  readonly #grants = new Map<string, StoredGrant>()
  readonly #credentials = new Map<string, string>()
  readonly #audit = new Map<number, string>()
  readonly #signed = new Map<string, string>()
  #undo: (() => void)[] = []

  get isEmpty(): boolean {
    const tables = [this.#rows, this.#parts, this.#keys, this.#grants, this.#credentials, this.#audit, this.#signed]
    return tables.every(({ size }) => size === 0)
  }

  /** True if something was written since the last commit. */
  get isChanged(): boolean {
    return this.#undo.length > 0
  }

  commit(): void {
    this.#undo = []
  }

  rollback(): void {
    for (const undo of this.#undo.toReversed()) undo()
    this.#undo = []
  }

  row(slot: number): JournalRow | undefined {
    return this.#rows.get(slot)
  }

  outboxRow(slot: number): OutboxRow | undefined {
    return this.#rows.get(slot)
  }

  rowFacts(slot: number): RowFacts | undefined {
    const row = this.#rows.get(slot)
    return row && { ...row, size: row.changes.length + row.records.length }
  }

  slotsWith(text: string): readonly number[] {
    const found = [...this.#rows.values()].filter(({ changes }) => changes.includes(text))
    return found.map(({ slot }) => slot)
  }

  putRow(row: JournalRow): void {
    checkRowSize(row.ring, row.changes, row.records)
    this.#put(this.#rows, row.slot, row)
  }

  checkpoint(): readonly CheckpointPart[] {
    return [...this.#parts.values()]
  }

  putCheckpoint(id: number, part: CheckpointPart): void {
    checkRowSize(part.data)
    this.#put(this.#parts, id, part)
  }

  keyed(day: number, key: string): string | undefined {
    return this.#keys.get(`${day} ${key}`)
  }

  putKeyed(day: number, key: string, text: string): void {
    checkRowSize(text)
    this.#put(this.#keys, `${day} ${key}`, text)
  }

  dropKeyedBefore(day: number): void {
    for (const name of this.#keys.keys()) if (Number.parseInt(name, 10) < day) this.#put(this.#keys, name, undefined)
  }

  grant(id: string): string | undefined {
    return this.#grants.get(id)?.text
  }

  grantsBefore(time: number, most: number): readonly string[] {
    const before = [...this.#grants.values()].filter(({ at }) => at < time)
    return before.slice(0, most).map(({ id }) => id)
  }

  putGrant(id: string, at: number, text: string): void {
    checkRowSize(text)
    this.#put(this.#grants, id, { id, at, text })
  }

  dropGrant(id: string): void {
    this.#put(this.#grants, id, undefined)
  }

  credential(id: string): string | undefined {
    return this.#credentials.get(id)
  }

  credentials(): readonly string[] {
    return [...this.#credentials].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, text]) => text)
  }

  putCredential(id: string, text: string): void {
    checkRowSize(text)
    this.#put(this.#credentials, id, text)
  }

  dropCredential(id: string): void {
    this.#put(this.#credentials, id, undefined)
  }

  audit(after: number, most: number): readonly string[] {
    return [...this.#audit].flatMap(([number, text]) => (number > after ? [text] : [])).slice(0, most)
  }

  putAudit(number: number, text: string): void {
    checkRowSize(text)
    if (this.#audit.has(number)) throw new Error(`a second audit record ${number}`)
    this.#put(this.#audit, number, text)
  }

  signed(day: number, key: string): string | undefined {
    return this.#signed.get(`${day} ${key}`)
  }

  signedBetween(day: number, after: string, before: string, most: number): readonly string[] {
    const found = [...this.#signed].filter(([name]) => name > `${day} ${after}` && name < `${day} ${before}`)
    return found
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .slice(0, most)
      .map(([, text]) => text)
  }

  putSigned(day: number, key: string, text: string): void {
    checkRowSize(key, text)
    this.#put(this.#signed, `${day} ${key}`, text)
  }

  dropSignedBefore(day: number): void {
    for (const name of this.#signed.keys())
      if (Number.parseInt(name, 10) < day) this.#put(this.#signed, name, undefined)
  }

  clear(): void {
    this.#drop(this.#signed)
    this.#drop(this.#credentials)
    this.#drop(this.#rows)
    this.#drop(this.#parts)
    this.#drop(this.#keys)
    this.#drop(this.#grants)
  }

  #drop<K, V>(rows: Map<K, V>): void {
    for (const key of rows.keys()) this.#put(rows, key, undefined)
  }

  #put<K, V>(rows: Map<K, V>, key: K, row: V | undefined): void {
    const before = rows.get(key)
    this.#undo.push(() => set(rows, key, before))
    set(rows, key, row)
  }
}

function set<K, V>(rows: Map<K, V>, key: K, row: V | undefined): void {
  if (row === undefined) rows.delete(key)
  else rows.set(key, row)
}
