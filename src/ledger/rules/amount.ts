import type { Amount, Units } from './commands.ts'
import type { Money } from '../../core/money.ts'

export const NOTHING: Amount = { counts: [], price: undefined, uses: 0 }

export function unitsOf(list: readonly Units[], name: string): bigint {
  for (const entry of list) if (entry.name === name) return entry.units
  return 0n
}

/** Adds `units` to one name of the list. */
export function withMore(list: readonly Units[], name: string, units: bigint): readonly Units[] {
  if (units === 0n) return list
  const index = list.findIndex((entry) => entry.name === name)
  if (index < 0) return [...list, { name, units }]
  return list.with(index, { name, units: unitsOf(list, name) + units })
}

export function withAllMore(list: readonly Units[], more: readonly Units[]): readonly Units[] {
  let sums = list
  for (const { name, units } of more) sums = withMore(sums, name, units)
  return sums
}

/** Sums repeated names, so that each occurs once. */
export function summed(counts: readonly Units[]): readonly Units[] {
  return counts.length < 2 || new Set(counts.map(({ name }) => name)).size === counts.length
    ? counts
    : withAllMore([], counts)
}

/** Combines each part of `amount` with the same part of `other`. Parts that only `other` has are dropped. */
function combined(amount: Amount, other: Amount, combine: (mine: bigint, theirs: bigint) => bigint): Amount {
  const { counts, price, uses } = amount
  return {
    counts: counts.map(({ name, units }) => ({ name, units: combine(units, unitsOf(other.counts, name)) })),
    price: price && { units: combine(price.units, unitsIn(other.price, price)), currency: price.currency },
    uses: Number(combine(BigInt(uses), BigInt(other.uses))),
  }
}

function unitsIn(money: Money | undefined, { currency }: Money): bigint {
  return money?.currency === currency ? money.units : 0n
}

/** Returns the rest of an amount beyond another; never below zero. */
export function beyond(amount: Amount, other: Amount): Amount {
  if (other === NOTHING) return amount
  return combined(amount, other, (mine, theirs) => (mine > theirs ? mine - theirs : 0n))
}

/** Returns `amount`, at most `bound` in every part, and only the parts that `bound` has. */
export function bounded(bound: Amount, amount: Amount): Amount {
  return combined(bound, amount, (most, asked) => (asked < most ? asked : most))
}

/** Subtracts `other`. The result may be negative. */
export function difference(amount: Amount, other: Amount): Amount {
  return combined(amount, other, (mine, theirs) => mine - theirs)
}

/** Adds two amounts. If both have money, only the first's currency counts. */
export function together(amount: Amount, other: Amount): Amount {
  if (other === NOTHING) return amount
  if (amount === NOTHING) return other
  const { price } = amount
  return {
    counts: withAllMore(amount.counts, other.counts),
    price: price === undefined ? other.price : { ...price, units: price.units + unitsIn(other.price, price) },
    uses: amount.uses + other.uses,
  }
}

export function none(amount: Amount): Amount {
  return combined(amount, NOTHING, () => 0n)
}

export function isNothing({ counts, price, uses }: Amount): boolean {
  if (uses !== 0 || (price !== undefined && price.units !== 0n)) return false
  for (const { units } of counts) if (units !== 0n) return false
  return true
}

export function isSame(one: Amount, other: Amount): boolean {
  return one === other || (isNothing(difference(one, other)) && isNothing(difference(other, one)))
}
