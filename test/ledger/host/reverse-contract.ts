import { expect, it, vi } from 'vitest'
import { chargeOf, DAY, EUR, HOUR } from '../rules/pureledger.ts'
import { LATER, type LedgerDriver, ringUntil, valueOf } from './driver.ts'

/** What giving charges back comes to in the ledgers of every platform. */
export function reverseContract(driver: LedgerDriver): void {
  const opened = async (name: string) => {
    const ledger = await driver.open(name)
    await ledger.grant({ id: 'g', ...EUR(1000n) })
    await ledger.charge(chargeOf('old', LATER, { price: EUR(7n) }))
    await ledger.amend({ charge: 'old', request: 'old', delivery: 'complete' })
    return ledger
  }

  it('finds a charge long after it was closed, though many came since and nothing is in memory', async () => {
    const ledger = await opened('reversed late')
    for (let day = 1; day < 10; day++) {
      vi.setSystemTime(LATER + day * DAY)
      const ids = Array.from({ length: 30 }, (_, index) => `c${index} of day ${day}`)
      await Promise.all(ids.map((id) => ledger.charge(chargeOf(id, Date.now(), { price: EUR(1n) }))))
      await ringUntil(driver, 'reversed late', LATER + day * DAY + HOUR)
    }
    await driver.evict('reversed late')
    const before = valueOf(await ledger.read({})).credit
    expect(valueOf(await ledger.order('chargeTries', { charge: 'old', isDeep: true }))).toMatchObject([
      { id: 'old', kept: { price: EUR(7n) } },
    ])
    expect(valueOf(await ledger.order('reverseCharge', { charge: 'old' }))).toMatchObject({
      isRepeat: false,
      given: { price: EUR(7n) },
    })
    vi.setSystemTime(LATER + 12 * DAY)
    await ringUntil(driver, 'reversed late', LATER + 12 * DAY)
    await driver.evict('reversed late')
    expect(valueOf(await ledger.order('reverseCharge', { charge: 'old' }))).toMatchObject({
      kind: 'reversed',
      isRepeat: true,
    })
    expect(valueOf(await ledger.read({})).credit).toEqual([EUR((before[0]?.units ?? 0n) + 7n)])
  })

  it('gives a charge back once if it is asked to by many at once', async () => {
    const ledger = await opened('reversed at once')
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => ledger.order('reverseCharge', { charge: 'old' })),
    )
    const outcomes = answers.map((answer) => valueOf(answer))
    expect(outcomes.filter((outcome) => outcome.kind === 'reversed' && !outcome.isRepeat)).toHaveLength(1)
    expect(valueOf(await ledger.read({})).credit).toEqual([EUR(1000n)])
    const told = valueOf(await ledger.takeOutbox(10)).map(({ id }) => id)
    expect(told).toEqual(['old/charge', 'old/amend', 'old/reversed'])
  })

  it('knows no charge of another ledger', async () => {
    await opened('reversed here')
    const other = await driver.open('reversed elsewhere')
    for (const charge of ['old', 'nobody', '"', '%'])
      expect(valueOf(await other.order('reverseCharge', { charge }))).toEqual({
        kind: 'refused',
        reason: 'charge-unknown',
      })
  })
}
