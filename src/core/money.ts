/** An amount of money: `units` in 10⁻⁹ of the currency's major unit. */
export interface Money {
  readonly units: bigint
  /** ISO 4217, upper case. */
  readonly currency: string
}

const UNITS_PER_MAJOR_DIGITS = 9

const DECIMAL = /^(0|[1-9]\d{0,11})(?:\.(\d{1,9}))?$/

/** Parses a decimal string such as `0.25` and a currency; undefined if either is malformed. Nothing floats. */
export function parseMoney(amount: unknown, currency: unknown): Money | undefined {
  if (typeof amount !== 'string' || typeof currency !== 'string') return undefined
  const match = DECIMAL.exec(amount)
  if (match === null || !/^[A-Z]{3}$/.test(currency)) return undefined
  const fraction = (match[2] ?? '').padEnd(UNITS_PER_MAJOR_DIGITS, '0')
  return { units: BigInt(`${match[1]}${fraction}`), currency }
}

/** Formats an amount as a decimal string without trailing zeros. */
export function formatAmount(money: Money): string {
  const digits = money.units.toString().padStart(UNITS_PER_MAJOR_DIGITS + 1, '0')
  const major = digits.slice(0, -UNITS_PER_MAJOR_DIGITS)
  const fraction = digits.slice(-UNITS_PER_MAJOR_DIGITS).replace(/(?<!0)0+$/, '')
  return fraction === '' ? major : `${major}.${fraction}`
}

/** An amount of money in JSON. */
export interface MoneyView {
  /** A decimal string. */
  readonly amount: string
  /** An ISO 4217 code. */
  readonly currency: string
}

export function describeMoney(money: Money): MoneyView {
  return { amount: formatAmount(money), currency: money.currency }
}
