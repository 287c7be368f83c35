import type { StoredBulletin } from '../../ledger/host/store.ts'
import type { BulletinChanges, BulletinHead, BulletinRow } from '../../standing/rules/bulletin.ts'

/** A zone's bulletin in the memory of one process. Calls `written` with every change. */
export class MemoryBulletin implements StoredBulletin {
  head: BulletinHead
  readonly rows: Map<string, BulletinRow>
  readonly #written: (changes: BulletinChanges) => void

  constructor(head: BulletinHead, rows: ReadonlyMap<string, BulletinRow>, written: (changes: BulletinChanges) => void) {
    this.head = head
    this.rows = new Map(rows)
    this.#written = written
  }

  write(changes: BulletinChanges): void {
    this.#written(changes)
    this.head = changes.head
    for (const [key, row] of changes.rows) {
      if (row === undefined) this.rows.delete(key)
      else this.rows.set(key, row)
    }
  }
}
