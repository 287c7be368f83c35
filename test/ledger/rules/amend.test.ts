import { NOTHING } from '../../../src/ledger/rules/amount.ts'
import { describe, expect, it } from 'vitest'
import { costOf, type Ending } from '../../../src/ledger/rules/delivered.ts'
import { DAY, PureLedger, EUR, HOUR, limit, MINUTE, units } from './pureledger.ts'

const COMMAND = { counts: units(100n), limits: [limit(1000n, 'P1D')], price: EUR(50n) }

function charged() {
  const ledger = new PureLedger()
  ledger.grant(80n)
  return { ledger, made: ledger.charge(COMMAND) }
}

/** What is kept of 100 units and 50 nanoeuros. */
function keptOf(ledger: PureLedger): [bigint, bigint] {
  const { totals } = ledger.read()
  return [totals.counts[0]?.units ?? 0n, totals.money[0]?.units ?? 0n]
}

describe('what a request costs', () => {
  const end: Partial<Ending> = { method: 'GET', status: 200, reached: 'end' }
  const measured = { counts: units(40n), price: 20n }

  it.each<[string, Partial<Ending>, [bigint, bigint]]>([
    ['200', { measured }, [40n, 20n]],
    ['201 to POST', { method: 'POST', status: 201, measured }, [40n, 20n]],
    ['204 without content', { status: 204 }, [100n, 50n]],
    ['206, a range', { status: 206, measured }, [40n, 20n]],
    ['200 of unknown usage', {}, [100n, 50n]],
    ['200 that used more than was reserved', { measured: { counts: units(400n), price: 200n } }, [100n, 50n]],
    ['101, a WebSocket that opened', { status: 101 }, [100n, 50n]],
    ['200 to HEAD', { method: 'HEAD', measured }, [0n, 0n]],
    ['204 to OPTIONS', { method: 'OPTIONS', status: 204, measured }, [0n, 0n]],
    ['304', { status: 304, measured }, [0n, 0n]],
    ['302', { status: 302, measured }, [0n, 0n]],
    ['404', { status: 404, measured }, [0n, 0n]],
    ['416', { status: 416, measured }, [0n, 0n]],
    ['429 of the origin', { status: 429, measured }, [0n, 0n]],
    ['500', { status: 500, measured }, [0n, 0n]],
    ['502, no origin', { status: 502, reached: 'nothing' }, [0n, 0n]],
    ['504, a timeout before the head', { status: 504, reached: 'nothing' }, [0n, 0n]],
    ['an abort before the first byte', { reached: 'nothing' }, [0n, 0n]],
    ['an abort after it', { reached: 'begun', measured }, [40n, 20n]],
    ['an abort that measured less than the request costs', { reached: 'begun', measured, leastPrice: 30n }, [40n, 30n]],
    ['an abort of unknown usage', { reached: 'begun' }, [100n, 50n]],
    ['a timeout in the middle', { reached: 'begun', measured: { counts: units(1n) } }, [1n, 50n]],
    ['an origin that broke off a 500', { status: 500, reached: 'begun', measured }, [0n, 0n]],
  ])('%s', (_name, ending, kept) => {
    const { ledger, made } = charged()
    const { delivery, ...cost } = costOf({ ...end, ...ending } as Ending)
    ledger.amend(made, delivery, cost)
    expect(keptOf(ledger)).toEqual(kept)
    expect(ledger.read(COMMAND.limits)).toMatchObject({
      credit: [EUR(80n - kept[1])],
      limits: [{ remaining: 1000n - kept[0] }],
      recent: [{ state: 'settled', delivery }],
    })
  })

  it('is, after a crash, what was reserved, and marked unsettled', () => {
    const { ledger } = charged()
    ledger.advance(2 * MINUTE - 1)
    expect(ledger.read()).toMatchObject({ unsettled: [], recent: [{ state: 'open' }] })
    ledger.advance(1)
    expect(keptOf(ledger)).toEqual([100n, 50n])
    expect(ledger.read()).toMatchObject({ unsettled: [{ id: 'c1', delivery: undefined }], totals: { unsettled: 1 } })
    expect(ledger.records().map(({ id }) => id)).toEqual(['c1/charge', 'c1/unsettled'])
  })
})

