import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { LedgerObject } from '../../../../src/platform/cloudflare/ledger/ledger.ts'
import { LATER, valueOf } from '../../../ledger/host/driver.ts'
import { chargeOf, EUR, limit, MINUTE, ONE } from '../../../ledger/rules/pureledger.ts'
import { ledgerOf } from '../../objects.ts'
import { execute, type Stub, tablesOf } from './driver.ts'
import dump from './legacy.sql?raw'

const STATEMENTS = dump.split('\n').filter((line) => line !== '')
/** When the ledger was last written by the version before. */
const WRITTEN = LATER + 27_000
const LIMITS = [limit(1000n, 3600), limit(100n, 'P1M', { anchor: 0 }), limit(50n, 86_400, { kind: 'sliding' })]

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: WRITTEN }))
afterEach(() => void vi.useRealTimers())

/** A ledger as the version before stored it. */
async function stored(name: string): Promise<Stub> {
  const ledger = ledgerOf(name)
  await execute(ledger, ...STATEMENTS)
  return ledger
}

async function charge(ledger: Stub, id: string, more = {}): Promise<string> {
  const answer = valueOf(await ledger.charge(chargeOf(id, Date.now(), { counts: ONE, price: EUR(2n), ...more })))
  return answer.kind === 'charged'
    ? `${answer.isRepeat ? 'repeat' : 'new'}:${answer.tries}`
    : (answer.conflict ?? answer.reason)
}

describe('a ledger of the schema before the journal', () => {
  it('is read: sums, limits, statements, the last charges and those that are marked', async () => {
    const ledger = await stored('read')
    const read = valueOf(await ledger.read({ limits: LIMITS }))
    expect(read).toMatchObject({
      credit: [EUR(62n)],
      limits: [{ used: 19n }, { used: 19n }, { used: 19n }],
      totals: { charges: 31, unsettled: 1, counts: [{ name: 'requests', units: 19n }] },
      entry: { standing: { standing: 'active' } },
      unsettled: [{ id: 'lost' }],
    })
    expect(read.recent).toHaveLength(20)
    expect(read.recent[0]).toMatchObject({ id: 'keyedopen', state: 'open', facts: { account: 'n:1' } })
    expect(valueOf(await ledger.statements('t1')).ofToken).toEqual({ revokedAt: LATER / 1000 })
    await evictDurableObject(ledger)
    expect(valueOf(await ledger.read({ limits: LIMITS }))).toEqual(read)
    const tables = await tablesOf(ledger)
    expect(tables.map(({ name }) => name).sort()).toEqual([
      'checkpoint',
      'grants',
      `head`,
      `keys_${Math.floor(LATER / 86_400_000)}`,
    ])
  })

  it.each([
    ['delivered', 'under a key that paid', { idempotency: { key: 'k1', digest: 'd1' } }],
    ['other-request', 'another under that key', { idempotency: { key: 'k1', digest: 'd2' } }],
    ['repeat:2', 'a retry of one that broke off', { idempotency: { key: 'k2', digest: 'd2' } }],
    ['in-flight', 'under the key of one in flight', { idempotency: { key: 'k3', digest: 'd3' } }],
    ['repeat:1', 'a further Range', { continuation: '/film', isPart: true, representation: '"f"' }],
    ['new:1', 'any other request', {}],
  ])('answers %s to %s', async (expected, _what, more) => {
    expect(await charge(await stored(expected), 'new', more)).toBe(expected)
  })

  it('takes late and outstanding reports, once', async () => {
    const ledger = await stored('reports')
    for (const id of ['open', 'lost']) {
      const amend = () => ledger.amend({ charge: id, request: id, delivery: 'none' })
      expect(valueOf(await amend())).toMatchObject({ kind: 'amended', isRepeat: false })
      expect(valueOf(await amend())).toMatchObject({ kind: 'amended', isRepeat: true })
    }
    expect(valueOf(await ledger.read({})).credit).toEqual([EUR(66n)])
    expect(valueOf(await ledger.grant({ id: 'g1', ...EUR(100n) }))).toMatchObject({ isRepeat: true })
    vi.setSystemTime(WRITTEN + 10 * MINUTE)
    expect(await runDurableObjectAlarm(ledger)).toBe(true)
    expect(valueOf(await ledger.read({})).unsettled.map(({ id }) => id)).toEqual(['keyedopen'])
  })

  it('tells billing what it was not told, in order, and no more', async () => {
    const ledger = await stored('outbox')
    const positions = async (): Promise<number[]> =>
      valueOf(await ledger.takeOutbox(1000)).map(({ position }) => position)
    const all = await positions()
    expect(all[0]).toBe(13)
    expect(all).toEqual(Array.from({ length: all.length }, (_, index) => index + 13))
    await ledger.flushed(all.slice(0, 5))
    await evictDurableObject(ledger)
    expect(await positions()).toEqual(all.slice(5))
  })

  it('is refused by the version before once it is a journal, and so is a new one', async () => {
    const migrated = await stored('rollback')
    await migrated.read({})
    const fresh = ledgerOf('fresh')
    await fresh.charge(chargeOf('first', Date.now()))
    const schema = STATEMENTS.filter((line) => line.startsWith('CREATE')).map((line) =>
      line.replace(/^CREATE (TABLE|INDEX) /, 'CREATE $1 IF NOT EXISTS '),
    )
    for (const ledger of [migrated, fresh]) {
      await execute(ledger, ...schema)
      const head = await runInDurableObject(ledger, (_ledger: LedgerObject, { storage }) =>
        storage.sql.exec<{ data: string }>('SELECT data FROM head').toArray(),
      )
      expect(() => JSON.parse(head[0]?.data ?? '{}')).toThrow(SyntaxError)
    }
  })
})

describe('a journal of a version to come', () => {
  const keys = `keys_${Math.floor(LATER / 86_400_000)}`

  it.each([
    ['a row', 'head', 'data', (ledger: Stub) => ledger.read({})],
    ['a checkpoint', 'checkpoint', 'data', (ledger: Stub) => ledger.read({})],
    ['a key', keys, 'data', (ledger: Stub) => ledger.charge(chargeOf('new', Date.now(), KEYED))],
    ['a grant', 'grants', 'data', (ledger: Stub) => ledger.grant({ id: 'g1', ...EUR(100n) })],
    ['a record', 'head', 'records', (ledger: Stub) => ledger.takeOutbox(1)],
  ] as const)('is not taken for an empty ledger: %s', async (what, table, column, ask) => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const ledger = await stored(what)
    expect((await ask(ledger)).ok).toBe(true)
    // So that nothing is answered from memory.
    for (let index = 0; index < 25; index++) await ledger.charge(chargeOf(`late${index}`, Date.now()))
    await execute(ledger, `UPDATE ${table} SET ${column} = '2' || substr(${column}, 2)`)
    await evictDurableObject(ledger)
    expect(await ask(ledger)).toEqual({ ok: false, error: 'ledger-unavailable' })
    vi.restoreAllMocks()
  })
})

const KEYED = { idempotency: { key: 'k1', digest: 'd1' } }
