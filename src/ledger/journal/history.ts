/**
 * Reads the charges of a journal, for an export: closed ones in the rows in which they were closed, open ones at the end.
 *
 * A journal writes while it is read: between two pages rows are added, and the oldest may be written over. So a cursor names
 * a row, and how far the open charges were read. A charge that is closed between two pages comes twice, first open.
 */
import type { Charge, HistoryPage } from '../rules/book.ts'
import { decodeChargeOf, decodeCharges } from './codec.ts'
import type { Pending } from './pending.ts'
import type { Place, Ring } from './ring.ts'
import type { LedgerState } from './state.ts'
import type { JournalStorage } from './storage.ts'

/** The parts of a journal that its charges are read from. */
export interface JournalCharges {
  readonly storage: JournalStorage
  readonly state: LedgerState
  readonly pending: Pending
}

interface Cursor extends Place {
  /** The charges of the row that were read. */
  readonly index: number
  /** The number of the last open charge that was read. */
  readonly sequence: number
}

/** The most rows of one page: a row may hold no closed charge. */
const MOST_ROWS = 2000
const NONE: HistoryPage = { charges: [], next: undefined }

/** Returns at most so many charges after a cursor. A text that is no cursor finds none. */
export function readHistory(from: JournalCharges, after: string | undefined, most: number): HistoryPage {
  const { ring } = from.state
  const cursor = after === undefined ? { ...ring.oldest, index: 0, sequence: 0 } : parseCursor(after)
  if (cursor === undefined || cursor.number > ring.next.number) return NONE
  const closed = readRows(
    from,
    cursor.number < ring.oldest.number ? { ...cursor, ...ring.oldest, index: 0 } : cursor,
    most,
  )
  if (closed === undefined) return NONE
  const { charges, end } = closed
  if (end.number < ring.next.number) return { charges, next: formatCursor(end) }
  const open = openCharges(from).filter(({ sequence }) => sequence > cursor.sequence)
  const read = open.slice(0, most - charges.length)
  const sequence = read.at(-1)?.sequence ?? cursor.sequence
  return {
    charges: [...charges, ...read],
    next: read.length === open.length ? undefined : formatCursor({ ...end, sequence }),
  }
}

/** Reads the closed charges of rows. Undefined if the cursor names a row that was never there. */
function readRows({ storage, state }: JournalCharges, from: Cursor, most: number) {
  const charges: Charge[] = []
  let { slot, number, index } = from
  for (let rows = 0; number < state.ring.next.number && rows < MOST_ROWS && charges.length < most; rows++) {
    const row = storage.row(slot)
    if (row?.number !== number) return undefined
    const ofRow = decodeCharges(row.changes)
    while (index < ofRow.length && charges.length < most) {
      const charge = ofRow[index]
      if (charge !== undefined && isLastVersion(charge, number, state)) charges.push(charge)
      index += 1
    }
    if (index < ofRow.length) break
    slot = row.next
    number += 1
    index = 0
  }
  return { charges, end: { ...from, slot, number, index } }
}

/** Returns a charge by its id, as the latest row that has it says. */
export function findInRows(storage: JournalStorage, { oldest, next }: Ring, id: string): Charge | undefined {
  const rows = storage.slotsWith(JSON.stringify(id)).flatMap((slot) => storage.row(slot) ?? [])
  const known = rows.filter(({ number }) => number >= oldest.number && number < next.number)
  for (const { changes } of known.toSorted((a, b) => b.number - a.number)) {
    const found = decodeChargeOf(changes, id)
    if (found !== undefined) return found
  }
  return undefined
}

/** Returns all charges of a chain, each as the latest row that has it says. */
export function findTriesInRows(storage: JournalStorage, { oldest, next }: Ring, first: string): readonly Charge[] {
  const rows = storage.slotsWith(JSON.stringify(first)).flatMap((slot) => storage.row(slot) ?? [])
  const known = rows.filter(({ number }) => number >= oldest.number && number < next.number)
  const tries = new Map<string, Charge>()
  for (const { changes } of known.toSorted((a, b) => a.number - b.number)) {
    for (const charge of decodeCharges(changes)) if (charge.chain.first === first) tries.set(charge.id, charge)
  }
  return [...tries.values()]
}

/** Returns true for a closed charge, unless a later row is known to have it. */
function isLastVersion({ id, keepUntil }: Charge, number: number, { closed }: LedgerState): boolean {
  return keepUntil !== undefined && (closed.get(id)?.number ?? number) === number
}

/** Returns the charges that no row has as closed. */
function openCharges({ state, pending }: JournalCharges): readonly Charge[] {
  const open = new Map(state.due(Infinity, Infinity).map((charge) => [charge.id, charge]))
  for (const charge of pending.charges()) open.set(charge.id, charge)
  return [...open.values()].toSorted((one, other) => one.sequence - other.sequence)
}

const CURSOR = /^(\d{1,15})\.(\d{1,15})\.(\d{1,15})\.(\d{1,15})$/

function parseCursor(text: string): Cursor | undefined {
  const [, slot, number, index, sequence] = CURSOR.exec(text) ?? []
  if (slot === undefined) return undefined
  return { slot: Number(slot), number: Number(number), index: Number(index), sequence: Number(sequence) }
}

function formatCursor({ slot, number, index, sequence }: Cursor): string {
  return [slot, number, index, sequence].join('.')
}
