import { beforeEach, describe, expect, it } from 'vitest'
import { MemoryTallies } from '../../src/platform/memory/tallies.ts'
import { applyTally } from '../../src/tallies/rules/book.ts'
import { MAX_NEAR, type NearLimit, type NearLimits } from '../../src/tallies/rules/nearlimits.ts'
import { limit, PureLedger, units } from '../ledger/rules/pureledger.ts'
import { watchLimits } from '../../src/ledger/rules/thresholds.ts'

const NOW = Date.UTC(2030, 0, 15, 12)
const HOUR_MS = 3_600_000

let storage: MemoryTallies
beforeEach(() => void (storage = new MemoryTallies()))

const near = (hash: string, more: Partial<NearLimit> = {}): NearLimit => ({
  hash,
  sealed: `sealed ${hash}`,
  limit: 'requests',
  window: 'P1D',
  kind: 'fixed',
  threshold: 80,
  used: '80',
  quota: '100',
  resetsAt: NOW + HOUR_MS,
  until: NOW + HOUR_MS,
  ...more,
})

/** A record of a ledger, as it comes with what is to be listed. */
function add(position: number, one: NearLimit, payer = one.hash, now = NOW): void {
  const ledger = new PureLedger(watchLimits([80]))
  ledger.charge({ counts: units(80n), limits: [limit(100n, 'P1D')] })
  const records = ledger
    .records()
    .slice(1)
    .map((record) => ({ ...record, position, at: NOW + position }))
  applyTally(storage, { kind: 'records', timeZone: 'UTC', payer, records, near: [{ position, near: one }] }, now)
}

function listed(hash?: string, now = NOW, most = 50): NearLimits {
  const answer = applyTally(storage, { kind: 'near', most, ...(hash !== undefined && { hash }) }, now)
  if (!answer.ok || answer.near === undefined) throw new Error('no list')
  return answer.near
}

describe('accounts near a limit', () => {
  it('are listed by what they have used, the most first', () => {
    add(1, near('a'))
    add(1, near('b', { threshold: 95 }))
    expect(listed().limits.map(({ hash }) => hash)).toEqual(['b', 'a'])
    expect(listed('a')).toEqual({ limits: [near('a')], count: 1 })
  })

  it('are listed once for each limit, as it was told last', () => {
    add(1, near('a'))
    add(2, near('a', { threshold: 90 }))
    add(3, near('a', { limit: 'tokens' }))
    add(4, near('a', { key: 'k1' }))
    expect(listed().limits.map(({ limit: name, key, threshold }) => [name, key, threshold])).toEqual([
      ['requests', undefined, 90],
      ['tokens', undefined, 80],
      ['requests', 'k1', 80],
    ])
  })

  it('are not listed as before by a record that comes again', () => {
    add(1, near('a'))
    add(2, near('a', { threshold: 90 }))
    add(1, near('a'))
    expect(listed().limits.map(({ threshold }) => threshold)).toEqual([90])
  })

  it('leave the list when the window ends, and what is stored within the hour after', () => {
    add(1, near('a'))
    expect(listed('a', NOW + HOUR_MS)).toEqual({ limits: [], count: 0 })
    add(1, near('b', { until: NOW + 3 * HOUR_MS }), 'b', NOW + 2 * HOUR_MS)
    expect(storage.near().map(([, { hash }]) => hash)).toEqual(['b'])
  })

  it('that come when their window has ended are not listed', () => {
    add(1, near('a', { until: NOW }))
    expect(storage.near()).toEqual([])
  })

  it('are so many at most, and the smallest shares go first', () => {
    for (let account = 0; account < MAX_NEAR; account++) add(1, near(`a${account}`, { threshold: 90 }))
    add(1, near('little'))
    add(1, near('much', { threshold: 100 }))
    expect(storage.near()).toHaveLength(MAX_NEAR)
    expect([listed('little').count, listed('much').count]).toEqual([0, 1])
    expect(listed(undefined, NOW, 50)).toMatchObject({ count: MAX_NEAR, limits: { length: 50 } })
  })

  it('are forgotten with how far their records were added up', () => {
    add(1, near('a'))
    add(1, near('b'))
    applyTally(storage, { kind: 'forget', payer: 'a', hashes: ['a'] }, NOW)
    expect(listed().limits.map(({ hash }) => hash)).toEqual(['b'])
    expect([storage.mark('a'), storage.mark('b')?.position]).toEqual([undefined, 1])
  })
})
