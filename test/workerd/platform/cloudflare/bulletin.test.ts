import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { accountKey, NO_BULLETIN, type Posted, type PostCommand } from '../../../../src/standing/rules/bulletin.ts'
import { NO_PURGES } from '../../../../src/cache/rules/purge.ts'
import type { LedgerObject } from '../../../../src/platform/cloudflare/ledger/ledger.ts'
import { LATER, valueOf } from '../../../ledger/host/driver.ts'
import { ledgerOf } from '../../objects.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: LATER }))
afterEach(() => void vi.useRealTimers())

const ISSUER = 'https://billing.test'
const NONE = { epoch: '', version: 0 }
const held = (account: string): Posted => ({ issuer: ISSUER, account, entry: { heldAt: LATER / 1000 } })

function command(entries: readonly Posted[], epoch = 'e'): PostCommand {
  return { entries, longestTokenSeconds: 86_400, epoch }
}

describe('the object of a bulletin', () => {
  it('knows nothing at first', async () => {
    const news = valueOf(await ledgerOf('new bulletin').delta(NONE))
    expect(news).toEqual({ head: NO_BULLETIN, isAll: false, entries: [] })
  })

  it('keeps what was posted, and its epoch, when it is evicted', async () => {
    const object = ledgerOf('kept bulletin')
    for (const account of ['a', 'n:1', 'ü'])
      expect(await object.post(command([held(account)], account))).toMatchObject({ ok: true })
    const before = valueOf(await object.delta(NONE))
    await evictDurableObject(object)
    const after = valueOf(await object.delta(NONE))
    expect(after).toEqual(before)
    expect(after).toMatchObject({ isAll: true, head: { epoch: 'a', version: 3, purges: NO_PURGES } })
    expect(after.entries.map(({ key }) => key)).toEqual(['a', 'n:1', 'ü'].map((name) => accountKey(ISSUER, name)))
    const since = valueOf(await object.delta({ epoch: 'a', version: 2 }))
    expect(since.entries.map(({ key }) => key)).toEqual([accountKey(ISSUER, 'ü')])
  })

  it('does not run ahead of a storage that fails', async () => {
    const printed = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const object = ledgerOf('broken bulletin')
    const execute = (query: string) =>
      runInDurableObject(object, (_ledger: LedgerObject, { storage }) => void storage.sql.exec(query))
    await object.post(command([held('a')]))
    await execute("CREATE TRIGGER broken BEFORE INSERT ON bulletin BEGIN SELECT RAISE(ABORT, 'disk full'); END")
    expect(await object.post(command([held('b')]))).toEqual({ ok: false, error: 'ledger-unavailable' })
    await execute('DROP TRIGGER broken')
    expect(valueOf(await object.delta(NONE))).toMatchObject({ head: { version: 1 }, entries: [{}] })
    expect(await object.post(command([held('b')]))).toMatchObject({ ok: true })
    expect(valueOf(await object.delta(NONE))).toMatchObject({ head: { version: 2 }, entries: [{}, {}] })
    printed.mockRestore()
  })

  it('answers ten thousand entries at once', async () => {
    const object = ledgerOf('full bulletin')
    for (let from = 0; from < 10_000; from += 1000) {
      await object.post(command(Array.from({ length: 1000 }, (_, n) => held(`account-${from + n}`))))
    }
    expect(valueOf(await object.delta(NONE)).entries).toHaveLength(10_000)
  })
})
