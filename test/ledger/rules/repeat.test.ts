import { describe, expect, it } from 'vitest'
import { DAY, PureLedger, EUR, MINUTE, ONE, reasonOf, SECOND, units } from './pureledger.ts'

const KEYED = { idempotency: { key: 'k', digest: 'POST /api 1' }, price: EUR(10n), counts: ONE }

function rich(): PureLedger {
  const ledger = new PureLedger()
  ledger.grant(100n)
  return ledger
}

describe('an idempotency key', () => {
  it('is in conflict while the first request is in flight, and says how long to wait', () => {
    const ledger = rich()
    ledger.charge(KEYED)
    expect(ledger.charge(KEYED)).toMatchObject({ conflict: 'in-flight', retryAfterSeconds: 5 })
    ledger.now += 118 * SECOND
    expect(ledger.charge(KEYED)).toMatchObject({ conflict: 'in-flight', retryAfterSeconds: 2 })
    expect(ledger.read().credit).toEqual([EUR(90n)])
  })

  it('is in conflict for another request, in flight or delivered', () => {
    const ledger = rich()
    const first = ledger.charge(KEYED)
    const other = { ...KEYED, idempotency: { key: 'k', digest: 'POST /api 2' } }
    expect(reasonOf(ledger.charge(other))).toBe('other-request')
    ledger.amend(first)
    expect(reasonOf(ledger.charge(other))).toBe('other-request')
    expect(reasonOf(ledger.charge({ ...other, idempotency: { key: 'l', digest: 'POST /api 2' } }))).toBe('charged')
  })

  it('is done with after a complete delivery', () => {
    const ledger = rich()
    const first = ledger.charge(KEYED)
    ledger.amend(first)
    const delivered = first.kind === 'charged' ? first.charge : undefined
    expect(ledger.charge(KEYED)).toMatchObject({ reason: 'idempotency-conflict', conflict: 'delivered', delivered })
  })

  it('pays once for three tries of which nothing was sent', () => {
    const ledger = rich()
    ledger.amend(ledger.charge(KEYED), 'broken', { isUnsent: true })
    for (const tries of [2, 3]) {
      const again = ledger.charge(KEYED)
      expect(again).toMatchObject({ kind: 'charged', isRepeat: true, tries, credit: EUR(90n) })
      ledger.amend(again, 'broken', { isUnsent: true })
    }
    expect(reasonOf(ledger.charge(KEYED))).toBe('too-many-tries')
    expect(ledger.read()).toMatchObject({ credit: [EUR(90n)], totals: { counts: ONE } })
    expect(ledger.records().map(({ id }) => id)).toEqual(['c1/charge', 'c1/amend'])
  })

  it('pays for each try of which something was sent, so that three broken answers are not one price', () => {
    const ledger = rich()
    ledger.amend(ledger.charge(KEYED), 'broken')
    for (const [tries, credit] of [
      [2, 80n],
      [3, 70n],
    ] as const) {
      const again = ledger.charge(KEYED)
      expect(again).toMatchObject({ kind: 'charged', isRepeat: true, tries, credit: EUR(credit) })
      ledger.amend(again, 'broken')
    }
    expect(reasonOf(ledger.charge(KEYED))).toBe('too-many-tries')
    expect(ledger.read()).toMatchObject({ credit: [EUR(70n)], totals: { counts: units(3n) } })
  })

  it('forgets what was paid unsent once something was sent for it', () => {
    const ledger = rich()
    ledger.amend(ledger.charge(KEYED), 'broken', { isUnsent: true })
    ledger.amend(ledger.charge(KEYED), 'broken')
    expect(ledger.charge(KEYED)).toMatchObject({ tries: 3, credit: EUR(80n) })
  })

  it('pays for the try that delivers when others deliver nothing', () => {
    const ledger = rich()
    ledger.amend(ledger.charge(KEYED), 'none')
    expect(ledger.read().credit).toEqual([EUR(100n)])
    ledger.amend(ledger.charge(KEYED), 'none')
    ledger.amend(ledger.charge(KEYED))
    expect(ledger.read().credit).toEqual([EUR(90n)])
    expect(reasonOf(ledger.charge(KEYED))).toBe('delivered')
  })

  it('is refused like any other where the first try was given back and the money is gone', () => {
    const ledger = rich()
    ledger.amend(ledger.charge(KEYED), 'none')
    ledger.charge({ price: EUR(95n) })
    expect(reasonOf(ledger.charge(KEYED))).toBe('credit-insufficient')
  })

  it('pays for what all of its tries used', () => {
    const ledger = rich()
    const tokens = { ...KEYED, price: EUR(50n), counts: units(500n) }
    ledger.amend(ledger.charge(tokens), 'broken', { counts: units(120n), price: 12n })
    const again = ledger.charge(tokens)
    expect(again).toMatchObject({ credit: EUR(38n) })
    expect(ledger.amend(again, 'complete', { counts: units(300n), price: 30n })).toMatchObject({
      charge: { kept: { counts: units(300n), price: EUR(30n) } },
    })
    expect(ledger.read()).toMatchObject({
      credit: [EUR(58n)],
      totals: { counts: units(420n), money: [{ units: 42n }] },
    })
  })

  it('costs nothing more when the second try uses less than the first, of which nothing was sent', () => {
    const ledger = rich()
    ledger.amend(ledger.charge(KEYED), 'broken', { price: 8n, isUnsent: true })
    ledger.amend(ledger.charge(KEYED), 'complete', { price: 5n })
    expect(ledger.read().credit).toEqual([EUR(92n)])
  })

  it('goes on after a crash: what was forgotten counts as broken, before the alarm rings', () => {
    const ledger = rich()
    ledger.charge(KEYED)
    ledger.now += 2 * MINUTE
    const again = ledger.charge(KEYED)
    expect(again).toMatchObject({ isRepeat: true, tries: 2, credit: EUR(90n) })
    ledger.amend(again)
    expect(ledger.read()).toMatchObject({ credit: [EUR(90n)], totals: { charges: 2, unsettled: 1 } })
  })

  it('pays for a try that nothing was reserved for, whatever is heard late of the one that paid', () => {
    const ledger = rich()
    const first = ledger.charge(KEYED)
    ledger.now += 2 * MINUTE
    ledger.amend(ledger.charge(KEYED))
    expect(ledger.amend(first, 'none')).toMatchObject({ reason: 'already-amended' })
    expect(ledger.read()).toMatchObject({ credit: [EUR(90n)], totals: { counts: ONE, unsettled: 1 } })
  })

  it('is kept a day from the first try', () => {
    const ledger = rich()
    ledger.amend(ledger.charge(KEYED), 'broken')
    ledger.advance(DAY - MINUTE)
    const again = ledger.charge(KEYED)
    expect(again).toMatchObject({ isRepeat: true })
    ledger.amend(again)
    ledger.advance(MINUTE - 1)
    expect(reasonOf(ledger.charge(KEYED))).toBe('delivered')
    ledger.advance(1)
    expect(ledger.charge(KEYED)).toMatchObject({ isRepeat: false, credit: EUR(70n) })
  })

  it('gives a receipt one use for all tries of which nothing was sent', () => {
    const ledger = new PureLedger()
    const receipt = { ...KEYED, receipt: { uses: 1 }, expires: ledger.now + DAY, price: undefined }
    const { price: _, ...command } = receipt
    ledger.amend(ledger.charge(command), 'broken', { isUnsent: true })
    const again = ledger.charge(command)
    expect(reasonOf(again)).toBe('again:2')
    ledger.amend(again, 'broken')
    expect(reasonOf(ledger.charge(command))).toBe('payment-spent')
    expect(reasonOf(ledger.charge({ ...command, idempotency: { key: 'l', digest: 'x' } }))).toBe('payment-spent')
  })
})

describe('a pass that is over', () => {
  const pass = { receipt: { passSeconds: 60 }, idempotency: { key: 'k', digest: 'GET /live' } }

  it('is not drawn out by a part that is still on its way', () => {
    const ledger = new PureLedger()
    const { receipt } = pass
    const command = {
      receipt,
      continuation: '/live',
      isPart: true,
      expires: ledger.now + DAY,
      settleByMs: ledger.now + DAY,
    }
    ledger.charge(command)
    ledger.advance(59 * SECOND)
    expect(reasonOf(ledger.charge(command))).toBe('again:1')
    ledger.advance(SECOND)
    expect(reasonOf(ledger.charge(command))).toBe('payment-spent')
  })

  it('is not drawn out by keys of requests that broke while it lasted', () => {
    const ledger = new PureLedger()
    const command = { ...pass, expires: ledger.now + DAY }
    ledger.amend(ledger.charge(command), 'broken')
    ledger.advance(59 * SECOND)
    const again = ledger.charge(command)
    expect(reasonOf(again)).toBe('again:2')
    ledger.amend(again, 'broken')
    ledger.advance(SECOND)
    expect(reasonOf(ledger.charge(command))).toBe('payment-spent')
  })
})
