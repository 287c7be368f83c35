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
  const units = parseDecimal(amount)
  if (units === undefined || typeof currency !== 'string' || !/^[A-Z]{3}$/.test(currency)) return undefined
  return { units, currency }
}

/** Parses a decimal string with at most 9 decimals into 10⁻⁹; undefined if it is malformed. */
export function parseDecimal(value: unknown): bigint | undefined {
  const match = typeof value === 'string' ? DECIMAL.exec(value) : null
  if (match === null) return undefined
  return BigInt(`${match[1]}${(match[2] ?? '').padEnd(UNITS_PER_MAJOR_DIGITS, '0')}`)
}

/** Formats an amount as a decimal string without trailing zeros. */
export function formatAmount(money: Money): string {
  return formatDecimal(money.units, UNITS_PER_MAJOR_DIGITS)
}

/** Formats `units` of 10⁻ⁿ, n being `decimals`, as a decimal string without trailing zeros. */
export function formatDecimal(units: bigint, decimals: number): string {
  if (units < 0n) return `-${formatDecimal(-units, decimals)}`
  const digits = units.toString().padStart(decimals + 1, '0')
  const major = digits.slice(0, -decimals)
  const fraction = digits.slice(-decimals).replace(/(?<!0)0+$/, '')
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
