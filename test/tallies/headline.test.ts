import { expect, it } from 'vitest'
import { headlineOf } from '../../src/operator/rules/figures.ts'
import { MemoryTallies } from '../../src/platform/memory/tallies.ts'
import { applyTally, KEEP_MS } from '../../src/tallies/rules/book.ts'
import { HOUR_MS, MINUTE_MS } from '../../src/tallies/rules/buckets.ts'
import { decodeTally, encodeTally } from '../../src/tallies/rules/encoding.ts'
import { DIMENSIONS, kindWith, Tally } from '../../src/tallies/rules/tally.ts'

const BEGAN = Date.parse('2026-11-20T08:00:00Z')

it('the first row of last week’s hour is what it was in that hour, those asked to pay included', () => {
  const tally = new Tally()
  const kinds = [
    ['/a/*', 'refuse', '4xx', 'payment-required', '', '', '', '', '', ''],
    ['/a/*', 'refuse', '4xx', 'credential-expired', '', 'bearer', 'refused', '', '', ''],
    ['/a/*', 'refuse', '5xx', 'ledger-unavailable', '', 'bearer', 'verified', '', '', ''],
    ['/b/*', 'serve', '2xx', '', 'hit', 'bearer', 'verified', '', 'small', ''],
    ['/c/*', 'serve', '2xx', '', 'miss', '', '', 'crawler', '', 'serve'],
    ['/a/*', 'refuse', '4xx', 'payment-required', '', '', '', '', '', '', 'html'],
    ['', 'own', '3xx', '', '', '', '', '', '', '', '', 'finished', 'monthly'],
  ]
  for (const [index, names] of kinds.entries()) {
    const cell = tally.cellOf(kindWith(DIMENSIONS.map((_, at) => names[at] ?? '')))
    cell.count = index + 1
    cell.originMs.push(0, index)
  }
  tally.addHurt('hash')
  const storage = new MemoryTallies()
  const at = (now: number, sums: Tally): void => {
    const minutes = [[now, encodeTally(sums)] as const]
    applyTally(storage, { kind: 'post', timeZone: 'UTC', minutes, configuration: 'one' }, now)
  }
  at(BEGAN, tally)
  at(BEGAN + KEEP_MS.minute + 2 * HOUR_MS, new Tally())
  const [row] = storage.rows('minute', BEGAN, BEGAN + MINUTE_MS)
  expect(row?.[1].traffic.length).toBeLessThanOrEqual(kinds.length)
  expect(row && headlineOf(decodeTally(row[1]))).toEqual(headlineOf(tally))
})
