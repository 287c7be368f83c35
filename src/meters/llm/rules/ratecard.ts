import { parseDecimal } from '../../../core/money.ts'
import { FEES, type FeeName, type ServiceTier, TOKEN_CLASSES, type TokenClass } from './tokenusage.ts'

/**
 * The rates of one model, compiled.
 *
 * A provider's rate may be less than 10⁻⁹ for a token, and factors (of a markup, tier or region) multiply it. Rounding any
 * of that would add up. So a card holds every rate as an integer so fine that all factors are in it exactly, and `price.ts`
 * rounds once, at the end.
 */

/** Rates by class and by piece: decimal strings with at most 9 decimals. */
export interface ClassRates {
  input: string
  output: string
  cacheRead?: string | undefined
  cacheWrite?: string | undefined
  /** Written to the cache for an hour. */
  cacheWriteLong?: string | undefined
  inputAudio?: string | undefined
  outputAudio?: string | undefined
  inputImage?: string | undefined
  outputImage?: string | undefined
  /** What is priced by the piece, per piece: `{ webSearch: '0.01' }`. `request` is paid for each call. */
  each?: Partial<Record<FeeName, string | undefined>> | undefined
}

/** The same, with those of long prompts. */
export interface PromptRates extends ClassRates {
  /** Rates of the whole request if its prompt, cached tokens included, has more than `tokens`. */
  above?: { tokens: number; rates: ClassRates } | undefined
}

/**
 * Rates of one model: decimal strings, per million tokens. A class without a rate costs the reservation if it occurs. Never
 * nothing.
 */
export interface ModelRates extends PromptRates {
  /** By tier: a factor such as `0.5` for every rate of tokens, or rates. A tier without an entry is not served. */
  tiers?: Partial<Record<Exclude<ServiceTier, 'default'>, string | PromptRates | undefined>> | undefined
  /** By region, as the provider reports it: a factor such as `1.1` for every rate of tokens. */
  regions?: Record<string, string> | undefined
}

/** A rate is an integer of 10⁻²⁷ of the currency: for a million tokens, or for a piece. */
export const RATE_DECIMALS = 27
/** A factor is an integer of 10⁻⁹. */
export const FACTOR_DECIMALS = 9
export const UNIT_FACTOR = 10n ** BigInt(FACTOR_DECIMALS)

/** Rates of one tier, on one side of its threshold. Markup and the tier's factor are in them. */
export interface RateTable {
  readonly tokens: ReadonlyMap<TokenClass, bigint>
  readonly each: ReadonlyMap<FeeName, bigint>
}

export interface TierRates {
  readonly rates: RateTable
  readonly above: { readonly tokens: bigint; readonly rates: RateTable } | undefined
}

/** What a model costs. */
export interface RateCard {
  /** The id of the model, as the configuration has it. */
  readonly model: string
  /** Where the rates are from, for breakdowns: `configured`, or the built-in list and its date. */
  readonly source: string
  readonly standard: TierRates
  /** By tier; `default` is `standard`. */
  readonly tiers: ReadonlyMap<ServiceTier, TierRates>
  /** Factors of the rates of tokens. */
  readonly regions: ReadonlyMap<string, bigint>
}

/**
 * Compiles rates that the schema has checked. `markup`: a factor of everything, as a decimal string.
 *
 * Throws for a malformed decimal.
 */
export function compileRateCard(
  model: string,
  rates: ModelRates,
  { markup = '1', source = 'configured' }: { readonly markup?: string | undefined; readonly source?: string } = {},
): RateCard {
  const factors = { markup: exact(markup), tier: UNIT_FACTOR, each: rates.each }
  const standard = tierRates(rates, factors)
  const tiers = new Map<ServiceTier, TierRates>([['default', standard]])
  for (const [tier, given] of Object.entries(rates.tiers ?? {}) as [ServiceTier, string | PromptRates | undefined][]) {
    if (typeof given === 'string') tiers.set(tier, tierRates(rates, { ...factors, tier: exact(given) }))
    else if (given !== undefined) tiers.set(tier, tierRates(given, factors))
  }
  const regions = Object.entries(rates.regions ?? {}).map(([region, factor]) => [region, exact(factor)] as const)
  return { model, source, standard, tiers, regions: new Map(regions) }
}

interface Factors {
  readonly markup: bigint
  readonly tier: bigint
  /** Fees of the model, for what the rates themselves leave out. */
  readonly each: ClassRates['each']
}

function tierRates(given: PromptRates, factors: Factors): TierRates {
  const { above } = given
  return {
    rates: rateTable(given, factors),
    above: above && {
      tokens: BigInt(above.tokens),
      rates: rateTable(above.rates, { ...factors, each: { ...factors.each, ...given.each } }),
    },
  }
}

function rateTable(given: ClassRates, { markup, tier, each }: Factors): RateTable {
  const fees = { ...each, ...given.each }
  return {
    tokens: scaled(TOKEN_CLASSES, given, markup * tier),
    each: scaled(FEES, fees, markup * UNIT_FACTOR),
  }
}

function scaled<Name extends string>(
  names: readonly Name[],
  given: Readonly<Partial<Record<Name, string | undefined>>>,
  factor: bigint,
): ReadonlyMap<Name, bigint> {
  const rates = new Map<Name, bigint>()
  for (const name of names) {
    const rate = given[name]
    if (rate !== undefined) rates.set(name, exact(rate) * factor)
  }
  return rates
}

/** Returns a decimal in 10⁻⁹. */
function exact(decimal: string): bigint {
  const units = parseDecimal(decimal)
  if (units === undefined) throw new TypeError('expected a decimal string with at most 9 decimals')
  return units
}
