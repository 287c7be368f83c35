import * as v from 'valibot'
import { text, whole } from '../../../config/rules/values.ts'
import { parseDecimal } from '../../../core/money.ts'
import type { ClassRates, ModelRates, PromptRates } from './ratecard.ts'
import { FEES, TOKEN_CLASSES } from './tokenusage.ts'

const DECIMAL = 'expected a decimal string such as "2.50", with at most 9 decimals'

/** A rate. A number is refused: it would have been rounded before it came here. */
const rate = v.pipe(
  v.string(DECIMAL),
  v.check((value) => parseDecimal(value) !== undefined, DECIMAL),
)

/** A factor of rates. Nothing is made free by one: that would be a mistake, or is said in rates. */
export const rateFactor = v.pipe(
  rate,
  v.check((value) => parseDecimal(value) !== 0n, 'expected a factor above 0'),
)

const each = v.strictObject(entriesOf(FEES, v.optional(rate)))
const { input: _input, output: _output, ...others } = entriesOf(TOKEN_CLASSES, v.optional(rate))
const classes = { input: rate, output: rate, ...others, each: v.optional(each) }

const MAX_TOKENS = 1_000_000_000
const above = v.strictObject({ tokens: whole(1, MAX_TOKENS), rates: v.strictObject(classes) })
const prompts = { ...classes, above: v.optional(above) }

/** A tier is a factor or rates; which one is meant is seen by its type, so that the faults are those of what was meant. */
const tier = v.lazy((given) => (typeof given === 'object' ? v.strictObject(prompts) : rateFactor))
const tiers = v.strictObject({ flex: v.optional(tier), fast: v.optional(tier), batch: v.optional(tier) })

/**
 * The schema of a model's rates. Rates of long prompts and of tiers have every class that the model's own rates have: one left
 * out by mistake would cost customers their whole reservation.
 */
export const modelRatesSchema = v.pipe(
  v.strictObject({ ...prompts, tiers: v.optional(tiers), regions: v.optional(v.record(text, rateFactor)) }),
  v.rawCheck<ModelRates>(({ dataset, addIssue }) => {
    if (!dataset.typed) return
    for (const { path, name } of missingRates(dataset.value)) {
      const items = [...path, name].map((key) => ({
        type: 'object',
        origin: 'value',
        input: {},
        key,
        value: undefined,
      }))
      addIssue({ message: 'is missing: the model has a rate for it', path: items as unknown as [v.IssuePathItem] })
    }
  }),
)

interface MissingRate {
  readonly path: readonly string[]
  readonly name: string
}

function missingRates(rates: ModelRates): MissingRate[] {
  return [
    ...missingAbove(rates, []),
    ...Object.entries(rates.tiers ?? {}).flatMap(([name, given]) =>
      typeof given === 'object'
        ? [...missing(rates, given, ['tiers', name]), ...missingAbove(given, ['tiers', name])]
        : [],
    ),
  ]
}

function missingAbove({ above, ...rates }: PromptRates, path: readonly string[]): MissingRate[] {
  return above === undefined ? [] : missing(rates, above.rates, [...path, 'above', 'rates'])
}

function missing(rates: ClassRates, given: ClassRates, path: readonly string[]): MissingRate[] {
  return TOKEN_CLASSES.filter((name) => rates[name] !== undefined && given[name] === undefined).map((name) => ({
    path,
    name,
  }))
}

function entriesOf<Name extends string, Schema>(names: readonly Name[], schema: Schema): Record<Name, Schema> {
  return Object.fromEntries(names.map((name) => [name, schema])) as Record<Name, Schema>
}
