import { catalogueIds, type CatalogueModel, catalogueOf } from './catalogue.ts'
import type { CheckedModel, CheckedModelsOptions } from './optionsschema.ts'
import type { ModelProvider } from './provider.ts'
import { nearest } from './rules/nearest.ts'
import { compileRateCard, type ModelRates, type RateCard } from './rules/ratecard.ts'

/** A model on sale. */
export interface Model {
  readonly id: string
  readonly card: RateCard
  /** The most tokens in and out. */
  readonly limit: { readonly input: bigint; readonly output: bigint }
  /** The cap that is written into a request without one. */
  readonly defaultOutput: bigint | undefined
  /** Any one of these entitlements opens the model; undefined if those of the route do. */
  readonly requires: readonly string[] | undefined
  readonly fallbacks: readonly string[]
  /** The most tokens that it generates in a second. */
  readonly topSpeed: bigint
}

/** The tokens that a model generates in a second at most, if the operator says nothing else. */
const TOP_SPEED = 500

/** The models of a route. */
export interface ModelTable {
  /** By exact id. */
  readonly models: ReadonlyMap<string, Model>
  /** Returns the model that a client means, by id or alias. */
  find(name: string): Model | undefined
  /** Returns the ids and aliases that a mistyped one is most like. */
  nearest(name: string): readonly string[]
  /** Returns the rates of a model that was used on the way, on sale or not. */
  cardOf(id: string): RateCard | undefined
}

/**
 * Compiles the models that options sell. `provider`: its name is that of its part of the price list. `now`: in milliseconds since 1970, for rates
 * that are announced to change.
 */
export function compileModels(
  { name: provider, freeFees = [] }: Pick<ModelProvider, 'name' | 'freeFees'>,
  options: CheckedModelsOptions,
  now: number,
): ModelTable {
  const { models: sold, aliases = {}, markup } = options
  const free = Object.fromEntries(freeFees.map((fee) => [fee, '0']))
  const compile: CompileRates = (id, rates, source) =>
    compileRateCard(
      id,
      { ...rates, each: { ...free, ...rates.each } },
      { markup, ...(source !== undefined && { source }) },
    )
  const given: Readonly<Record<string, CheckedModel>> =
    sold === 'catalogue' ? Object.fromEntries(catalogueIds(provider).map((id) => [id, { rates: 'catalogue' }])) : sold
  const models = new Map<string, Model>()
  for (const [id, model] of Object.entries(given)) {
    const compiled = compileModel(id, model, catalogueOf(provider, id, now), compile)
    if (compiled !== undefined) models.set(id, compiled)
  }
  const names = new Map(Object.entries(aliases))
  return {
    models,
    find: (name) => models.get(name) ?? models.get(names.get(name) ?? ''),
    nearest: (name) => nearest(name, [...models.keys(), ...names.keys()]),
    cardOf(id) {
      const own = models.get(id)?.card
      if (own !== undefined) return own
      const listed = catalogueOf(provider, id, now)
      return listed && compile(id, listed.rates, listed.source)
    },
  }
}

type CompileRates = (id: string, rates: ModelRates, source: string | undefined) => RateCard

/** Returns undefined for a model without rates or limits: the schema has reported it. */
function compileModel(
  id: string,
  options: CheckedModel,
  listed: CatalogueModel | undefined,
  compile: CompileRates,
): Model | undefined {
  const rates = options.rates === 'catalogue' ? listed?.rates : options.rates
  const limit = options.limit ?? listed?.limit
  if (rates === undefined || limit === undefined) return undefined
  const source = options.rates === 'catalogue' ? listed?.source : undefined
  const { defaultOutput, requires, fallbacks = [], topSpeed = TOP_SPEED } = options
  return {
    id,
    card: compile(id, rates, source),
    limit: { input: BigInt(limit.input), output: BigInt(limit.output) },
    defaultOutput: defaultOutput === undefined ? undefined : BigInt(defaultOutput),
    requires: typeof requires === 'string' ? [requires] : requires,
    fallbacks,
    topSpeed: BigInt(topSpeed),
  }
}
