import { expect, it } from 'vitest'
import { err, ok } from '../../src/core/result.ts'
import type { AuditPage } from '../../src/ledger/rules/audit.ts'
import { orders } from '../../src/ledger/rules/orders.ts'
import { readAudit } from '../../src/lookup/auditview.ts'
import { PureLedger } from '../ledger/rules/pureledger.ts'

/** Reads the audit of a ledger with so many records, as a storage that was tampered with gives it. */
function read(count: number, change: (page: AuditPage) => AuditPage = (page) => page) {
  const ledger = new PureLedger()
  for (let number = 1; number <= count; number++)
    ledger.apply(orders.recordAct, { action: 'hold', by: 'support', facts: { number } })
  return readAudit(async (query) => ok(change(ledger.apply(orders.audit, query))))
}

it.each([0, 1, 60, 199, 200, 401])(
  'an audit of %i records is read to its end, and its chain is whole',
  async (count) => {
    const view = await read(count)
    expect(view).toMatchObject({ total: count, chain: 'whole' })
    if (view === null || view === 'unavailable') throw new Error('none')
    const shown = view.records.map(({ number }) => number)
    expect(shown).toEqual(Array.from({ length: Math.min(50, count) }, (_, index) => count - index))
  },
)

it.each<[string, (page: AuditPage) => AuditPage, number]>([
  ['altered', (page) => ({ ...page, records: page.records.map((one) => ({ ...one, by: 'nobody' })) }), 1],
  ['removed', (page) => ({ ...page, records: page.records.filter(({ number }) => number !== 2) }), 3],
  ['cut off', (page) => ({ ...page, records: page.records.filter(({ number }) => number < 3) }), 3],
  ['all removed', (page) => ({ ...page, records: [] }), 1],
])('it is said if records were %s', async (_how, change, brokenAt) => {
  expect(await read(3, change)).toMatchObject({ chain: 'broken', brokenAt })
})

it('a longer one than can be read at once is unchecked, and so said', async () => {
  const view = await readAudit(async ({ after = 0, most }) => {
    const records = Array.from({ length: most }, (_, index) => {
      const record = { number: after + index + 1, at: 0, action: 'hold', by: 'support', previous: '', hash: '' }
      return record
    })
    return ok({ records, last: { number: 1_000_000, hash: '' } })
  })
  expect(view).toMatchObject({ chain: 'unchecked', total: 5000 })
})

it('one that is not told is unavailable', async () => {
  expect(await readAudit(async () => err('ledger-unavailable'))).toBe('unavailable')
})
