/** Tallies as JSON, for storage and between objects. Amounts are texts: JSON readers may not hold numbers of their size. */
import { addHistogram, type Histogram } from './histogram.ts'
import { addAmounts, Tally } from './tally.ts'

type Amounts = readonly (readonly [name: string, units: string])[]

export interface EncodedTally {
  /** Kind, count, bytes, times, times of the origin. */
  readonly traffic: readonly (readonly [string, number, number, Histogram, Histogram])[]
  /** Kind, charges, unsettled, undelivered, money, units. */
  readonly money: readonly (readonly [string, number, number, number, Amounts, Amounts])[]
  readonly hurt: readonly string[]
  readonly hasMoreHurt: boolean
}

/** Writes a tally. */
export function encodeTally({ traffic, money, hurt, hasMoreHurt }: Tally): EncodedTally {
  return {
    traffic: Array.from(traffic, ([kind, { count, bytes, totalMs, originMs }]) => [
      kind,
      count,
      bytes,
      totalMs,
      originMs,
    ]),
    money: Array.from(money, ([kind, cell]) => [
      kind,
      cell.charges,
      cell.unsettled,
      cell.undelivered,
      textsOf(cell.money),
      textsOf(cell.units),
    ]),
    hurt: [...hurt],
    hasMoreHurt,
  }
}

function textsOf(amounts: ReadonlyMap<string, bigint>): Amounts {
  return Array.from(amounts, ([name, units]) => [name, units.toString()])
}

type NameAs = (kind: string) => string

/** Adds a tally as it is written to another, as `merge` does. */
export function mergeEncoded(sum: Tally, encoded: EncodedTally, kindAs?: NameAs, moneyAs?: NameAs): void {
  for (const [kind, count, bytes, totalMs, originMs] of encoded.traffic) {
    const cell = sum.cellOf(kindAs === undefined ? kind : kindAs(kind))
    cell.count += count
    cell.bytes += bytes
    addHistogram(cell.totalMs, totalMs)
    addHistogram(cell.originMs, originMs)
  }
  for (const [kind, charges, unsettled, undelivered, money, units] of encoded.money) {
    const cell = sum.moneyOf(moneyAs === undefined ? kind : moneyAs(kind))
    cell.charges += charges
    cell.unsettled += unsettled
    cell.undelivered += undelivered
    addAmounts(cell.money, numbersOf(money))
    addAmounts(cell.units, numbersOf(units))
  }
  for (const account of encoded.hurt) sum.addHurt(account)
  sum.hasMoreHurt ||= encoded.hasMoreHurt
}

function numbersOf(texts: Amounts): readonly (readonly [string, bigint])[] {
  return texts.map(([name, units]) => [name, BigInt(units)])
}

/** Reads a tally. */
export function decodeTally(encoded: EncodedTally): Tally {
  const tally = new Tally()
  mergeEncoded(tally, encoded)
  return tally
}
