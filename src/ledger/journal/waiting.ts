import type { LedgerRecord } from '../rules/record.ts'
import { decodeRecords } from './codec.ts'
import type { LedgerState } from './state.ts'
import type { JournalStorage } from './storage.ts'

/** A page of records to read: at most so many, after a position. */
export interface RecordPage {
  readonly most: number
  readonly after: number
}

/** The records that billing lacks. They lie in the journal; billing's place in it moves on as they are read. */
export class WaitingRecords {
  readonly #storage: JournalStorage
  readonly #state: LedgerState
  /** The row read last: a page often ends within one. */
  #last: { readonly number: number; readonly records: readonly LedgerRecord[] } | undefined

  constructor(storage: JournalStorage, state: LedgerState) {
    this.#storage = storage
    this.#state = state
  }

  /** Returns the next waiting records of the journal, in order. */
  read({ most, after }: RecordPage): LedgerRecord[] {
    const { head, ring, outboxFrom } = this.#state
    const { done, taken } = head.outbox
    const isTaken = new Set(taken)
    const found: LedgerRecord[] = []
    let { slot, number } = outboxFrom
    let isDone = true
    while (number < ring.next.number && found.length < most) {
      const row = this.#storage.outboxRow(slot)
      if (row?.number !== number) throw new Error(`the journal lacks row ${number}`)
      isDone &&= row.records === '' || row.lastRecord <= done
      if (row.records !== '' && row.lastRecord > Math.max(done, after)) {
        for (const record of this.#recordsOf(number, row.records)) {
          if (record.position > Math.max(done, after) && !isTaken.has(record.position)) found.push(record)
        }
      }
      slot = row.next
      number += 1
      if (isDone) this.#state.outboxFrom = { slot, number }
    }
    return found.slice(0, most)
  }

  #recordsOf(number: number, text: string): readonly LedgerRecord[] {
    if (this.#last?.number !== number) this.#last = { number, records: decodeRecords(text) }
    return this.#last.records
  }
}
