import { formatDecimal } from '../../../core/money.ts'
import { err, ok, type Result } from '../../../core/result.ts'
import {
  FACTOR_DECIMALS,
  RATE_DECIMALS,
  type RateCard,
  type RateTable,
  type TierRates,
  UNIT_FACTOR,
} from './ratecard.ts'
import { INPUT_CLASSES, type TokenUsage } from './tokenusage.ts'

/** Sums are integers of 10⁻⁴² of the currency: a rate for a million tokens, times a region's factor. */
const SUM_DECIMALS = RATE_DECIMALS + FACTOR_DECIMALS + 6
export const PER_UNIT = 10n ** BigInt(SUM_DECIMALS - 9)
/** A rate for a piece counts as that of a million tokens. */
export const PIECE_WEIGHT = 1_000_000n * UNIT_FACTOR

/** What a call costs. */
export interface PricedUsage {
  /** In 10⁻⁹ of the currency, rounded up once. */
  readonly units: bigint
  /** Rates are as charged, with markup and every factor in them. */
  readonly lines: readonly PriceLine[]
}

export interface PriceLine {
  readonly name: string
  readonly units: bigint
  /** A decimal string, for a million tokens or for a piece. */
  readonly rate: string
}

/**
 * Returns the price of a call by the rates of `card`, whatever model `usage` names; `cardOf` is asked for the rates of what other
 * models used on the way.
 *
 * Errors: the names of all that has no rate, such as `inputAudio`, `tier flex`, `region us` or `model gpt-image-1`. Such a call
 * costs its reservation: it is never free.
 */
export function priceOf(
  usage: TokenUsage,
  card: RateCard,
  cardOf: (model: string) => RateCard | undefined,
): Result<PricedUsage, readonly string[]> {
  const sum: Sum = { total: 0n, lines: [], unpriced: [] }
  add(sum, withCall(usage, card), card, '')
  addOthers(sum, usage, cardOf)
  if (sum.unpriced.length > 0) return err([...new Set(sum.unpriced)])
  return ok({ units: roundUp(sum.total), lines: sum.lines })
}

interface Sum {
  total: bigint
  readonly lines: PriceLine[]
  readonly unpriced: string[]
}

/** Adds the fee of the call itself, which no provider reports. */
function withCall(usage: TokenUsage, card: RateCard): TokenUsage {
  if (!card.standard.rates.each.has('request') || usage.fees?.request !== undefined) return usage
  return { ...usage, fees: { ...usage.fees, request: 1n } }
}

function addOthers(sum: Sum, { also }: TokenUsage, cardOf: (model: string) => RateCard | undefined): void {
  for (const other of also ?? []) {
    const card = cardOf(other.model)
    if (card === undefined) sum.unpriced.push(`model ${other.model}`)
    else add(sum, other, card, `${other.model} `)
    addOthers(sum, other, cardOf)
  }
}

function add(sum: Sum, usage: TokenUsage, card: RateCard, prefix: string): void {
  const tier = card.tiers.get(usage.tier ?? 'default')
  const region = usage.region === undefined ? UNIT_FACTOR : card.regions.get(usage.region)
  if (tier === undefined) sum.unpriced.push(`${prefix}tier ${usage.tier}`)
  if (region === undefined) sum.unpriced.push(`${prefix}region ${usage.region}`)
  if (tier === undefined || region === undefined) return
  const table = tableFor(tier, promptTokens(usage))
  for (const [name, units] of used(usage.tokens))
    addLine(sum, { name: `${prefix}${name}`, units, rate: table.tokens.get(name), factor: region, weight: region })
  for (const [name, units] of used(usage.fees ?? {}))
    addLine(sum, {
      name: `${prefix}${name}`,
      units,
      rate: table.each.get(name),
      factor: UNIT_FACTOR,
      weight: PIECE_WEIGHT,
    })
}

interface PricedUnits {
  readonly name: string
  readonly units: bigint
  readonly rate: bigint | undefined
  /** Of the rate, as it is shown. */
  readonly factor: bigint
  /** Of the rate, in the sum. */
  readonly weight: bigint
}

/** Writes a rate times a factor as a decimal string. */
export function rateText(rate: bigint, factor: bigint): string {
  return formatDecimal(rate * factor, RATE_DECIMALS + FACTOR_DECIMALS)
}

/** A negative count is a misread report: it would lower the price, so it counts as one without a rate. */
function addLine(sum: Sum, { name, units, rate, factor, weight }: PricedUnits): void {
  if (rate === undefined || units < 0n) {
    sum.unpriced.push(name)
    return
  }
  sum.total += units * rate * weight
  sum.lines.push({ name, units, rate: rateText(rate, factor) })
}

function used<Name extends string>(counts: Readonly<Partial<Record<Name, bigint | undefined>>>): [Name, bigint][] {
  return (Object.entries(counts) as [Name, bigint | undefined][]).flatMap(([name, units]): [Name, bigint][] =>
    units === undefined || units === 0n ? [] : [[name, units]],
  )
}

/** The tokens of the prompt, wherever they were read from. */
function promptTokens({ tokens }: TokenUsage): bigint {
  return INPUT_CLASSES.reduce((sum, name) => sum + (tokens[name] ?? 0n), 0n)
}

function tableFor({ rates, above }: TierRates, prompt: bigint): RateTable {
  return above !== undefined && prompt > above.tokens ? above.rates : rates
}

/** Returns a sum in 10⁻⁹ of the currency. */
export function roundUp(sum: bigint): bigint {
  return (sum + PER_UNIT - 1n) / PER_UNIT
}
