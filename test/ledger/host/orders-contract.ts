import { expect, it } from 'vitest'
import { type AuditRecord, brokenAt } from '../../../src/ledger/rules/audit.ts'
import type { IssuedCredential } from '../../../src/ledger/rules/credentials.ts'
import { tokenName } from '../../../src/ledger/rules/name.ts'
import { DAY, EUR, limit, MINUTE } from '../rules/pureledger.ts'
import { LATER, type LedgerDriver, ringUntil, valueOf } from './driver.ts'
import { ERASE } from './erase-contract.ts'

const ZONE = { id: 'news' }
const ACT = { action: 'hold', by: 'night-shift', request: 'r1', facts: { reason: 'stolen card' } }
const CREDENTIAL: IssuedCredential = {
  kind: 'key',
  id: 'k1',
  name: 'build server',
  createdAt: LATER,
  createdBy: 'owner',
  secrets: [{ hash: 'h1', generation: 1 }],
  plan: 'pro',
  entitlements: ['api'],
  limits: [limit(5n, 'P1D')],
  accountLimits: [],
}
const ofKey = { kind: 'key', id: 'k1' } as const

/** What every platform's ledgers are held to in their audit and their issued credentials. */
export function ordersContract(driver: LedgerDriver): void {
  const recordsOf = async (ledger: Awaited<ReturnType<typeof driver.open>>): Promise<readonly AuditRecord[]> =>
    valueOf(await ledger.order('audit', { most: 100 })).records

  it('records an act with its effect, once, in an unbroken chain', async () => {
    const ledger = await driver.open('audited')
    const held = { entries: [{ entry: { heldAt: LATER / 1000 } }], longestTokenSeconds: 86_400, act: ACT }
    await ledger.recordStatement(held)
    await ledger.recordStatement(held)
    await ledger.grant({ id: 'g', ...EUR(5n), act: { action: 'credit', by: 'till' } })
    await driver.evict('audited')
    await ledger.order('recordAct', { action: 'looked-up', by: 'support' })
    const records = await recordsOf(ledger)
    expect(records.map(({ number, action, by }) => [number, action, by])).toEqual([
      [1, 'hold', 'night-shift'],
      [2, 'credit', 'till'],
      [3, 'looked-up', 'support'],
    ])
    expect(records[0]).toMatchObject({ ...ACT, at: LATER, previous: '' })
    expect(brokenAt(records)).toBeUndefined()
    const page = valueOf(await ledger.order('audit', { after: 1, most: 1 }))
    expect(page.records.map(({ number }) => number)).toEqual([2])
    expect(page.last).toEqual({ number: 3, hash: records[2]?.hash })
  })

  it('keeps its audit when the account is erased, and goes on with it', async () => {
    const ledger = await driver.open('erased, audited')
    await ledger.grant({ id: 'g', ...EUR(5n), act: { action: 'credit', by: 'till' } })
    await ledger.order('issueCredential', { credential: CREDENTIAL, most: 5 })
    valueOf(await ledger.erase({ ...ERASE, act: { action: 'erase', by: 'privacy' } }))
    await driver.evict('erased, audited')
    await ledger.order('recordAct', { action: 'looked-up', by: 'support' })
    const records = await recordsOf(ledger)
    expect(records.map(({ action }) => action)).toEqual(['credit', 'erase', 'looked-up'])
    expect(brokenAt(records)).toBeUndefined()
    expect(valueOf(await ledger.order('listCredentials', 'key'))).toEqual([])
  })

  it('of a receipt keeps its audit beyond its end', async () => {
    const ledger = await driver.open('ended, audited')
    const ended = { receipt: { uses: 1 }, expires: LATER + MINUTE }
    await ledger.recordStatement({ entries: [{ entry: { heldAt: 1 } }], longestTokenSeconds: 60, act: ACT })
    await ledger.charge({ id: 'c', counts: [], limits: [], settleByMs: LATER + MINUTE, facts: {}, ...ended })
    await ringUntil(driver, 'ended, audited', LATER + 5 * DAY)
    expect((await recordsOf(ledger)).map(({ action }) => action)).toEqual(['hold'])
  })

  it('of a zone records an act with the post that carries it out', async () => {
    const bulletin = await driver.open('bulletin, audited')
    const post = { entries: [], longestTokenSeconds: 60, epoch: 'e' }
    await bulletin.post(post)
    await bulletin.post(post, { action: 'purge', by: 'editor' })
    await driver.evict('bulletin, audited')
    expect((await recordsOf(bulletin)).map(({ action }) => action)).toEqual(['purge'])
    expect(valueOf(await bulletin.delta({ epoch: '', version: 0 })).head.version).toBe(2)
  })

  it('keeps a credential as it was issued, as often as it is used, with what is said of it', async () => {
    const ledger = await driver.open('keys')
    expect(valueOf(await ledger.order('issueCredential', { credential: CREDENTIAL, most: 1 }))).toEqual({
      kind: 'issued',
    })
    const second = { ...CREDENTIAL, id: 'k2' }
    expect(valueOf(await ledger.order('issueCredential', { credential: CREDENTIAL, most: 9 }))).toEqual({
      kind: 'refused',
      reason: 'id-taken',
    })
    expect(valueOf(await ledger.order('issueCredential', { credential: second, most: 1 }))).toEqual({
      kind: 'refused',
      reason: 'too-many',
    })
    const entry = { revokedAt: LATER / 1000 }
    await ledger.recordStatement({ entries: [{ token: tokenName(ZONE, 'k1'), entry }], longestTokenSeconds: 60 })
    await driver.evict('keys')
    const use = { ...ofKey, zone: ZONE }
    const used = valueOf(await ledger.order('useCredential', use))
    expect(used).toEqual({ credential: CREDENTIAL, statements: { ofAccount: undefined, ofToken: entry } })
    const lastUsedDay = Math.floor(LATER / DAY)
    expect(valueOf(await ledger.order('useCredential', use)).credential).toEqual({ ...CREDENTIAL, lastUsedDay })
    expect(valueOf(await ledger.order('useCredential', { ...use, kind: 'feed' })).credential).toBeUndefined()
  })

  it('keeps what is said of an account for as long as it has an issued credential', async () => {
    const ledger = await driver.open('kept')
    const said = { entitlements: { at: LATER / 1000, names: ['basic'] } }
    await ledger.order('issueCredential', { credential: CREDENTIAL, most: 9 })
    await ledger.recordStatement({ entries: [{ entry: said }], longestTokenSeconds: 60 })
    await ringUntil(driver, 'kept', LATER + 5 * DAY)
    expect(valueOf(await ledger.statements(undefined)).ofAccount).toEqual(said)
    await ledger.order('changeCredential', { ...ofKey, isRemoved: true })
    await ringUntil(driver, 'kept', LATER + 10 * DAY)
    expect(valueOf(await ledger.statements(undefined)).ofAccount).toBeUndefined()
  })

  it('says of each change of a credential that it is later than the one before', async () => {
    const ledger = await driver.open('changed')
    await ledger.order('issueCredential', { credential: CREDENTIAL, most: 9 })
    const times: number[] = []
    for (const name of ['a', 'b', 'b', 'c']) {
      const changed = valueOf(await ledger.order('changeCredential', { ...ofKey, change: { name } }))
      times.push((changed.kind === 'changed' && changed.credential.changedAt) || 0)
    }
    const removed = valueOf(await ledger.order('changeCredential', { ...ofKey, isRemoved: true }))
    times.push((removed.kind === 'changed' && removed.credential.changedAt) || 0)
    const [first = 0] = times
    expect(times).toEqual([first, first + 1, first + 1, first + 2, first + 3])
  })

  it('replaces a secret with an overlap, and removes a credential for good', async () => {
    const ledger = await driver.open('rotated')
    await ledger.order('issueCredential', { credential: CREDENTIAL, most: 9 })
    const until = LATER + MINUTE
    const secret = { hash: 'h2', generation: 2 }
    const rotated = valueOf(await ledger.order('changeCredential', { ...ofKey, secret, overlapUntil: until }))
    expect(rotated).toMatchObject({ credential: { secrets: [secret, { hash: 'h1', generation: 1, until }] } })
    const change = { isDisabled: true, limits: [limit(7n, 'P1M')] }
    await ledger.order('changeCredential', { ...ofKey, change, act: { action: 'key-disabled', by: 'till' } })
    await ledger.order('changeCredential', { ...ofKey, change, act: { action: 'key-disabled', by: 'till' } })
    await driver.evict('rotated')
    expect(valueOf(await ledger.order('listCredentials', 'key'))).toMatchObject([change])
    expect((await recordsOf(ledger)).length).toBe(1)
    const removed = { ...ofKey, isRemoved: true } as const
    expect(valueOf(await ledger.order('changeCredential', removed)).kind).toBe('changed')
    expect(valueOf(await ledger.order('changeCredential', removed)).kind).toBe('refused')
    expect(valueOf(await ledger.order('listCredentials', 'key'))).toEqual([])
  })

  it('keeps a session, has it renewed once, and ends it', async () => {
    const ledger = await driver.open('sessions')
    const snapshot = { presentedAt: LATER, issuedAt: LATER / 1000, validUntil: LATER + 1, standing: 'active' as const }
    const session = { login: 'login', sealed: 'a.b.c' }
    const credential = { ...CREDENTIAL, kind: 'session' as const, id: 's', expires: LATER + DAY, snapshot, session }
    expect(valueOf(await ledger.order('keepSession', { credential, most: 2 }))).toEqual({ kind: 'kept' })
    await driver.evict('sessions')
    const name = { id: 's', zone: ZONE }
    const asked = { ...name, leaseMs: MINUTE, knownUntil: LATER + 1, leastMs: 0 }
    const leases = await Promise.all(
      ['a', 'b'].map(async (lease) => valueOf(await ledger.order('leaseSession', { ...asked, lease })).kind),
    )
    expect(leases).toEqual(['leased', 'busy'])
    const claims = { entitlements: ['extra'], accountLimits: [limit(7n, 'P1D')], snapshot }
    const put = { ...name, lease: 'a', expires: LATER + 2 * DAY, sealed: 'd.e.f', claims }
    expect(valueOf(await ledger.order('putSession', put))).toEqual({ kind: 'put' })
    await driver.evict('sessions')
    const { plan: _plan, ...unplanned } = credential
    const renewed = { ...unplanned, ...claims, expires: put.expires, session: { ...session, sealed: 'd.e.f' } }
    expect(valueOf(await ledger.order('listCredentials', 'session'))).toMatchObject([renewed])
    const drop = { ...name, which: 'group' as const, longestTokenSeconds: 60 }
    expect(valueOf(await ledger.order('dropSessions', drop))).toMatchObject([{ id: 's' }])
    await driver.evict('sessions')
    expect(valueOf(await ledger.order('putSession', put))).toEqual({ kind: 'over', isHeld: false })
    expect(valueOf(await ledger.statements(tokenName(ZONE, 's'))).ofToken?.revokedAt).toBe(LATER / 1000)
  })

  it('notes what keys signed by day, and what was undone of it', async () => {
    const ledger = await driver.open('noted')
    const noted = { signedBy: 'k', issuer: 'i', account: 'a', states: ['credit 5 EUR'], grants: [], lifts: [{ at: 7 }] }
    for (const id of ['b', 'a', 'b']) await ledger.order('noteSigned', { ...noted, id })
    await ledger.order('noteSigned', { ...noted, id: 'a', signedBy: 'l' })
    await driver.evict('noted')
    const query = { signedBy: 'k', since: 0, most: 1 }
    const first = valueOf(await ledger.order('listSigned', query))
    const after = first.next ?? { day: 0, key: '' }
    const second = valueOf(await ledger.order('listSigned', { ...query, after }))
    const last = valueOf(await ledger.order('listSigned', { ...query, after: second.next ?? after }))
    expect([first, second, last].map(({ acts }) => acts.map(({ act }) => act.id))).toEqual([['a'], ['b'], []])
    expect(last.next).toBeUndefined()
    const undone = [{ place: after, undone: { credit: [], holds: 1 } }]
    for (const count of [1, 0])
      expect(valueOf(await ledger.order('noteUndone', { undone, act: ACT }))).toEqual({ noted: count })
    await driver.evict('noted')
    const left = valueOf(await ledger.order('listSigned', { ...query, most: 5, isUndoable: true }))
    expect(left.acts.map(({ act }) => act.id)).toEqual(['b'])
    expect(await recordsOf(ledger)).toHaveLength(1)
  })

  it('takes a grant back once, as far as it is left, and grants it no second time', async () => {
    const ledger = await driver.open('undone')
    const act = { action: 'event', by: 'billing', signedBy: 'k' }
    const grant = { id: 'g', ...EUR(5n), act }
    await ledger.grant(grant)
    await driver.evict('undone')
    expect(valueOf(await ledger.order('undoGrant', { id: 'g', signedBy: 'other' }))).toEqual({ kind: 'unknown' })
    for (const isRepeat of [false, true]) {
      const undone = valueOf(await ledger.order('undoGrant', { id: 'g', signedBy: 'k', act: ACT }))
      expect(undone).toEqual({ kind: 'undone', isRepeat, taken: EUR(5n), spent: EUR(0n) })
      await driver.evict('undone')
    }
    expect(valueOf(await ledger.grant(grant))).toMatchObject({ kind: 'granted', isRepeat: true, credit: EUR(0n) })
    expect((await recordsOf(ledger)).map(({ action }) => action)).toEqual(['event', 'hold'])
  })
}
