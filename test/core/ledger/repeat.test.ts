import { describe, expect, it } from 'vitest'
import { verbs } from '../../../src/core/ledger.ts'
import type { AmendCommand, ChargeOutcome, Delivery } from '../../../src/core/ledger/commands.ts'
import { DAY, Desk, EUR, limit, MINUTE, ONE, reasonOf, SECOND, units } from './desk.ts'

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

describe('a further Range', () => {
  /** As whoever delivered a part of a page that has a strong validator. */
  function amend(desk: Desk, made: ChargeOutcome, delivery: Delivery = 'complete', more: Partial<AmendCommand> = {}) {
    return desk.amend(made, delivery, { representation: '"v1"', ...more })
  }

  const RANGE = { continuation: '/book.pdf', isPart: true, price: EUR(60n), counts: ONE, limits: [limit(1n, 'P1D')] }

  it('within five minutes is the same charge', () => {
    const desk = rich()
    amend(desk, desk.charge(RANGE))
    for (let n = 0; n < 4; n += 1) {
      desk.pass(MINUTE)
      const more = desk.charge(RANGE)
      expect(more).toMatchObject({ kind: 'charged', isRepeat: true, credit: EUR(40n), limits: [{ remaining: 0n }] })
      amend(desk, more)
    }
    desk.pass(MINUTE - 1)
    expect(reasonOf(desk.charge(RANGE))).toBe('again:1')
    desk.pass(1)
    expect(reasonOf(desk.charge(RANGE))).toBe('usage-limit-reached')
    expect(desk.records().map(({ id }) => id)).toEqual(['c1/charge', 'c1/amend'])
  })

  it('of another page is another', () => {
    const desk = rich()
    desk.charge({ ...RANGE, limits: [] })
    expect(reasonOf(desk.charge({ ...RANGE, limits: [], continuation: '/other.pdf' }))).toBe('credit-insufficient')
  })

  it('shares a charge in flight, so that a receipt with one use opens a document read in parts', () => {
    const desk = new Desk()
    const command = { continuation: 'c', isPart: true, receipt: { uses: 1 }, expires: desk.now + DAY }
    const parts = [desk.charge(command), desk.charge(command), desk.charge(command)]
    expect(parts.map(reasonOf)).toEqual(['charged', 'again:1', 'again:1'])
    expect(new Set(parts.map((part) => part.kind === 'charged' && part.charge)).size).toBe(1)
    for (const part of parts) amend(desk, part)
    expect(desk.records().map(({ id }) => id)).toEqual(['c1/charge', 'c1/amend'])
    expect(reasonOf(desk.charge({ ...command, continuation: 'd' }))).toBe('payment-spent')
  })

  it('keeps the charge when the request that made it comes to nothing', () => {
    const desk = rich()
    const first = desk.charge(RANGE)
    const second = desk.charge(RANGE)
    // Or a client could abort the one that pays as soon as the other is let through.
    expect(amend(desk, first, 'none')).toMatchObject({ charge: { state: 'open' } })
    expect(desk.read().credit).toEqual([EUR(40n)])
    expect(amend(desk, second)).toMatchObject({ charge: { state: 'settled', delivery: 'complete' } })
    expect(desk.read().credit).toEqual([EUR(40n)])
  })

  it('costs nothing when all of them come to nothing, and then begins anew', () => {
    const desk = rich()
    const [first, second] = [desk.charge(RANGE), desk.charge(RANGE)]
    amend(desk, second, 'none')
    amend(desk, first, 'none')
    expect(desk.read().credit).toEqual([EUR(100n)])
    expect(desk.charge(RANGE)).toMatchObject({ isRepeat: false, credit: EUR(40n) })
  })

  it('costs what all of them measured, and the reservation at most', () => {
    const desk = rich()
    const bytes = {
      continuation: 'c',
      isPart: true,
      counts: units(100n, 'bytes'),
      limits: [limit(1000n, 'P1D', { name: 'bytes' })],
    }
    const [first, second] = [desk.charge(bytes), desk.charge(bytes)]
    amend(desk, first, 'broken', { counts: units(10n, 'bytes') })
    amend(desk, second, 'complete', { counts: units(30n, 'bytes') })
    expect(desk.read().totals.counts).toEqual(units(40n, 'bytes'))
    // One byte first does not make the rest free.
    amend(desk, desk.charge(bytes), 'complete', { counts: units(90n, 'bytes') })
    expect(desk.read(bytes.limits)).toMatchObject({
      totals: { counts: units(100n, 'bytes') },
      limits: [{ remaining: 900n }],
    })
  })

  it('is answered alike when its command arrives twice', () => {
    const desk = rich()
    desk.charge(RANGE)
    const second = desk.charge({ ...RANGE, id: 'second' })
    expect(desk.charge({ ...RANGE, id: 'second' })).toEqual(second)
    expect(amend(desk, second)).toMatchObject({ isRepeat: false })
    expect(amend(desk, second)).toMatchObject({ isRepeat: true })
  })

  it('may be in flight a thousand times at a bounded size: every 256 are a charge', () => {
    const desk = new Desk()
    const made = Array.from({ length: 1000 }, () => desk.charge({ continuation: 'c', isPart: true, counts: ONE }))
    for (const { parts } of desk.book.recentCharges(1000)) expect(parts.length).toBeLessThanOrEqual(256)
    for (const one of made) amend(desk, one)
    expect(desk.read().totals).toMatchObject({ charges: 4, counts: units(4n) })
  })

  it('may be asked for a thousand times at a bounded size', () => {
    const desk = rich()
    const first = desk.charge(RANGE)
    for (let n = 0; n < 1000; n += 1) amend(desk, desk.charge(RANGE), n % 2 === 0 ? 'complete' : 'broken')
    expect(desk.book.charge('c1')?.parts.length).toBeLessThanOrEqual(17)
    expect(amend(desk, first, 'none')).toMatchObject({ charge: { state: 'settled', delivery: 'complete' } })
    expect(desk.read().credit).toEqual([EUR(40n)])
  })

  it('goes on with a request for the whole, in flight or cut short', () => {
    const desk = rich()
    const whole = desk.charge({ ...RANGE, isPart: false })
    const meanwhile = desk.charge(RANGE)
    expect(reasonOf(meanwhile)).toBe('again:1')
    amend(desk, meanwhile)
    amend(desk, whole, 'broken')
    expect(reasonOf(desk.charge(RANGE))).toBe('again:1')
    expect(desk.read().credit).toEqual([EUR(40n)])
  })

  it('of which it is known what it is part of goes on with nothing else', () => {
    const desk = rich()
    const cheap = { ...RANGE, price: EUR(10n), limits: [] }
    const asked = { ...cheap, representation: '"v1"' }
    // Nobody has told what the first is: for all one knows, something else.
    const first = desk.charge(cheap)
    const second = desk.charge(asked)
    expect(second).toMatchObject({ isRepeat: false, credit: EUR(80n) })
    desk.apply(verbs.describe, { charge: 'c2', representation: '"v1"' })
    expect(reasonOf(desk.charge(asked))).toBe('again:1')
    expect(desk.charge({ ...cheap, representation: '"v2"' })).toMatchObject({ isRepeat: false, credit: EUR(70n) })
    for (const made of [first, second]) amend(desk, made)
    expect(desk.read().credit).toEqual([EUR(70n)])
  })

  it('goes on with nothing of which nobody can tell what it was', () => {
    const desk = rich()
    const cheap = { ...RANGE, price: EUR(10n), limits: [] }
    for (const isPart of [false, true]) {
      desk.amend(desk.charge({ ...cheap, isPart }))
      const part = desk.charge(cheap)
      expect(reasonOf(part)).toBe('charged')
      desk.amend(part)
    }
    expect(desk.read().credit).toEqual([EUR(60n)])
  })

  it('may be followed by the whole, which is a charge of its own', () => {
    const desk = rich()
    const cheap = { ...RANGE, price: EUR(10n), limits: [] }
    amend(desk, desk.charge(cheap))
    amend(desk, desk.charge({ ...cheap, isPart: false }))
    amend(desk, desk.charge(cheap))
    expect(desk.read()).toMatchObject({ credit: [EUR(80n)], totals: { charges: 3 } })
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
