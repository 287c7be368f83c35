/**
 * The slots of a journal: rows that are over are written over, because a deletion costs as much as a row.
 *
 * Rows form a list from the oldest to the latest, and each names the slot of the next. The oldest row's slot becomes the
 * next one if nobody needs the row any more; else the journal grows by a slot. The slot after a row is chosen when the row
 * is written, so that a reader can follow the list without an index: it ends at a slot whose row is missing or older.
 */

/** A row of the journal, by its slot and its number. Rows are numbered from 1 in the order of events. */
export interface Place {
  readonly slot: number
  readonly number: number
}

export interface Ring {
  /** The place of the next row. */
  readonly next: Place
  /** The highest slot in use. */
  readonly top: number
  readonly oldest: Place
  /** The characters of all rows. */
  readonly size: number
}

export const EMPTY_RING: Ring = {
  next: { slot: 1, number: 1 },
  top: 1,
  oldest: { slot: 1, number: 1 },
  size: 0,
}

/** The oldest row, as far as it matters for its slot. */
export interface OldestRow {
  readonly at: number
  /** The slot of the row after it. */
  readonly next: number
  readonly size: number
}

/** The conditions under which the oldest row may go. */
export interface Expiry {
  /** Rows with this number or a later one are needed: to recover, or for billing. */
  readonly neededFrom: number
  /** Rows from this time on are history. Milliseconds since 1970. */
  readonly historyFrom: number
  /** The most characters of the journal: history beyond it goes, however young. */
  readonly maxSize: number
}

/** Returns true if the oldest row may go. Its content is looked at only if its number allows. */
export function isSpare(ring: Ring, oldest: () => OldestRow | undefined, expiry: Expiry): boolean {
  const { number } = ring.oldest
  if (number >= ring.next.number || number >= expiry.neededFrom) return false
  const row = oldest()
  return row !== undefined && (row.at < expiry.historyFrom || ring.size > expiry.maxSize)
}

/** Returns the ring after its next row of that size. `spare` is the oldest row, if its slot is to be used again. */
export function advanced(ring: Ring, size: number, spare: OldestRow | undefined): Ring {
  const number = ring.next.number + 1
  const grown = ring.size + size
  if (spare === undefined) {
    const top = ring.top + 1
    return { ...ring, next: { slot: top, number }, top, size: grown }
  }
  const oldest = { slot: spare.next, number: ring.oldest.number + 1 }
  return { ...ring, next: { slot: ring.oldest.slot, number }, oldest, size: grown - spare.size }
}

/** The ring after a row, and the first row that billing may need: rows before it may be written over. */
export interface RingState {
  readonly ring: Ring
  readonly outboxFrom: Place
}

/** Encodes the ring as it is after a row. The place of the next row is known from the row itself. */
export function encodeRing({ ring: { top, oldest, size }, outboxFrom }: RingState): string {
  return JSON.stringify([top, oldest.slot, oldest.number, size, outboxFrom.slot, outboxFrom.number])
}

export function decodeRing(text: string, next: Place): RingState {
  const [top, slot, number, size, outboxSlot, outboxNumber] = JSON.parse(text) as PlainRing
  return {
    ring: { next, top, oldest: { slot, number }, size },
    outboxFrom: { slot: outboxSlot, number: outboxNumber },
  }
}

type PlainRing = readonly [number, number, number, number, number, number]
