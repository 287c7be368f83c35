import { formatAmount, type Money } from '../core/money.ts'
import type { AmountLeft, RefusedAmounts } from '../core/problem.ts'

/**
 * Says what ran short: `0.12 USD left; this call reserves 0.25.` Undefined if nothing is known to be short. `what`: what would have
 * reserved.
 */
export function shortageText({ left, needed }: RefusedAmounts, what: string): string | undefined {
  const [short] = shortagesOf(left, needed)
  if (short === undefined) return undefined
  const reserves = short.needed === undefined ? '' : `; this ${what} reserves ${short.needed}`
  return `${short.left}${reserves}.`
}

interface Shortage {
  /** Says what is left, and of what. */
  readonly left: string
  readonly needed: string | undefined
}

/** Returns what is less than needed, credit first. All that is left counts as short if what is needed is not known. */
function shortagesOf({ credit, debt, units = {} }: AmountLeft, needed: AmountLeft | undefined): readonly Shortage[] {
  const price = needed?.credit
  const owed = debt === undefined ? '' : ` and ${inWords(debt)} owed`
  const isShort = (left: bigint, wanted: bigint | undefined) => needed === undefined || left < (wanted ?? 0n)
  const money =
    credit !== undefined && isShort(credit.units, price?.units)
      ? [{ left: `${inWords(credit)} left${owed}`, needed: price && formatAmount(price) }]
      : []
  const counts = Object.entries(units)
    .filter(([name, left]) => isShort(left, needed?.units?.[name]))
    .map(([name, left]) => ({ left: `${left} left of the limit "${name}"`, needed: needed?.units?.[name]?.toString() }))
  return [...money, ...counts]
}

function inWords(money: Money): string {
  return `${formatAmount(money)} ${money.currency}`
}
