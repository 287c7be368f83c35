import { describe, expect, it } from 'vitest'
import { audit, type Figures, noFigures, type Read, type ReadRecord, type Terms } from '../../demo/crash-audit.ts'

const ACCOUNT: Terms = { units: 1, money: 10, uses: 0, granted: 1000, mostUses: 0 }
const RECEIPT: Terms = { units: 0, money: 0, uses: 1, granted: 0, mostUses: 3 }

const at = 1_000_000
const taken = (charge: string, { units, money, uses }: Terms): Omit<ReadRecord, 'position'> => {
  return { id: `${charge}-charge`, kind: 'charge', charge, at, units, money, uses }
}
/** What an amendment changes: nothing, or it gives all back. */
const settled = (charge: string, given: Terms | undefined, kind: ReadRecord['kind'] = 'amend') => {
  const { units, money, uses } = given ?? { units: 0, money: 0, uses: 0 }
  return { id: `${charge}-${kind}`, kind, charge, at, units: 0 - units, money: 0 - money, uses: 0 - uses }
}

/** Two charges that were delivered, one that was given back, and one whose gate died. */
function ledgerOf(terms: Terms): Read {
  const records = [
    ...['a', 'b'].flatMap((charge) => [taken(charge, terms), settled(charge, undefined)]),
    taken('c', terms),
    settled('c', terms),
    taken('d', terms),
    settled('d', undefined, 'unsettled'),
  ].map((record, index): ReadRecord => ({ ...record, position: index + 1 }))
  const { units, money, granted, mostUses } = terms
  const sums = { units: units * 3, money: money * 3, credit: granted - money * 3, usesLeft: Math.max(0, mostUses - 3) }
  return { name: 'a ledger', now: at + 5000, records, charges: 4, unsettled: 1, ...sums }
}

const HEADS = ['a', 'b']

function faultsOf(read: Read, heads: readonly string[], terms: Terms, left: readonly string[] = []): string[] {
  const figures: Figures = noFigures()
  audit(read, { heads: new Set(heads), wasLeft: (id) => left.includes(id) }, terms, figures)
  return Object.entries(figures.faults).flatMap(([check, count]) => (count === 0 ? [] : [check]))
}

/** The same ledger, of which the records are others. */
function withRecords(change: (records: readonly ReadRecord[]) => readonly ReadRecord[]): Read {
  const read = ledgerOf(ACCOUNT)
  return { ...read, records: change(read.records) }
}

/** The same ledger as if a charge had never been made, so that records and sums agree. */
function without(charge: string): Read {
  const { records, ...read } = ledgerOf(ACCOUNT)
  const kept = records.filter((record) => record.charge !== charge)
  return {
    ...read,
    records: kept.map((record, index) => ({ ...record, position: index + 1 })),
    charges: read.charges - 1,
    units: read.units - 1,
    money: read.money - 10,
    credit: read.credit + 10,
  }
}

const isOf = (charge: string, kind: ReadRecord['kind']) => (record: ReadRecord) =>
  record.charge === charge && record.kind === kind

interface Wrong {
  readonly what: string
  readonly faults: readonly string[]
  readonly read?: Read
  readonly heads?: readonly string[]
}

describe('the audit of the crash script', () => {
  it.each([
    ['account', ACCOUNT],
    ['receipt', RECEIPT],
  ])('finds nothing wrong with an %s whose books are right', (_kind, terms) => {
    expect(faultsOf(ledgerOf(terms), HEADS, terms)).toEqual([])
  })

  const wrong: readonly Wrong[] = [
    { what: 'a charge is lost with all that it did', faults: ['unpaid'], read: without('a') },
    { what: 'a delivered charge is given back', faults: ['unpaid', 'credit', 'sums'], read: withRecords(givenBack) },
    { what: 'a head has no charge', faults: ['unpaid'], heads: [...HEADS, 'e'] },
    { what: 'a charge is kept, and nobody got its head', faults: ['unheard'], heads: ['a'] },
    {
      what: 'the first row of the outbox is lost',
      faults: ['unpaid', 'twice', 'credit', 'sums'],
      read: withRecords((all) => all.slice(1)),
    },
    { what: 'a row within the outbox is lost', faults: ['twice', 'overdue'], read: withRecords(holed) },
    { what: 'the last row of the outbox is lost', faults: ['overdue', 'sums'], read: withRecords(cut) },
    {
      what: 'a row of the outbox comes twice',
      faults: ['twice'],
      read: withRecords((all) => all.concat(all.slice(-1))),
    },
    { what: 'a charge takes half of what it costs', faults: ['partly', 'sums'], read: withRecords(halved) },
    { what: 'a charge is never closed', faults: ['overdue'], read: { ...withRecords(cut), unsettled: 0 } },
    { what: 'credit is gone', faults: ['credit'], read: { ...ledgerOf(ACCOUNT), credit: 960 } },
    { what: 'the totals forget a charge', faults: ['sums'], read: { ...ledgerOf(ACCOUNT), charges: 3 } },
  ]

  it.each(wrong)('finds that $what', ({ faults, read = ledgerOf(ACCOUNT), heads = HEADS }) => {
    expect(faultsOf(read, heads, ACCOUNT)).toEqual(faults)
  })

  it('finds a receipt that opens more often than was paid for', () => {
    expect(faultsOf(ledgerOf(RECEIPT), [...HEADS, 'd', 'e'], RECEIPT)).toContain('overspent')
  })

  it('lets a charge be kept whose client left before its head', () => {
    expect(faultsOf(ledgerOf(ACCOUNT), ['a'], ACCOUNT, ['b'])).toEqual([])
  })
})

function givenBack(records: readonly ReadRecord[]): readonly ReadRecord[] {
  return records.map((record) => (isOf('a', 'amend')(record) ? { ...record, units: -1, money: -10 } : record))
}

function halved(records: readonly ReadRecord[]): readonly ReadRecord[] {
  return records.map((record) => (isOf('b', 'charge')(record) ? { ...record, money: 5 } : record))
}

const holed = (records: readonly ReadRecord[]): readonly ReadRecord[] =>
  records.filter((one) => !isOf('b', 'amend')(one))

/** Without the last, which closes a charge. */
const cut = (records: readonly ReadRecord[]): readonly ReadRecord[] => records.slice(0, -1)
