import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Distrust, NO_DISTRUST } from '../../../../src/access/distrust.ts'
import type { LedgerObject } from '../../../../src/platform/cloudflare/ledger/ledger.ts'
import { DISTRUST_FORMAT } from '../../../../src/standing/rules/delta.ts'
import type { Posted, PostCommand } from '../../../../src/standing/rules/bulletin.ts'
import { LATER, valueOf } from '../../../ledger/host/driver.ts'
import { ledgerOf } from '../../objects.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: LATER }))
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const NONE = { epoch: '', version: 0, format: DISTRUST_FORMAT }
const ORDER: Distrust = { keys: { stolen: 7 }, revokedBefore: { 'https://i.test': 9 } }
const HELD: Posted = { issuer: 'https://i.test', account: 'a', entry: { heldAt: LATER / 1000 } }

const posting = (over: Partial<PostCommand>): PostCommand => ({
  entries: [],
  longestTokenSeconds: 86_400,
  epoch: 'e',
  ...over,
})

/** Returns the head as it is stored. */
function storedHead(object: DurableObjectStub<LedgerObject>): Promise<Record<string, unknown>> {
  return runInDurableObject(object, (_ledger: LedgerObject, { storage }) => {
    const [row] = storage.sql.exec<{ data: string }>('SELECT data FROM bulletin_head')
    return JSON.parse(row?.data ?? '{}') as Record<string, unknown>
  })
}

describe('what an order makes void', () => {
  it('is kept when the object is evicted, joined with later orders, and never left out', async () => {
    const object = ledgerOf('kept distrust')
    await object.post(posting({ distrust: ORDER }))
    await evictDurableObject(object)
    const later = { keys: { other: 8 }, revokedBefore: { 'https://i.test': 3 } }
    await object.post(posting({ distrust: later }))
    for (let n = 0; n < 300; n++) await object.post(posting({ entries: [HELD] }))
    await evictDurableObject(object)
    expect(valueOf(await object.delta(NONE)).head.distrust).toEqual({
      keys: { stolen: 7, other: 8 },
      revokedBefore: { 'https://i.test': 9 },
    })
  })

  it('is told to no reader that would let it through', async () => {
    const object = ledgerOf('distrust for an old reader')
    const old = { epoch: '', version: 0 }
    await object.post(posting({ entries: [HELD] }))
    expect(await object.delta(old)).toMatchObject({ ok: true })
    await object.post(posting({ distrust: ORDER }))
    expect(await object.delta(old)).toEqual({ ok: false, error: 'ledger-unavailable' })
    expect(await object.delta(NONE)).toMatchObject({ ok: true, value: { entries: [{}] } })
  })

  it('is stored so that the first reader of these tables finds no head, and only then', async () => {
    const object = ledgerOf('distrust for an old store')
    await object.post(posting({ entries: [HELD] }))
    // What the first reader reads of a head, and what it writes.
    expect(await storedHead(object)).toMatchObject({ format: 1, epoch: 'e', version: 1, purges: { tags: {} } })
    await object.post(posting({ distrust: ORDER }))
    const head = await storedHead(object)
    expect([head['format'], head['purges']]).toEqual([2, undefined])
  })

  it('may be added to a bulletin of the format before, which names none', async () => {
    const object = ledgerOf('a bulletin of before')
    await object.post(posting({ entries: [HELD] }))
    await runInDurableObject(object, (_ledger: LedgerObject, { storage }) => {
      storage.sql.exec("UPDATE bulletin_head SET data = json_remove(data, '$.format')")
    })
    await evictDurableObject(object)
    await object.post(posting({ distrust: ORDER }))
    const { head, entries } = valueOf(await object.delta(NONE))
    expect([head.version, head.distrust, entries.length]).toEqual([2, ORDER, 1])
  })

  it('is not read from a format that is not known, and nothing is taken for an empty bulletin', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const object = ledgerOf('a bulletin to come')
    await object.post(posting({ distrust: ORDER }))
    await runInDurableObject(object, (_ledger: LedgerObject, { storage }) => {
      storage.sql.exec("UPDATE bulletin_head SET data = json_set(data, '$.format', 3)")
    })
    await evictDurableObject(object)
    expect(await object.delta(NONE)).toEqual({ ok: false, error: 'ledger-unavailable' })
    expect(await object.post(posting({ distrust: NO_DISTRUST }))).toEqual({ ok: false, error: 'ledger-unavailable' })
  })

  it('outlives a look at the audit, whose book is empty', async () => {
    const object = ledgerOf('an empty audit')
    await object.post(posting({ distrust: ORDER }))
    expect(await object.order('audit', { most: 1 })).toMatchObject({ ok: true, value: { records: [] } })
    vi.setSystemTime(LATER + 120_000)
    await runDurableObjectAlarm(object)
    await evictDurableObject(object)
    expect(valueOf(await object.delta(NONE)).head.distrust).toEqual(ORDER)
  })
})
