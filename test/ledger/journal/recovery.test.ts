import { describe, expect, it } from 'vitest'
import { UnknownFormat } from '../../../src/ledger/journal/codec.ts'
import { JournalBook, type JournalTerms } from '../../../src/ledger/journal/journalbook.ts'
import { type CheckpointPart, type JournalRow, MAX_ROW_BYTES } from '../../../src/ledger/journal/storage.ts'
import type { Applied, Book } from '../../../src/ledger/rules/book.ts'
import type { ChargeCommand } from '../../../src/ledger/rules/commands.ts'
import { verbs } from '../../../src/ledger/rules/verbs.ts'
import { MemoryJournal } from '../../../src/platform/memory/journal.ts'
import { chargeOf, EUR, MINUTE, ONE, SECOND } from '../rules/pureledger.ts'

const START = Date.UTC(2030, 0, 15, 12)

/** A store that counts, fails and forgets as it is told. */
class Journal extends MemoryJournal {
  /** The parts of checkpoints that are still written before the process is killed. */
  partsLeft = Infinity
  lost: ((part: CheckpointPart) => boolean) | undefined
  rowsRead = 0

  override row(slot: number): JournalRow | undefined {
    this.rowsRead += 1
    return super.row(slot)
  }

  override checkpoint(): readonly CheckpointPart[] {
    return super.checkpoint().filter((part) => this.lost?.(part) !== true)
  }

  override putCheckpoint(id: number, part: CheckpointPart): void {
    if (this.partsLeft === 0) throw new Error('killed')
    this.partsLeft -= 1
    super.putCheckpoint(id, part)
  }
}

/** One ledger over a store, which may be opened again. */
class Opened {
  readonly journal: Journal
  readonly terms: JournalTerms
  now = START
  book: JournalBook

  constructor(journal = new Journal(), terms: Partial<JournalTerms> = {}) {
    this.journal = journal
    this.terms = { clock: () => this.now, historyMs: MINUTE, checkpointRows: 10_000, ...terms }
    this.book = this.again()
  }

  again(): JournalBook {
    this.journal.rowsRead = 0
    return (this.book = new JournalBook(this.journal, this.terms))
  }

  apply<C, T>(verb: (book: Book, command: C, now: number) => Applied<T>, command: C): T {
    const { outcome, changes } = verb(this.book, command, this.now)
    this.book.write(changes)
    this.book.finish()
    return outcome
  }

  /** Charges and commits, and tells billing at once. */
  use(id: string, more: Partial<ChargeCommand> = {}): void {
    this.apply(verbs.charge, chargeOf(id, this.now, { counts: ONE, ...more }))
    this.apply(verbs.amend, { charge: id, request: id, delivery: 'complete' as const })
    this.apply(verbs.flushed, { positions: this.book.records(100).map(({ position }) => position) })
    this.now += SECOND
    this.journal.commit()
  }

  useMany(count: number, name: string): void {
    for (let index = 0; index < count; index++) this.use(`${name}${index}`)
  }

  get charges(): number {
    return this.book.head.totals.charges
  }

  commit(): void {
    this.journal.commit()
  }
}

/** A ledger whose state takes several parts. */
function large(): Opened {
  const ledger = new Opened()
  for (let index = 0; index < 8; index++) {
    const facts = { text: `${index}`.padEnd(100_000, 'x') }
    ledger.apply(verbs.charge, chargeOf(`large${index}`, ledger.now, { settleByMs: ledger.now + 60 * MINUTE, facts }))
  }
  ledger.useMany(5, 'a')
  ledger.book.checkpoint()
  ledger.commit()
  ledger.useMany(5, 'b')
  return ledger
}

