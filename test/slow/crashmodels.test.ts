import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import {
  auditModels,
  type Call,
  type ModelsRead,
  type ModelsRecord,
  noModelsFigures,
  type Sent,
  type Try,
} from '../../demo/crash-models-audit.ts'

const GRANTED = 1_000_000
const RESERVED = 100_000
const at = 1_000_000
/** 20 tokens in, 4 of them from the cache, and 10 out: 6,000 + 150 + 25,000. */
const USED = 31_150
const usage = { input: 20, cached: 4, cacheWrite: 0, cacheWriteLong: 0, output: 10 }
const SENT: Sent = {
  usage: { ...usage, audioIn: 0, thinking: 0, audioOut: 0, searches: 0 },
  generated: 10,
  isReported: true,
}

type Written = Omit<ModelsRecord, 'position'>

/** The records of one charge: made, and closed. */
function charged(charge: string, cap: number, kept: number, kind: ModelsRecord['kind'] = 'amend'): readonly Written[] {
  const counts = { 'output-tokens': cap }
  return [
    { kind: 'charge', charge, at, counts, money: RESERVED, change: RESERVED },
    { kind, charge, at, counts, money: kept, change: kept - RESERVED },
  ]
}

/** An answer that came to its end, one that was released, one whose gate died, and one that broke off after four tokens. */
const RIGHT: readonly Written[] = [
  ...charged('whole', 201, USED),
  ...charged('failed', 202, 0),
  ...charged('died', 203, RESERVED, 'unsettled'),
  ...charged('broke', 204, 20_000),
]
const SEEN: Readonly<Record<string, Partial<Try>>> = {
  whole: { end: 'complete', tokens: 10, status: 200, receipt: USED, charge: 'whole' },
  failed: { end: 'cut', status: 503 },
  died: { end: 'lost' },
  broke: { end: 'cut', tokens: 4, status: 200 },
}

interface Case {
  readonly records?: readonly Written[]
  readonly seen?: Readonly<Record<string, Partial<Try>>>
  readonly sent?: Sent | undefined
  readonly read?: Partial<ModelsRead>
  readonly api?: string
}

function faultsOf({ records = RIGHT, seen = {}, read = {}, api = 'llama', ...more }: Case): string[] {
  const written = records.map((record, index): ModelsRecord => ({ ...record, position: index + 1 }))
  const charges = new Map(written.map(({ charge, money }) => [charge, money]))
  const money = [...charges.values()].reduce((sum, kept) => sum + kept, 0)
  const unsettled = written.filter(({ kind }) => kind === 'unsettled').length
  const ledger = {
    name: 'a ledger',
    records: written,
    charges: charges.size,
    unsettled,
    money,
    credit: GRANTED - money,
  }
  const calls = Object.entries({ ...SEEN, ...seen }).map(([, told], index): [number, Call] => {
    const tried: Try = { at, tokens: 0, end: 'lost', until: at, ...told }
    return [201 + index, { cap: 201 + index, api, isStream: true, fault: '', tries: [tried] }]
  })
  const sent = 'sent' in more ? more.sent : SENT
  const figures = noModelsFigures()
  const known = { granted: GRANTED, grantedBy: () => GRANTED, calls: new Map(calls), sent: () => sent }
  auditModels({ ...ledger, ...read }, known, figures)
  return Object.entries(figures.faults).flatMap(([check, count]) => (count === 0 ? [] : [check]))
}

/** The same records, those of one charge in place of its own. */
const withRecords = (charge: string, other: readonly Written[]): readonly Written[] =>
  RIGHT.flatMap((record) => (record.charge !== charge ? [record] : record.kind === 'charge' ? other : []))

const wrong: readonly (Case & { readonly what: string; readonly faults: readonly string[] })[] = [
  {
    what: 'an answer costs more than was used',
    faults: ['wrong'],
    records: withRecords('whole', charged('whole', 201, USED + 1)),
  },
  {
    what: 'an answer costs less than was used',
    faults: ['wrong'],
    records: withRecords('whole', charged('whole', 201, USED - 1)),
  },
  {
    what: 'an answer without a report is not kept as reserved',
    faults: ['wrong'],
    sent: { ...SENT, isReported: false },
  },
  { what: 'an answer has no charge', faults: ['unpaid'], records: withRecords('whole', []) },
  { what: 'a receipt says another amount', faults: ['receipt'], seen: { whole: { ...SEEN['whole'], receipt: 1 } } },
  {
    what: 'an answer names another charge',
    faults: ['misnamed'],
    seen: { whole: { ...SEEN['whole'], charge: 'died' } },
  },
  { what: 'a refusal costs', faults: ['refused'], records: withRecords('failed', charged('failed', 202, 1)) },
  { what: 'what was never sent costs', faults: ['unsent'], sent: undefined },
  {
    what: 'a broken answer costs less than came',
    faults: ['below'],
    records: withRecords('broke', charged('broke', 204, 16_149)),
  },
  {
    what: 'a broken answer costs more than was reported',
    faults: ['beyond'],
    records: withRecords('broke', charged('broke', 204, USED + 1)),
  },
  {
    what: 'a charge exceeds its reservation',
    faults: ['above'],
    records: withRecords('broke', charged('broke', 204, RESERVED + 1)),
  },
  {
    what: 'a charge stays open',
    faults: ['open'],
    records: withRecords('died', charged('died', 203, RESERVED).slice(0, 1)),
  },
  {
    what: 'an unsettled charge is not its reservation',
    faults: ['unsettledSum'],
    records: withRecords('died', charged('died', 203, 1, 'unsettled')),
  },
  {
    what: 'one try is charged twice',
    faults: ['twice'],
    records: [...RIGHT, ...charged('again', 201, USED)],
    seen: { whole: { end: 'complete', status: 200 } },
  },
  { what: 'a charge is of no call', faults: ['unknown'], records: [...RIGHT, ...charged('stray', 999, 1)] },
  {
    what: 'a record is lost',
    faults: ['open', 'sums', 'credit'],
    records: RIGHT.slice(0, -1),
    read: { money: 151_150, credit: GRANTED - 151_150 },
  },
  { what: 'credit is gone', faults: ['credit'], read: { credit: 1 } },
  { what: 'the totals forget a charge', faults: ['sums'], read: { charges: 3 } },
  {
    what: 'a client is told to pay while there is money',
    faults: ['turnedAway'],
    seen: { failed: { status: 402, needed: RESERVED } },
  },
]

describe('the audit of calls of language models', () => {
  it('finds nothing wrong with books that are right', () => {
    expect(faultsOf({})).toEqual([])
  })

  it.each(wrong)('finds that $what', ({ faults, ...given }) => {
    expect(faultsOf(given).toSorted()).toEqual([...faults].toSorted())
  })

  it('lets an answer that broke off cost up to its reservation where nothing is reported on the way', () => {
    expect(faultsOf({ api: 'openai', records: withRecords('broke', charged('broke', 204, RESERVED)) })).toEqual([])
  })
})

describe('gates before language models, killed while answers are under way', () => {
  it('leave no sum that is wrong', async () => {
    const script = join(import.meta.dirname, '../../demo/crash.ts')
    const run = promisify(execFile)(process.execPath, [script, '--mode', 'models', '--rounds', '2', '--seed', '14'])
    const { stdout } = await run
    expect(stdout).toMatch(/^mismatches +0$/m)
  })
})
