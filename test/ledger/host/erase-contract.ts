import { expect, it } from 'vitest'
import type { EraseCommand } from '../../../src/ledger/rules/erase.ts'
import type { LedgerRecord } from '../../../src/ledger/rules/record.ts'
import { chargeOf, EUR, ONE } from '../rules/pureledger.ts'
import { type HostedLedger, LATER, type LedgerDriver, valueOf } from './driver.ts'

const NAME = 'account ["news","https://i.test","ann"]'
export const ERASE: EraseCommand = {
  id: 'order',
  ledger: NAME,
  revokedAt: LATER / 1000,
  longestTokenSeconds: 86_400,
  mayForfeit: true,
}
const GRANT = { id: 'in_of_ann', ...EUR(100n), ledger: NAME }

/** What every platform's ledgers are held to when they are erased. */
export function eraseContract(driver: LedgerDriver): void {
  /** A ledger with credit, a closed charge and one that is open, whose billing may be down. */
  async function used(name: string, billing = { isUp: true }) {
    const told: string[] = []
    const sink = async (records: readonly LedgerRecord[]): Promise<number[]> => {
      if (!billing.isUp) throw new Error('billing is down')
      told.push(...records.map(({ id }) => id))
      return records.map(({ position }) => position)
    }
    const ledger = await driver.open(name, { sinks: new Map([['billing', sink]]) })
    const facts = { route: '/private', account: 'ann' }
    await ledger.grant(GRANT)
    await ledger.charge(chargeOf('closed', LATER, { price: EUR(30n), facts }))
    await ledger.amend({ charge: 'closed', request: 'closed', delivery: 'complete', price: 20n })
    await ledger.charge(chargeOf('open', LATER, { counts: ONE, facts }))
    return { ledger, told }
  }

  const erase = async (ledger: HostedLedger, more: Partial<EraseCommand> = {}) =>
    valueOf(await ledger.erase({ ...ERASE, ...more }))

  it('tells billing of everything first, and loses nothing of its sums', async () => {
    const { ledger, told } = await used('erased')
    const erased = await erase(ledger)
    expect(told).toEqual(['closed/charge', 'closed/amend', 'open/charge', 'open/unsettled'])
    const totals = { charges: 2, unsettled: 1, counts: ONE, money: [{ name: 'EUR', units: 20n }] }
    expect(erased).toMatchObject({ kind: 'erased', id: 'order', forfeited: [EUR(80n)], sums: { totals } })
    await driver.evict('erased')
    expect(await erase(ledger, { id: 'again' })).toMatchObject({ id: 'order', sums: { totals } })
    const zone = await driver.open('erased from zone')
    if (erased.kind !== 'erased') throw new Error('it was not erased')
    for (const id of ['order', 'order']) await zone.addErased({ id, sums: erased.sums })
    await driver.evict('erased from zone')
    expect(valueOf(await zone.read({}))).toMatchObject({ totals })
    await ledger.endErase('order')
    await driver.evict('erased')
    expect(await erase(ledger, { id: 'last' })).toMatchObject({
      id: 'last',
      sums: { totals: { charges: 0 }, days: [] },
    })
  })

  it('is refused while billing is down, and done once it is up again', async () => {
    const billing = { isUp: false }
    const { ledger } = await used('not erased', billing)
    expect(await erase(ledger)).toEqual({ kind: 'refused', reason: 'records-waiting' })
    expect(valueOf(await ledger.read({}))).toMatchObject({ credit: [EUR(80n)] })
    billing.isUp = true
    await driver.evict('not erased')
    const records = valueOf(await ledger.takeOutbox(10))
    await ledger.flushed(records.map(({ position }) => position))
    expect(await erase(ledger)).toMatchObject({ kind: 'erased' })
  })

  it('is refused while there is credit, unless that may be lost', async () => {
    const { ledger } = await used('with credit')
    const refused = await erase(ledger, { mayForfeit: false })
    expect(refused).toEqual({ kind: 'refused', reason: 'credit-left', credit: [EUR(80n)] })
  })

  it('keeps that a grant was made, under a hash alone', async () => {
    const { ledger } = await used('erased grants')
    await erase(ledger)
    await driver.evict('erased grants')
    expect(valueOf(await ledger.history({ most: 1 })).state?.grants).toMatchObject([
      { id: expect.stringMatching(/^#[\w-]{22}$/), at: LATER },
    ])
    expect(valueOf(await ledger.grant(GRANT))).toMatchObject({ kind: 'granted', isRepeat: true, credit: EUR(0n) })
    expect(valueOf(await ledger.grant({ ...GRANT, id: 'in_of_ann_2' }))).toMatchObject({ isRepeat: false })
  })

  it('finds no charge for a late report, and changes nothing', async () => {
    const { ledger } = await used('erased and reported')
    await erase(ledger)
    const before = valueOf(await ledger.history({ most: 10 }))
    const late = valueOf(await ledger.amend({ charge: 'open', request: 'open', delivery: 'none' }))
    expect(late).toEqual({ kind: 'refused', reason: 'charge-unknown' })
    await driver.evict('erased and reported')
    expect(valueOf(await ledger.history({ most: 10 }))).toEqual(before)
  })
  it('keeps no answer that comes late, but those of charges made since', async () => {
    const { ledger } = await used('erased and answered')
    await erase(ledger)
    await driver.evict('erased and answered')
    await ledger.charge(chargeOf('new', LATER, { idempotency: { key: 'k', digest: 'd' } }))
    const answer = { status: 200, fields: [], body: Uint8Array.of(1) }
    const kept = []
    for (const charge of ['open', 'new']) {
      await ledger.keepAnswer({ charge, purpose: 'replay', keepMs: 60_000, answer })
      kept.push(valueOf(await ledger.keptAnswer({ charge, purpose: 'replay' })))
    }
    expect(kept).toEqual([undefined, answer])
  })

  it.each([0, 1, 2, 3, 4, 5])('tells billing of the first charge since, after %d other changes', async (changes) => {
    const { ledger } = await used(`erased and charged ${changes}`)
    await erase(ledger)
    for (let index = 0; index < changes; index++) await ledger.grant({ id: `${index}`, ...EUR(1n) })
    await ledger.charge(chargeOf('new', LATER, { counts: ONE }))
    expect(valueOf(await ledger.takeOutbox(10))).toMatchObject([{ charge: 'new' }])
  })

  it.each(['open', 'closed'])('is erased though it goes on asking: its tokens are void at once (%s)', async (kind) => {
    const proof = { kind: 'entitlement', issuedAt: LATER / 1000 - 60, standing: 'active', entitlements: [] } as const
    const name = `busy, ${kind} and erased`
    let charges = 0
    const ask = async (ledger: HostedLedger): Promise<void> => {
      const id = `busy ${(charges += 1)}`
      await ledger.charge(chargeOf(id, LATER, { counts: ONE, proof }))
      if (kind === 'closed') await ledger.amend({ charge: id, request: id, delivery: 'complete' })
    }
    const asks: (() => Promise<void>)[] = []
    const sink = async (records: readonly LedgerRecord[]): Promise<number[]> => {
      for (const again of asks) await again()
      return records.map(({ position }) => position)
    }
    const busy = await driver.open(name, { sinks: new Map([['billing', sink]]) })
    await driver.within(name, async (ledger) => void asks.push(() => ask(ledger)))
    await ask(busy)
    expect(await erase(busy)).toMatchObject({ kind: 'erased', sums: { totals: { charges: 1 } } })
  })
}
