import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { advanced, EMPTY_RING, isSpare, type Place, type Ring } from '../../../src/ledger/journal/ring.ts'

interface Row {
  readonly number: number
  readonly next: number
  readonly at: number
  readonly size: number
}

const HISTORY = 100
const MAX_SIZE = 5_000

/** A journal of rows without content. It knows of each row that was ever written, and who needs it. */
class Journal {
  readonly slots = new Map<number, Row>()
  ring: Ring = EMPTY_RING
  checkpoint: Ring = EMPTY_RING
  /** Billing has every row before. */
  outboxFrom = 1
  now = 1_000
  /** The last row that had to go because the journal was too large. */
  goneFor = 0
  /** The most rows that were needed at one time. */
  mostNeeded = 0
  readonly times: number[] = []

  commit(size: number): void {
    const { slot, number } = this.ring.oldest
    const neededFrom = Math.min(this.checkpoint.next.number, this.outboxFrom)
    const oldest = this.slots.get(slot)
    const found = oldest?.number === number ? oldest : undefined
    const expiry = { neededFrom, historyFrom: this.now - HISTORY, maxSize: MAX_SIZE }
    const spare = isSpare(this.ring, () => found, expiry) ? found : undefined
    const after = advanced(this.ring, size, spare)
    if (spare !== undefined && this.ring.size > MAX_SIZE) this.goneFor = number
    const { next } = this.ring
    this.slots.set(next.slot, { number: next.number, next: after.next.slot, at: this.now, size })
    this.times.push(this.now)
    this.ring = after
    this.mostNeeded = Math.max(this.mostNeeded, after.next.number - this.neededFrom())
  }

  /** The number of the first row that recovery, billing or history needs. */
  neededFrom(): number {
    const young = this.times.findIndex((at) => at >= this.now - HISTORY)
    const historyFrom = young === -1 ? this.ring.next.number : Math.max(young, this.goneFor) + 1
    return Math.min(this.checkpoint.next.number, this.outboxFrom, historyFrom)
  }

  /** Follows the rows from a place, as a reader does. Returns their numbers. */
  read({ slot, number }: Place): number[] {
    const found: number[] = []
    for (let row = this.slots.get(slot); row?.number === number; row = this.slots.get(slot)) {
      found.push(number)
      slot = row.next
      number += 1
    }
    return found
  }

  /** Starts anew from the checkpoint and the rows after it, each of which holds the ring after itself. */
  evict(): void {
    const read = this.read(this.checkpoint.next)
    expect(read).toEqual(numbers(this.checkpoint.next.number, this.ring.next.number))
  }

  check(): void {
    const { oldest, next, size, top } = this.ring
    const rows = numbers(oldest.number, next.number)
    expect(this.read(oldest)).toEqual(rows)
    expect(oldest.number).toBeLessThanOrEqual(this.neededFrom())
    const held = [...this.slots.values()].filter(({ number }) => number >= oldest.number)
    expect(held).toHaveLength(rows.length)
    expect(held.reduce((sum, row) => sum + row.size, 0)).toBe(size)
    expect(Math.max(0, ...this.slots.keys())).toBeLessThanOrEqual(top)
  }
}

function numbers(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index)
}

type Step = (journal: Journal) => void

const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.nat(300).map((size) => (journal: Journal) => journal.commit(size)) },
  fc.constant((journal: Journal) => void (journal.checkpoint = journal.ring)),
  fc.nat(5).map((rows) => (journal: Journal) => {
    journal.outboxFrom = Math.min(journal.outboxFrom + rows, journal.ring.next.number)
  }),
  fc.constant((journal: Journal) => void (journal.outboxFrom = journal.ring.next.number)),
  fc.constantFrom(0, 1, 20, 150).map((ms) => (journal: Journal) => void (journal.now += ms)),
  fc.constant((journal: Journal) => journal.evict()),
)

describe('the slots of a journal', () => {
  it('hold an unbroken chain, and every row that recovery, billing or history needs', () => {
    const all = fc.array(steps, { maxLength: 200, size: 'max' })
    fc.assert(
      fc.property(all, (sequence) => {
        const journal = new Journal()
        for (const step of sequence) {
          step(journal)
          journal.check()
        }
      }),
      { numRuns: 100 },
    )
  })

  it('are not many more than the rows that were needed at one time', () => {
    const all = fc.array(steps, { maxLength: 200, size: 'max' })
    fc.assert(
      fc.property(all, (sequence) => {
        const journal = new Journal()
        for (const step of sequence) step(journal)
        // The next slot, and the one that is chosen while the oldest row is still there.
        expect(journal.ring.top).toBeLessThanOrEqual(journal.mostNeeded + 2)
      }),
      { numRuns: 100 },
    )
  })

  it('stay as few if the history is short, however many rows are written', () => {
    const journal = new Journal()
    for (let row = 0; row < 10_000; row++) {
      journal.now += 10
      journal.commit(1)
      if (row % 3 === 0) journal.checkpoint = journal.ring
      journal.outboxFrom = journal.ring.next.number
    }
    journal.check()
    expect(journal.ring.top).toBeLessThan(20)
  })

  it('are used again before their time if the journal is too large, but not if they are needed', () => {
    const journal = new Journal()
    for (let row = 0; row < 100; row++) journal.commit(1_000)
    expect(journal.ring.oldest.number).toBe(1)
    journal.checkpoint = journal.ring
    journal.outboxFrom = 50
    for (let row = 0; row < 100; row++) journal.commit(1_000)
    expect(journal.ring.oldest.number).toBe(50)
    journal.check()
  })
})
