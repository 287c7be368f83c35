import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { describe, expect, it } from 'vitest'
import type { LedgerObject } from '../../../../src/platform/cloudflare/ledger/ledger.ts'
import { ERASE } from '../../../ledger/host/erase-contract.ts'
import { valueOf } from '../../../ledger/host/driver.ts'
import { chargeOf, EUR, limit, ONE } from '../../../ledger/rules/pureledger.ts'
import { ledgerOf } from '../../objects.ts'
import { type Stub, tablesOf } from './driver.ts'

/** Everything in the tables of an object. */
async function contentOf(ledger: Stub): Promise<string> {
  const tables = await tablesOf(ledger)
  return runInDurableObject(ledger, (_ledger: LedgerObject, { storage }) =>
    JSON.stringify(tables.map(({ name }) => [name, storage.sql.exec(`SELECT * FROM ${name}`).toArray()])),
  )
}

describe('the tables of an erased ledger', () => {
  it('hold no name, route, key, representation, answer or id of the account', async () => {
    const ledger = ledgerOf('account of zoe')
    const told = async (): Promise<void> => {
      const records = valueOf(await ledger.takeOutbox(100))
      await ledger.flushed(records.map(({ position }) => position))
    }
    const now = Date.now()
    await ledger.grant({ id: 'invoice-of-zoe', ...EUR(100n) })
    const longestTokenSeconds = 60
    const subscriptions = [{ id: 'sub-of-zoe', at: now / 1000, standing: 'active' as const, hasEnded: false }]
    await ledger.recordStatement({ entries: [{ entry: { subscriptions } }], longestTokenSeconds })
    await ledger.recordStatement({ entries: [{ token: 'jti-of-zoe', entry: { heldAt: 1 } }], longestTokenSeconds })
    for (const id of ['one', 'two']) {
      const idempotency = { key: `key-of-zoe-${id}`, digest: 'd' }
      const command = chargeOf(`zoe-${id}`, now, { counts: ONE, limits: [limit(9n, 'P1D')], idempotency })
      await ledger.charge({ ...command, facts: { route: '/secret-of-zoe', account: 'zoe' } })
      const representation = '"of-zoe"'
      await ledger.amend({ charge: command.id, request: command.id, delivery: 'complete', representation })
    }
    await told()
    expect((await contentOf(ledger)).match(/of-zoe/g)?.length).toBeGreaterThan(8)
    const erased = valueOf(await ledger.erase({ ...ERASE, ledger: 'account of zoe' }))
    expect(erased).toMatchObject({ kind: 'erased' })
    await evictDurableObject(ledger)
    const content = await contentOf(ledger)
    expect(content).not.toContain('zoe')
    expect(content).toMatch(/requests/) // What was used of a quota stays.
  })
})
