import { parseDecimal } from '../../src/core/money.ts'
import type { ClassRates, ModelRates, PromptRates } from '../../src/meters/llm/rules/ratecard.ts'
import { TOKEN_CLASSES } from '../../src/meters/llm/rules/tokenusage.ts'

/**
 * The rules by which a list of prices is reviewed: a decimal point in the wrong place, a class in the wrong column. A price that
 * breaks one may be true, but somebody has to say so.
 */

const LEAST = 10n ** 6n
const MOST = 1000n * 10n ** 9n
/** Of one search, page or picture. */
const MOST_FEE = 10n ** 9n

/** Returns what is odd about rates in USD, each in a sentence that begins with where it is. */
export function oddities(rates: ModelRates): readonly string[] {
  return [
    ...ofPrompts(rates, ''),
    ...Object.entries(rates.tiers ?? {}).flatMap(([tier, given]) =>
      typeof given === 'object' ? ofPrompts(given, `tiers.${tier}.`) : [],
    ),
  ]
}

function ofPrompts(rates: PromptRates, place: string): string[] {
  const { above } = rates
  if (above === undefined) return ofClasses(rates, place)
  const cheaper = TOKEN_CLASSES.filter((name) => units(above.rates[name]) < units(rates[name]))
  return [
    ...ofClasses(rates, place),
    ...ofClasses(above.rates, `${place}above.`),
    ...cheaper.map((name) => `${place}above.${name} is less than below the threshold`),
  ]
}

function ofClasses(rates: ClassRates, place: string): string[] {
  const { input, output, each } = rates
  const generatesNothing = units(output) === 0n
  const found = TOKEN_CLASSES.filter((name) => rates[name] !== undefined && !(name === 'output' && generatesNothing))
    .filter((name) => units(rates[name]) < LEAST || units(rates[name]) > MOST)
    .map((name) => `${place}${name} is not from 0.001 to 1000`)
  if (units(output) * 2n < units(input) && !generatesNothing) found.push(`${place}output is less than half of input`)
  if (units(rates.cacheRead) > units(input)) found.push(`${place}cacheRead is more than input`)
  if (rates.cacheWriteLong !== undefined && units(rates.cacheWriteLong) < units(rates.cacheWrite))
    found.push(`${place}cacheWriteLong is less than cacheWrite`)
  for (const [name, fee] of Object.entries(each ?? {}))
    if (units(fee) > MOST_FEE) found.push(`${place}each.${name} is more than 1`)
  return found
}

const units = (rate: string | undefined): bigint => (rate === undefined ? 0n : (parseDecimal(rate) ?? 0n))
