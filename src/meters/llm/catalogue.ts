import { PRICE_LIST } from './pricelist.ts'
import type { ModelRates } from './rules/ratecard.ts'

/** The built-in price list of one provider. */
export interface ProviderPrices {
  /** ISO 4217, of every rate. */
  readonly currency: string
  /** By exact id. */
  readonly models: Readonly<Record<string, ListedModel>>
}

export interface ListedModel {
  readonly rates: ModelRates
  /** The most tokens in and out. Absent if no source says it: then an operator has to. */
  readonly limit?: { readonly input: number; readonly output: number }
  /** Rates that are announced to follow, and the first day (UTC) on which they are charged. */
  readonly next?: { readonly from: string; readonly rates: ModelRates }
  /** Other ids of the same model, such as dated ones. */
  readonly ids?: readonly string[]
  /** Where the rates are from. */
  readonly source: string
  /** The day on which they were true. */
  readonly date: string
}

/** A model of the price list, as it is charged. */
export interface CatalogueModel extends Pick<ListedModel, 'rates' | 'limit'> {
  readonly currency: string
  /** Names the list and the day of its rates, for breakdowns. */
  readonly source: string
}

/**
 * Returns what the price list has of a model; undefined if it has no such id. Nothing but the whole id counts: a model whose name
 * begins alike costs something else. `now`: in milliseconds, for rates that are announced to change.
 */
export function catalogueOf(provider: string, id: string, now = 0): CatalogueModel | undefined {
  const found = indexOf(provider).get(id)
  if (found === undefined) return undefined
  const { currency, model } = found
  const { limit, next, date } = model
  const isNext = next !== undefined && now >= Date.parse(next.from)
  return {
    currency,
    rates: isNext ? next.rates : model.rates,
    ...(limit !== undefined && { limit }),
    source: `list of ${isNext ? next.from : date}`,
  }
}

/** Returns all ids that the price list has of a provider. */
export function catalogueIds(provider: string): readonly string[] {
  return [...indexOf(provider).keys()]
}

interface Indexed {
  readonly currency: string
  readonly model: ListedModel
}

const NONE: ProviderPrices = { currency: '', models: {} }
const indexes = new Map<string, ReadonlyMap<string, Indexed>>()

function indexOf(provider: string): ReadonlyMap<string, Indexed> {
  const known = indexes.get(provider)
  if (known !== undefined) return known
  const index = new Map<string, Indexed>()
  const { currency, models } = PRICE_LIST.get(provider) ?? NONE
  for (const [id, model] of Object.entries(models))
    for (const name of [id, ...(model.ids ?? [])]) index.set(name, { currency, model })
  indexes.set(provider, index)
  return index
}
