import { expect, it, vi } from 'vitest'
import type { LedgerRecord } from '../../../src/ledger/rules/record.ts'
import { chargeOf, EUR, HOUR, MINUTE } from '../rules/pureledger.ts'
import { LATER, type LedgerDriver, ringUntil, valueOf } from './driver.ts'

/** How records reach whoever the configuration names. */
export function tellingContract(driver: LedgerDriver): void {
  /** A sink that takes all when it is up, and what it was shown. */
  function billing(isUp = false) {
    const shown: string[] = []
    const state = { isUp }
    const sink = async (records: readonly LedgerRecord[]): Promise<number[]> => {
      shown.push(...records.map(({ id }) => id))
      if (!state.isUp) throw new Error('billing is down')
      return records.map(({ position }) => position)
    }
    return { state, shown, sink }
  }

  it('are taken to billing by alarm, in order, and again if billing did not answer, though the ledger was let go of', async () => {
    const { state, shown, sink } = billing()
    const ledger = await driver.open('sink', { sinks: new Map([['billing', sink]]) })
    await ledger.charge(chargeOf('first', LATER))
    await ledger.amend({ charge: 'first', request: 'first', delivery: 'complete' })
    const rings = async (ms: number): Promise<number> => {
      vi.setSystemTime(LATER + ms)
      await driver.ring('sink')
      return valueOf(await ledger.takeOutbox(10)).length
    }
    expect(await rings(5_000)).toBe(2)
    state.isUp = true
    await driver.evict('sink')
    expect(await rings(10_000)).toBe(2)
    expect(await rings(35_000)).toBe(0)
    const ids = ['first/charge', 'first/amend']
    expect(shown).toEqual([...ids, ...ids])
  })

  it('are told in the end, though billing was down for ten minutes', async () => {
    const { state, shown, sink } = billing()
    const ledger = await driver.open('failing sink', { sinks: new Map([['billing', sink]]) })
    await ledger.charge(chargeOf('first', LATER))
    await ledger.amend({ charge: 'first', request: 'first', delivery: 'complete' })
    await ringUntil(driver, 'failing sink', LATER + 10 * MINUTE)
    shown.length = 0
    state.isUp = true
    await ringUntil(driver, 'failing sink', LATER + 20 * MINUTE)
    expect(shown).toEqual(['first/charge', 'first/amend'])
  })

  it('that billing took are never sent again, though the ledger was let go of and is next asked a day later', async () => {
    const shown: string[] = []
    let lacks: string | undefined = 'second/charge'
    const sink = async (records: readonly LedgerRecord[]): Promise<number[]> => {
      shown.push(...records.map(({ id }) => id))
      return records.filter(({ id }) => id !== lacks).map(({ position }) => position)
    }
    const ledger = await driver.open('told once', { sinks: new Map([['billing', sink]]) })
    for (const id of ['first', 'second', 'third']) {
      await ledger.charge(chargeOf(id, LATER))
      await ledger.amend({ charge: id, request: id, delivery: 'complete' })
    }
    const all = ['first', 'second', 'third'].flatMap((id) => [`${id}/charge`, `${id}/amend`])
    vi.setSystemTime(LATER + 5_000)
    await driver.ring('told once')
    // What it lacks was shown a second time at once.
    expect(new Set(shown)).toEqual(new Set(all))
    shown.length = 0
    lacks = undefined
    await driver.evict('told once')
    vi.setSystemTime(LATER + 25 * HOUR)
    await ledger.charge(chargeOf('fourth', Date.now()))
    await ledger.amend({ charge: 'fourth', request: 'fourth', delivery: 'complete' })
    await ringUntil(driver, 'told once', LATER + 26 * HOUR)
    expect(shown).toEqual(['second/charge', 'fourth/charge', 'fourth/amend'])
    expect(valueOf(await ledger.takeOutbox(10))).toEqual([])
  })

  it('are told to each of several sinks once, though one is down, and to that one when it is up', async () => {
    const [down, up] = [billing(), billing(true)]
    const sinks = new Map(Object.entries({ down: down.sink, up: up.sink }))
    const ledger = await driver.open('several', { sinks })
    const ids = Array.from({ length: 130 }, (_, index) => `c${index}`)
    for (const id of ids) {
      await ledger.charge(chargeOf(id, LATER))
      await ledger.amend({ charge: id, request: id, delivery: 'complete' })
    }
    const records = ids.flatMap((id) => [`${id}/charge`, `${id}/amend`])
    await ringUntil(driver, 'several', LATER + 5 * MINUTE)
    expect(up.shown).toEqual(records)
    await driver.evict('several')
    await ledger.charge(chargeOf('last', Date.now(), { settleByMs: Date.now() + HOUR }))
    await ringUntil(driver, 'several', LATER + 30 * MINUTE)
    expect(up.shown).toEqual([...records, 'last/charge'])
    // It was shown the first of them each time, and no more.
    expect(new Set(down.shown)).toEqual(new Set(records.slice(0, 100)))
    down.shown.length = 0
    down.state.isUp = true
    await ringUntil(driver, 'several', LATER + 45 * MINUTE)
    expect(down.shown).toEqual([...records, 'last/charge'])
    expect(up.shown).toEqual([...records, 'last/charge'])
    expect(valueOf(await ledger.takeOutbox(10))).toEqual([])
  })

  it('are not made if nobody is to be told, and all is counted', async () => {
    const ledger = await driver.open('quiet', { hasOutbox: false })
    await ledger.grant({ id: 'g', ...EUR(10n) })
    for (let n = 0; n < 5; n++) {
      await ledger.charge(chargeOf(`c${n}`, Date.now(), { price: EUR(1n) }))
      await ledger.amend({ charge: `c${n}`, request: `c${n}`, delivery: 'complete' })
    }
    expect(valueOf(await ledger.takeOutbox(10))).toEqual([])
    expect(valueOf(await ledger.read({}))).toMatchObject({ credit: [EUR(5n)], totals: { charges: 5 } })
  })
}
