import { describe, expect, it } from 'vitest'
import { verbs } from '../../../src/ledger/rules/verbs.ts'
import type { AmendCommand, ChargeOutcome, Delivery } from '../../../src/ledger/rules/commands.ts'
import { DAY, PureLedger, EUR, limit, MINUTE, ONE, reasonOf, units } from './pureledger.ts'

function rich(): PureLedger {
  const ledger = new PureLedger()
  ledger.grant(100n)
  return ledger
}

describe('a further Range', () => {
  /** As whoever delivered a part of a page that has a strong validator. */
  function amend(
    ledger: PureLedger,
    made: ChargeOutcome,
    delivery: Delivery = 'complete',
    more: Partial<AmendCommand> = {},
  ) {
    return ledger.amend(made, delivery, { representation: '"v1"', ...more })
  }

  const RANGE = { continuation: '/book.pdf', isPart: true, price: EUR(60n), counts: ONE, limits: [limit(1n, 'P1D')] }

  it('within five minutes is the same charge', () => {
    const ledger = rich()
    amend(ledger, ledger.charge(RANGE))
    for (let n = 0; n < 4; n += 1) {
      ledger.advance(MINUTE)
      const more = ledger.charge(RANGE)
      expect(more).toMatchObject({ kind: 'charged', isRepeat: true, credit: EUR(40n), limits: [{ remaining: 0n }] })
      amend(ledger, more)
    }
    ledger.advance(MINUTE - 1)
    expect(reasonOf(ledger.charge(RANGE))).toBe('again:1')
    ledger.advance(1)
    expect(reasonOf(ledger.charge(RANGE))).toBe('usage-limit-reached')
    expect(ledger.records().map(({ id }) => id)).toEqual(['c1/charge', 'c1/amend'])
  })

  it('is answered as it was the first time, if its command arrives twice', () => {
    const ledger = rich()
    const first = ledger.charge(RANGE)
    const joining = { ...RANGE, id: 'joins' }
    expect(ledger.charge(joining)).toMatchObject({ isRepeat: true, charge: 'c1' })
    expect(ledger.charge(joining)).toEqual(ledger.charge(joining))
    amend(ledger, first)
    amend(ledger, ledger.charge(joining))
    const following = { ...RANGE, id: 'follows' }
    const answer = ledger.charge(following)
    expect(answer).toMatchObject({ isRepeat: true, charge: 'follows' })
    expect(ledger.charge(following)).toEqual(answer)
  })

  it('of another page is another', () => {
    const ledger = rich()
    ledger.charge({ ...RANGE, limits: [] })
    expect(reasonOf(ledger.charge({ ...RANGE, limits: [], continuation: '/other.pdf' }))).toBe('credit-insufficient')
  })

  it('shares a charge in flight, so that a receipt with one use opens a document read in parts', () => {
    const ledger = new PureLedger()
    const command = { continuation: 'c', isPart: true, receipt: { uses: 1 }, expires: ledger.now + DAY }
    const parts = [ledger.charge(command), ledger.charge(command), ledger.charge(command)]
    expect(parts.map(reasonOf)).toEqual(['charged', 'again:1', 'again:1'])
    expect(new Set(parts.map((part) => part.kind === 'charged' && part.charge)).size).toBe(1)
    for (const part of parts) amend(ledger, part)
    expect(ledger.records().map(({ id }) => id)).toEqual(['c1/charge', 'c1/amend'])
    expect(reasonOf(ledger.charge({ ...command, continuation: 'd' }))).toBe('payment-spent')
  })

  it('keeps the charge when the request that made it comes to nothing', () => {
    const ledger = rich()
    const first = ledger.charge(RANGE)
    const second = ledger.charge(RANGE)
    // Or a client could abort the one that pays as soon as the other is let through.
    expect(amend(ledger, first, 'none')).toMatchObject({ charge: { state: 'open' } })
    expect(ledger.read().credit).toEqual([EUR(40n)])
    expect(amend(ledger, second)).toMatchObject({ charge: { state: 'settled', delivery: 'complete' } })
    expect(ledger.read().credit).toEqual([EUR(40n)])
  })

  it('costs nothing when all of them come to nothing, and then begins anew', () => {
    const ledger = rich()
    const [first, second] = [ledger.charge(RANGE), ledger.charge(RANGE)]
    amend(ledger, second, 'none')
    amend(ledger, first, 'none')
    expect(ledger.read().credit).toEqual([EUR(100n)])
    expect(ledger.charge(RANGE)).toMatchObject({ isRepeat: false, credit: EUR(40n) })
  })

  it('costs what all of them measured, and the reservation at most', () => {
    const ledger = rich()
    const bytes = {
      continuation: 'c',
      isPart: true,
      counts: units(100n, 'bytes'),
      limits: [limit(1000n, 'P1D', { name: 'bytes' })],
    }
    const [first, second] = [ledger.charge(bytes), ledger.charge(bytes)]
    amend(ledger, first, 'broken', { counts: units(10n, 'bytes') })
    amend(ledger, second, 'complete', { counts: units(30n, 'bytes') })
    expect(ledger.read().totals.counts).toEqual(units(40n, 'bytes'))
    // One byte first does not make the rest free.
    amend(ledger, ledger.charge(bytes), 'complete', { counts: units(90n, 'bytes') })
    expect(ledger.read(bytes.limits)).toMatchObject({
      totals: { counts: units(100n, 'bytes') },
      limits: [{ remaining: 900n }],
    })
  })

  it('is answered alike when its command arrives twice', () => {
    const ledger = rich()
    ledger.charge(RANGE)
    const second = ledger.charge({ ...RANGE, id: 'second' })
    expect(ledger.charge({ ...RANGE, id: 'second' })).toEqual(second)
    expect(amend(ledger, second)).toMatchObject({ isRepeat: false })
    expect(amend(ledger, second)).toMatchObject({ isRepeat: true })
  })

  it('may be in flight a thousand times at a bounded size: every 256 are a charge', () => {
    const ledger = new PureLedger()
    const made = Array.from({ length: 1000 }, () => ledger.charge({ continuation: 'c', isPart: true, counts: ONE }))
    for (const { parts } of ledger.book.recentCharges()) expect(parts.length).toBeLessThanOrEqual(256)
    for (const one of made) amend(ledger, one)
    expect(ledger.read().totals).toMatchObject({ charges: 4, counts: units(4n) })
  })

  it('may be asked for a thousand times at a bounded size', () => {
    const ledger = rich()
    const first = ledger.charge(RANGE)
    for (let n = 0; n < 1000; n += 1) amend(ledger, ledger.charge(RANGE), n % 2 === 0 ? 'complete' : 'broken')
    expect(ledger.book.charge('c1')?.parts.length).toBeLessThanOrEqual(17)
    expect(amend(ledger, first, 'none')).toMatchObject({ charge: { state: 'settled', delivery: 'complete' } })
    expect(ledger.read().credit).toEqual([EUR(40n)])
  })

  it('goes on with a request for the whole, in flight or cut short', () => {
    const ledger = rich()
    const whole = ledger.charge({ ...RANGE, isPart: false })
    const meanwhile = ledger.charge(RANGE)
    expect(reasonOf(meanwhile)).toBe('again:1')
    amend(ledger, meanwhile)
    amend(ledger, whole, 'broken')
    expect(reasonOf(ledger.charge(RANGE))).toBe('again:1')
    expect(ledger.read().credit).toEqual([EUR(40n)])
  })

  it('of which it is known what it is part of goes on with nothing else', () => {
    const ledger = rich()
    const cheap = { ...RANGE, price: EUR(10n), limits: [] }
    const asked = { ...cheap, representation: '"v1"' }
    // Nobody has told what the first is: for all one knows, something else.
    const first = ledger.charge(cheap)
    const second = ledger.charge(asked)
    expect(second).toMatchObject({ isRepeat: false, credit: EUR(80n) })
    ledger.apply(verbs.describe, { charge: 'c2', representation: '"v1"' })
    expect(reasonOf(ledger.charge(asked))).toBe('again:1')
    expect(ledger.charge({ ...cheap, representation: '"v2"' })).toMatchObject({ isRepeat: false, credit: EUR(70n) })
    for (const made of [first, second]) amend(ledger, made)
    expect(ledger.read().credit).toEqual([EUR(70n)])
  })

  it('goes on with nothing of which nobody can tell what it was', () => {
    const ledger = rich()
    const cheap = { ...RANGE, price: EUR(10n), limits: [] }
    for (const isPart of [false, true]) {
      ledger.amend(ledger.charge({ ...cheap, isPart }))
      const part = ledger.charge(cheap)
      expect(reasonOf(part)).toBe('charged')
      ledger.amend(part)
    }
    expect(ledger.read().credit).toEqual([EUR(60n)])
  })

  it('may be followed by the whole, which is a charge of its own', () => {
    const ledger = rich()
    const cheap = { ...RANGE, price: EUR(10n), limits: [] }
    amend(ledger, ledger.charge(cheap))
    amend(ledger, ledger.charge({ ...cheap, isPart: false }))
    amend(ledger, ledger.charge(cheap))
    expect(ledger.read()).toMatchObject({ credit: [EUR(80n)], totals: { charges: 3 } })
  })
})
