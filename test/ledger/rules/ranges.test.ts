import { describe, expect, it } from 'vitest'
import { verbs } from '../../../src/ledger/rules/verbs.ts'
import type { AmendCommand, ChargeOutcome, Delivery } from '../../../src/ledger/rules/commands.ts'
import { DAY, Desk, EUR, limit, MINUTE, ONE, reasonOf, units } from './desk.ts'

function rich(): Desk {
  const desk = new Desk()
  desk.grant(100n)
  return desk
}

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