describe('an amendment', () => {
  it('is made once: the same again changes nothing, and another is refused', () => {
    const { ledger, made } = charged()
    const cost = { counts: units(10n), price: 5n }
    const first = ledger.amend(made, 'complete', cost)
    expect(first).toMatchObject({ kind: 'amended', isRepeat: false, charge: { kept: { price: EUR(5n) } } })
    expect(ledger.amend(made, 'complete', cost)).toEqual({ ...first, isRepeat: true })
    for (const more of [{ ...cost, price: 4n }, { ...cost, price: 6n }, {}]) {
      expect(ledger.amend(made, 'complete', more)).toEqual({ kind: 'refused', reason: 'already-amended' })
    }
    expect(ledger.amend(made, 'broken', cost)).toEqual({ kind: 'refused', reason: 'already-amended' })
    expect(keptOf(ledger)).toEqual([10n, 5n])
    expect(ledger.records()).toHaveLength(2)
  })

  it('of a charge that nobody made is refused', () => {
    const { ledger } = charged()
    const known = { isRepeat: false, tries: 1, limits: [], reserved: NOTHING }
    const stranger = { kind: 'charged', charge: 'c9', request: 'c9', ...known } as const
    expect(ledger.amend(stranger)).toEqual({ kind: 'refused', reason: 'charge-unknown' })
    expect(ledger.amend({ ...stranger, charge: 'c1' })).toEqual({ kind: 'refused', reason: 'charge-unknown' })
  })

  it('gives units back to the window they were taken from', () => {
    const { ledger, made } = charged()
    const limits = [limit(100n, 'P1D', { kind: 'sliding' })]
    ledger.charge({ counts: units(60n), limits })
    ledger.now += 13 * HOUR
    ledger.charge({ counts: units(1n), limits: [limit(100n, 'P1D'), ...limits] })
    ledger.amend(made, 'complete', { counts: units(0n) })
    // Yesterday's units do not become today's.
    expect(ledger.read([limit(100n, 'P1D')]).limits).toMatchObject([{ remaining: 99n }])
  })

  it('gives nothing back to a window that did not count the charge', () => {
    const ledger = new PureLedger()
    const made = ledger.charge({ counts: units(50n) })
    const limits = [limit(100n, 'P1D')]
    ledger.charge({ counts: units(70n), limits })
    ledger.amend(made, 'none')
    expect(ledger.read(limits).limits).toMatchObject([{ remaining: 30n }])
  })

  it('gives back to a window that began with what it has from another', () => {
    const ledger = new PureLedger()
    const hour = [limit(100n, 3600)]
    const day = [limit(100n, 'P1D')]
    const sliding = [limit(100n, 7200, { kind: 'sliding' })]
    const before = ledger.charge({ counts: units(20n), limits: hour })
    ledger.now += 30 * MINUTE
    const made = ledger.charge({ counts: units(50n), limits: hour })
    ledger.charge({ counts: units(1n), limits: [...day, ...sliding] })
    ledger.amend(made, 'none')
    ledger.amend(before, 'complete', { counts: units(15n) })
    const limits = [...hour, ...day, ...sliding]
    expect(ledger.read(limits).limits.map(({ used }) => used)).toEqual([16n, 16n, 16n])
  })

  it('gives back to a window that began with what another began with', () => {
    const ledger = new PureLedger()
    const [hour, day, month] = [[limit(100n, 3600)], [limit(100n, 'P1D')], [limit(100n, 'P1M')]]
    const made = ledger.charge({ counts: units(50n), limits: hour, settleByMs: ledger.now + 3 * HOUR })
    ledger.now += 30 * MINUTE
    ledger.charge({ counts: units(1n), limits: day })
    ledger.now += 2 * HOUR // the hour knows of nothing any more
    ledger.charge({ counts: units(1n), limits: hour })
    ledger.charge({ counts: units(1n), limits: month })
    expect(ledger.read([...day, ...month]).limits.map(({ used }) => used)).toEqual([53n, 53n])
    ledger.amend(made, 'none')
    expect(ledger.read([...day, ...month]).limits.map(({ used }) => used)).toEqual([3n, 3n])
  })

  it('gives nothing back to a window in which another could not tell of the charge', () => {
    const ledger = new PureLedger()
    const made = ledger.charge({ counts: units(50n), limits: [limit(100n, 'P1D')] })
    const sliding = [limit(100n, 3600, { kind: 'sliding' })]
    ledger.charge({ counts: units(7n), limits: sliding })
    ledger.amend(made, 'none')
    expect(ledger.read(sliding).limits).toMatchObject([{ used: 7n }])
  })

  it('may come late, and lowers an unsettled charge once', () => {
    const { ledger, made } = charged()
    ledger.advance(HOUR)
    expect(ledger.amend(made, 'complete', { counts: units(7n), price: 3n })).toMatchObject({
      charge: { state: 'settled' },
    })
    expect(ledger.amend(made, 'none')).toEqual({ kind: 'refused', reason: 'already-amended' })
    expect(keptOf(ledger)).toEqual([7n, 3n])
    expect(ledger.read()).toMatchObject({ credit: [EUR(77n)], unsettled: [], totals: { unsettled: 0 } })
    expect(ledger.records().map(({ id }) => id)).toEqual(['c1/charge', 'c1/unsettled', 'c1/amend'])
  })

  it('is too late after a day', () => {
    const { ledger, made } = charged()
    for (let n = 0; n < 20; n += 1) ledger.amend(ledger.charge())
    ledger.advance(DAY + 3 * MINUTE)
    expect(ledger.amend(made, 'none')).toEqual({ kind: 'refused', reason: 'charge-unknown' })
    expect(ledger.read().totals.unsettled).toBe(1)
  })

  it('of several requests of one charge lowers it once, when the last forgotten one is heard of', () => {
    const ledger = new PureLedger()
    ledger.grant(80n)
    const command = { ...COMMAND, continuation: 'c', isPart: true }
    const [first, second, third] = [ledger.charge(command), ledger.charge(command), ledger.charge(command)]
    ledger.amend(second, 'complete', { counts: units(1n), price: 1n })
    ledger.advance(2 * MINUTE)
    expect(keptOf(ledger)).toEqual([100n, 50n])
    ledger.amend(first, 'none')
    expect(keptOf(ledger)).toEqual([100n, 50n])
    ledger.amend(third, 'broken', { counts: units(20n), price: 20n })
    expect(keptOf(ledger)).toEqual([21n, 21n])
    expect(ledger.records().map(({ id }) => id)).toEqual(['c1/charge', 'c1/unsettled', 'c1/amend'])
  })
})
