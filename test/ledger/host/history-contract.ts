import { expect, it } from 'vitest'
import type { ChargeView } from '../../../src/ledger/rules/commands.ts'
import { MOST_HISTORY } from '../../../src/ledger/rules/history.ts'
import { chargeOf, DAY, EUR, ONE } from '../rules/pureledger.ts'
import { type HostedLedger, LATER, type LedgerDriver, valueOf } from './driver.ts'

/** Every charge, read in pages of that many. */
async function readAll(ledger: HostedLedger, most: number): Promise<ChargeView[]> {
  const charges: ChargeView[] = []
  for (let after: string | undefined, pages = 0; pages < 100; pages++) {
    const page = valueOf(await ledger.history({ most, ...(after === undefined ? {} : { after }) }))
    charges.push(...page.charges)
    after = page.next
    if (after === undefined) return charges
  }
  throw new Error('it does not end')
}

/** What the history of every platform's ledgers is held to. */
export function historyContract(driver: LedgerDriver): void {
  it('has every charge once, in order, in pages of any length', async () => {
    const ledger = await driver.open('history')
    const ids = Array.from({ length: 12 }, (_, index) => `c${index}`)
    for (const id of ids) await ledger.charge(chargeOf(id, LATER, { counts: ONE }))
    for (const most of [1, 5, 12, 100]) expect((await readAll(ledger, most)).map(({ id }) => id)).toEqual(ids)
    await driver.evict('history')
    expect((await readAll(ledger, 7)).map(({ id }) => id)).toEqual(ids)
  })

  it('has closed charges in the order in which they were closed, and open ones last', async () => {
    const ledger = await driver.open('history of order')
    const ids = Array.from({ length: 200 }, (_, index) => `c${index}`)
    for (const id of ids) await ledger.charge(chargeOf(id, LATER, { counts: ONE, facts: { route: `/${id}` } }))
    const closed = ids.filter((_, index) => index % 3 > 0).toReversed()
    for (const id of closed) await ledger.amend({ charge: id, request: id, delivery: 'complete' })
    await driver.evict('history of order')
    const all = await readAll(ledger, 7)
    expect(all.map(({ id }) => id)).toEqual([...closed, ...ids.filter((id) => !closed.includes(id))])
    expect(new Set(all.slice(0, closed.length).map(({ state }) => state))).toEqual(new Set(['settled']))
    expect(all.at(-1)).toMatchObject({ state: 'open', facts: { route: '/c198' } })
  })

  it('has a charge that is closed between two pages on a later page', async () => {
    const ledger = await driver.open('history of changes')
    for (const id of ['a', 'b', 'c']) await ledger.charge(chargeOf(id, LATER, { counts: ONE }))
    const { charges, next = '' } = valueOf(await ledger.history({ most: 1 }))
    expect(charges).toMatchObject([{ id: 'a', state: 'open' }])
    for (const id of ['a', 'c']) await ledger.amend({ charge: id, request: id, delivery: 'none' })
    const rest = valueOf(await ledger.history({ most: 10, after: next })).charges
    expect(rest.map(({ id, state }) => `${id} ${state}`)).toEqual(['a settled', 'c settled', 'b open'])
  })

  it('begins with how the ledger stands, and with the sums of its days', async () => {
    const ledger = await driver.open('history of credit')
    await ledger.grant({ id: 'g', ...EUR(100n) })
    await ledger.charge(chargeOf('c', LATER, { price: EUR(7n) }))
    await ledger.amend({ charge: 'c', request: 'c', delivery: 'complete', price: 3n })
    await driver.evict('history of credit')
    const first = valueOf(await ledger.history({ most: 1 }))
    expect(first).toMatchObject({
      charges: [{ id: 'c', state: 'settled', kept: { price: EUR(3n) } }],
      next: undefined,
      state: { credit: [EUR(97n)], grants: [{ id: 'g', at: LATER }], totals: { charges: 1 } },
    })
    const money = [{ name: 'EUR', units: 3n }]
    expect(first.state?.days).toEqual([
      { day: Math.floor(LATER / DAY), route: '/api/*', charges: 1, counts: [], money },
    ])
  })

  it('has no more of it on later pages, and nothing at all after what is no cursor', async () => {
    const ledger = await driver.open('history of two')
    for (const id of ['a', 'b']) await ledger.charge(chargeOf(id, LATER, { counts: ONE }))
    const { next = '' } = valueOf(await ledger.history({ most: 1 }))
    expect(valueOf(await ledger.history({ most: 1, after: next }))).toMatchObject({ charges: [{ id: 'b' }] })
    expect(valueOf(await ledger.history({ most: 1, after: next }))).not.toHaveProperty('state')
    expect(valueOf(await ledger.history({ most: 1, after: 'no cursor' }))).toEqual({ charges: [], next: undefined })
  })

  it('comes in pages of at most five hundred', async () => {
    const ledger = await driver.open('history of many')
    const all = Array.from({ length: MOST_HISTORY + 1 }, (_, index) => chargeOf(`c${index}`, LATER, { counts: ONE }))
    await Promise.all(all.map((command) => ledger.charge(command)))
    expect(valueOf(await ledger.history({ most: 10_000 })).charges).toHaveLength(MOST_HISTORY)
  })
}