describe('a checkpoint', () => {
  it.each([
    ['the last part', ({ part, parts }: CheckpointPart) => part === parts - 1],
    ['the first part', ({ part }: CheckpointPart) => part === 0],
  ])('of which %s is missing is not used, but the one before and all rows after that', (_what, isLost) => {
    const ledger = large()
    const before = ledger.charges
    ledger.book.checkpoint()
    ledger.commit()
    ledger.journal.lost = (part) => part.generation === 2 && isLost(part)
    expect(ledger.again().head.totals.charges).toBe(before)
    expect(ledger.journal.rowsRead).toBeGreaterThan(5)
  })

  it.each([0, 1])('during which the process is killed after %i parts changes nothing', (parts) => {
    const ledger = large()
    ledger.book.checkpoint()
    ledger.commit()
    ledger.useMany(5, 'c')
    const before = ledger.charges
    ledger.journal.partsLeft = parts
    expect(() => ledger.book.checkpoint()).toThrow('killed')
    ledger.journal.rollback()
    expect(ledger.again().head.totals.charges).toBe(before)
    // A store without transactions would keep the parts: those of two generations ago were written over.
    expect(() => ledger.book.checkpoint()).toThrow('killed')
    ledger.journal.commit()
    expect(ledger.again().head.totals.charges).toBe(before)
    ledger.journal.partsLeft = Infinity
    ledger.useMany(1, 'd')
    expect(ledger.again().head.totals.charges).toBe(before + 1)
  })

  it.each(['one', 'both'])(
    'that is lost is no empty ledger, nor an older one, if rows were written over: %s',
    (lost) => {
      const ledger = new Opened(undefined, { checkpointRows: 10, historyMs: 0 })
      ledger.useMany(203, 'a')
      const latest = Math.max(...ledger.journal.checkpoint().map(({ generation }) => generation))
      ledger.journal.lost = ({ generation }) => lost === 'both' || generation >= latest
      expect(() => ledger.again()).toThrow('the journal lacks row')
    },
  )

  it('comes so often that few rows are read to recover, and state in memory is what is stored', () => {
    const ledger = new Opened(undefined, { checkpointRows: 150 })
    ledger.useMany(1_000, 'a')
    const { head, days } = ledger.book
    const again = ledger.again()
    expect(ledger.journal.rowsRead).toBeLessThanOrEqual(151)
    expect({ head: again.head, days: [...again.days] }).toEqual({ head, days: [...days] })
  })
})

describe('what is stored in another format', () => {
  const later = (text: string): string => text.replace(/^1 /, '2 ')

  class Later extends Journal {
    isLater: 'changes' | 'records' | 'checkpoint' | 'keyed' | 'grant' | undefined

    override row(slot: number): JournalRow | undefined {
      const row = super.row(slot)
      return row && this.isLater === 'changes' ? { ...row, changes: later(row.changes) } : row
    }

    override outboxRow(slot: number): JournalRow | undefined {
      const row = super.row(slot)
      return row && this.isLater === 'records' ? { ...row, records: later(row.records) } : row
    }

    override checkpoint(): readonly CheckpointPart[] {
      const parts = super.checkpoint()
      return this.isLater === 'checkpoint' ? parts.map((part) => ({ ...part, data: later(part.data) })) : parts
    }

    override keyed(day: number, key: string): string | undefined {
      const text = super.keyed(day, key)
      return text && this.isLater === 'keyed' ? later(text) : text
    }

    override grant(id: string): string | undefined {
      const text = super.grant(id)
      return text && this.isLater === 'grant' ? later(text) : text
    }
  }

  /** A ledger with something in each table. */
  function opened(): Opened {
    const ledger = new Opened(new Later())
    ledger.apply(verbs.grant, { id: 'g', ...EUR(5n) })
    const idempotency = { key: 'k', digest: 'd' }
    ledger.use('keyed', { idempotency })
    for (let index = 0; index < 25; index++) ledger.use(`c${index}`)
    ledger.book.checkpoint()
    ledger.apply(verbs.charge, chargeOf('open', ledger.now))
    ledger.commit()
    return ledger
  }

  it.each([
    ['changes', () => undefined],
    ['checkpoint', () => undefined],
    ['records', (ledger: Opened) => ledger.book.records(1)],
    ['keyed', (ledger: Opened) => ledger.book.chargeByKey('k')],
    ['grant', (ledger: Opened) => ledger.book.grant('g')],
  ] as const)('is refused, and never taken for nothing: %s', (table, read) => {
    const ledger = opened()
    ledger.again()
    expect(() => read(ledger)).not.toThrow()
    if (ledger.journal instanceof Later) ledger.journal.isLater = table
    expect(() => {
      ledger.again()
      read(ledger)
    }).toThrow(UnknownFormat)
  })
})

describe('a row', () => {
  const at = { slot: 1, number: 1, next: 2, at: 0, lastRecord: 0, ring: '', records: '' }

  it('larger than any store takes is refused in memory too, as is a part of a checkpoint, a key and a grant', () => {
    const journal = new MemoryJournal()
    const [most, over] = ['\u20ac'.repeat(MAX_ROW_BYTES / 3), '\u20ac'.repeat(MAX_ROW_BYTES / 3 + 1)]
    const writes: ((text: string) => void)[] = [
      (changes) => journal.putRow({ ...at, changes }),
      (data) => journal.putCheckpoint(0, { generation: 1, part: 0, parts: 1, data }),
      (text) => journal.putKeyed(1, 'k', text),
      (text) => journal.putGrant('g', 0, text),
    ]
    for (const write of writes) {
      expect(() => write(most)).not.toThrow()
      expect(() => write(over)).toThrow(RangeError)
    }
  })
})
