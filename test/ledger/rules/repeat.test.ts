import { describe, expect, it } from 'vitest'
import { DAY, Desk, EUR, MINUTE, ONE, reasonOf, SECOND, units } from './desk.ts'

const KEYED = { idempotency: { key: 'k', digest: 'POST /api 1' }, price: EUR(10n), counts: ONE }

function rich(): Desk {
  const desk = new Desk()
  desk.grant(100n)
  return desk
}

describe('an idempotency key', () => {
  it('is in conflict while the first request is in flight, and says how long to wait', () => {
    const desk = rich()
    desk.charge(KEYED)
    expect(desk.charge(KEYED)).toMatchObject({ conflict: 'in-flight', retryAfterSeconds: 5 })
    desk.now += 118 * SECOND
    expect(desk.charge(KEYED)).toMatchObject({ conflict: 'in-flight', retryAfterSeconds: 2 })
    expect(desk.read().credit).toEqual([EUR(90n)])
  })

  it('is in conflict for another request, in flight or delivered', () => {
    const desk = rich()
    const first = desk.charge(KEYED)
    const other = { ...KEYED, idempotency: { key: 'k', digest: 'POST /api 2' } }
    expect(reasonOf(desk.charge(other))).toBe('other-request')
    desk.amend(first)
    expect(reasonOf(desk.charge(other))).toBe('other-request')
    expect(reasonOf(desk.charge({ ...other, idempotency: { key: 'l', digest: 'POST /api 2' } }))).toBe('charged')
  })

  it('is done with after a complete delivery', () => {
    const desk = rich()
    desk.amend(desk.charge(KEYED))
    expect(desk.charge(KEYED)).toMatchObject({ reason: 'idempotency-conflict', conflict: 'delivered' })
  })

  it('pays once for three tries of which nothing was sent', () => {
    const desk = rich()
    desk.amend(desk.charge(KEYED), 'broken', { isUnsent: true })
    for (const tries of [2, 3]) {
      const again = desk.charge(KEYED)
      expect(again).toMatchObject({ kind: 'charged', isRepeat: true, tries, credit: EUR(90n) })
      desk.amend(again, 'broken', { isUnsent: true })
    }
    expect(reasonOf(desk.charge(KEYED))).toBe('too-many-tries')
    expect(desk.read()).toMatchObject({ credit: [EUR(90n)], totals: { counts: ONE } })
    expect(desk.records().map(({ id }) => id)).toEqual(['c1/charge', 'c1/amend'])
  })

  it('pays for each try of which something was sent, so that three broken answers are not one price', () => {
    const desk = rich()
    desk.amend(desk.charge(KEYED), 'broken')
    for (const [tries, credit] of [
      [2, 80n],
      [3, 70n],
    ] as const) {
      const again = desk.charge(KEYED)
      expect(again).toMatchObject({ kind: 'charged', isRepeat: true, tries, credit: EUR(credit) })
      desk.amend(again, 'broken')
    }
    expect(reasonOf(desk.charge(KEYED))).toBe('too-many-tries')
    expect(desk.read()).toMatchObject({ credit: [EUR(70n)], totals: { counts: units(3n) } })
  })

  it('forgets what was paid unsent once something was sent for it', () => {
    const desk = rich()
    desk.amend(desk.charge(KEYED), 'broken', { isUnsent: true })
    desk.amend(desk.charge(KEYED), 'broken')
    expect(desk.charge(KEYED)).toMatchObject({ tries: 3, credit: EUR(80n) })
  })

  it('pays for the try that delivers when others deliver nothing', () => {
    const desk = rich()
    desk.amend(desk.charge(KEYED), 'none')
    expect(desk.read().credit).toEqual([EUR(100n)])
    desk.amend(desk.charge(KEYED), 'none')
    desk.amend(desk.charge(KEYED))
    expect(desk.read().credit).toEqual([EUR(90n)])
    expect(reasonOf(desk.charge(KEYED))).toBe('delivered')
  })

  it('is refused like any other where the first try was given back and the money is gone', () => {
    const desk = rich()
    desk.amend(desk.charge(KEYED), 'none')
    desk.charge({ price: EUR(95n) })
    expect(reasonOf(desk.charge(KEYED))).toBe('credit-insufficient')
  })

  it('pays for what all of its tries used', () => {
    const desk = rich()
    const tokens = { ...KEYED, price: EUR(50n), counts: units(500n) }
    desk.amend(desk.charge(tokens), 'broken', { counts: units(120n), price: 12n })
    const again = desk.charge(tokens)
    expect(again).toMatchObject({ credit: EUR(38n) })
    expect(desk.amend(again, 'complete', { counts: units(300n), price: 30n })).toMatchObject({
      charge: { kept: { counts: units(300n), price: EUR(30n) } },
    })
    expect(desk.read()).toMatchObject({ credit: [EUR(58n)], totals: { counts: units(420n), money: [{ units: 42n }] } })
  })

  it('costs nothing more when the second try uses less than the first, of which nothing was sent', () => {
    const desk = rich()
    desk.amend(desk.charge(KEYED), 'broken', { price: 8n, isUnsent: true })
    desk.amend(desk.charge(KEYED), 'complete', { price: 5n })
    expect(desk.read().credit).toEqual([EUR(92n)])
  })

  it('goes on after a crash: what was forgotten counts as broken, before the alarm rings', () => {
    const desk = rich()
    desk.charge(KEYED)
    desk.now += 2 * MINUTE
    const again = desk.charge(KEYED)
    expect(again).toMatchObject({ isRepeat: true, tries: 2, credit: EUR(90n) })
    desk.amend(again)
    expect(desk.read()).toMatchObject({ credit: [EUR(90n)], totals: { charges: 2, unsettled: 1 } })
  })

  it('pays for a try that nothing was reserved for, whatever is heard late of the one that paid', () => {
    const desk = rich()
    const first = desk.charge(KEYED)
    desk.now += 2 * MINUTE
    desk.amend(desk.charge(KEYED))
    expect(desk.amend(first, 'none')).toMatchObject({ reason: 'already-amended' })
    expect(desk.read()).toMatchObject({ credit: [EUR(90n)], totals: { counts: ONE, unsettled: 1 } })
  })

  it('is kept a day from the first try', () => {
    const desk = rich()
    desk.amend(desk.charge(KEYED), 'broken')
    desk.pass(DAY - MINUTE)
    const again = desk.charge(KEYED)
    expect(again).toMatchObject({ isRepeat: true })
    desk.amend(again)
    desk.pass(MINUTE - 1)
    expect(reasonOf(desk.charge(KEYED))).toBe('delivered')
    desk.pass(1)
    expect(desk.charge(KEYED)).toMatchObject({ isRepeat: false, credit: EUR(70n) })
  })

  it('gives a receipt one use for all tries of which nothing was sent', () => {
    const desk = new Desk()
    const receipt = { ...KEYED, receipt: { uses: 1 }, expires: desk.now + DAY, price: undefined }
    const { price: _, ...command } = receipt
    desk.amend(desk.charge(command), 'broken', { isUnsent: true })
    const again = desk.charge(command)
    expect(reasonOf(again)).toBe('again:2')
    desk.amend(again, 'broken')
    expect(reasonOf(desk.charge(command))).toBe('payment-spent')
    expect(reasonOf(desk.charge({ ...command, idempotency: { key: 'l', digest: 'x' } }))).toBe('payment-spent')
  })
})

describe('a pass that is over', () => {
  const pass = { receipt: { passSeconds: 60 }, idempotency: { key: 'k', digest: 'GET /live' } }

  it('is not drawn out by a part that is still on its way', () => {
    const desk = new Desk()
    const { receipt } = pass
    const command = {
      receipt,
      continuation: '/live',
      isPart: true,
      expires: desk.now + DAY,
      settleByMs: desk.now + DAY,
    }
    desk.charge(command)
    desk.pass(59 * SECOND)
    expect(reasonOf(desk.charge(command))).toBe('again:1')
    desk.pass(SECOND)
    expect(reasonOf(desk.charge(command))).toBe('payment-spent')
  })

  it('is not drawn out by keys of requests that broke while it lasted', () => {
    const desk = new Desk()
    const command = { ...pass, expires: desk.now + DAY }
    desk.amend(desk.charge(command), 'broken')
    desk.pass(59 * SECOND)
    const again = desk.charge(command)
    expect(reasonOf(again)).toBe('again:2')
    desk.amend(again, 'broken')
    desk.pass(SECOND)
    expect(reasonOf(desk.charge(command))).toBe('payment-spent')
  })
})
