import type { ListedModel } from '../../src/meters/llm/catalogue.ts'
import { parseDecimal } from '../../src/core/money.ts'
import { PRICE_LIST } from '../../src/meters/llm/pricelist.ts'
import type { ClassRates, ModelRates } from '../../src/meters/llm/rules/ratecard.ts'
import { chargeable, datedRates, exactIds, pricedModel, PROVIDER_IDS } from './genaiprices.ts'
import { oddities } from './review.ts'
import type { PriceSource } from './source.ts'

/** A model's rates as somebody has them now. */
export interface KnownRates {
  readonly provider: string
  readonly model: string
  /** Other ids of the same model. */
  readonly ids?: readonly string[] | undefined
  readonly rates: ModelRates
  readonly limit?: ListedModel['limit'] | undefined
}

/** A rate that is not what the source says. `was` or `is` is undefined if there is none. */
export interface PriceChange {
  readonly provider: string
  readonly model: string
  /** `input`, `above.output`, `each.webSearch`. */
  readonly rate: string
  readonly was: string | undefined
  readonly is: string | undefined
}

export interface Comparison {
  readonly changes: readonly PriceChange[]
  /** Models that the source does not have by this id, or whose prices have a form that rates do not have. */
  readonly unknown: readonly string[]
  /** Prices of the source that break a rule of the review: they are in no file that is written. */
  readonly odd: readonly string[]
  /** The source's rates of what was compared, odd ones left out. */
  readonly rates: ReadonlyMap<string, ModelRates>
}

/** Returns the built-in list of a provider, or of all, as it is charged on a day. */
export function listedRates(
  provider: string | undefined,
  day: string,
): readonly (KnownRates & { readonly listed: ListedModel })[] {
  return [...PRICE_LIST]
    .filter(([name]) => provider === undefined || name === provider)
    .flatMap(([provider, { models }]) =>
      Object.entries(models).map(([model, listed]) => {
        const { ids, limit, next } = listed
        const rates = next !== undefined && next.from <= day ? next.rates : listed.rates
        return { provider, model, ids, limit, rates, listed }
      }),
    )
}

/**
 * Compares rates with those of a source on a day (`2026-11-28`). Tiers and regions are not compared: the source does not have
 * them, so they stay as they are.
 */
export function compareRates(known: readonly KnownRates[], source: PriceSource, day: string): Comparison {
  const changes: PriceChange[] = []
  const unknown: string[] = []
  const odd: string[] = []
  const rates = new Map<string, ModelRates>()
  for (const each of known) {
    const { provider, model, rates: was } = each
    const is = sourceRates(source, each, day)
    if (is === undefined) {
      unknown.push(`${provider} ${model}`)
      continue
    }
    const { tiers, regions } = was
    const merged = { ...is, ...(tiers !== undefined && { tiers }), ...(regions !== undefined && { regions }) }
    const found = oddities(merged)
    odd.push(...found.map((sentence) => `${provider} ${model}: ${sentence}`))
    if (found.length === 0) rates.set(`${provider} ${model}`, merged)
    changes.push(...changesOf(provider, model, was, is))
  }
  return { changes, unknown, odd, rates }
}

/** Returns the source's rates of a model; undefined if it has none that ours can say. */
export function sourceRates(
  source: PriceSource,
  { provider, model, ids = [], rates, limit }: Omit<KnownRates, 'rates'> & { readonly rates?: ModelRates },
  day: string,
): ModelRates | undefined {
  const priced = source.providers.get(provider)
  const found = priced && [model, ...ids].map((id) => pricedModel(priced, id)).find((each) => each !== undefined)
  const dated = found && datedRates(found, PROVIDER_IDS[provider] ?? '', day)
  return dated && chargeable(dated.rates, rates?.output === '0', limit)
}

/** Returns the ids of the source's models that have rates, and are not among those known. */
export function otherModels(
  known: readonly KnownRates[],
  source: PriceSource,
  provider: string,
  day: string,
): readonly string[] {
  const ids = new Set(known.flatMap(({ model, ids = [] }) => [model, ...ids]))
  return (source.providers.get(provider)?.models ?? [])
    .filter((model) => ![model.id, ...exactIds(model.match)].some((id) => ids.has(id)))
    .filter((model) => datedRates(model, PROVIDER_IDS[provider] ?? '', day) !== undefined)
    .map(({ id }) => id)
}

function changesOf(provider: string, model: string, was: ModelRates, is: ModelRates): PriceChange[] {
  const before = flat(was)
  const after = flat(is)
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((rate) => !isEqual(before.get(rate), after.get(rate)))
    .map((rate) => ({ provider, model, rate, was: before.get(rate), is: after.get(rate) }))
}

function isEqual(one: string | undefined, other: string | undefined): boolean {
  return one === other || (one !== undefined && other !== undefined && parseDecimal(one) === parseDecimal(other))
}

function flat({ above, ...rates }: ModelRates): Map<string, string> {
  const found = new Map(ofClasses(rates, ''))
  if (above === undefined) return found
  found.set('above.tokens', String(above.tokens))
  for (const [name, rate] of ofClasses(above.rates, 'above.')) found.set(name, rate)
  return found
}

function ofClasses({ each, ...rates }: ClassRates, place: string): [string, string][] {
  const classes = Object.entries(rates).flatMap(([name, rate]): [string, string][] =>
    typeof rate === 'string' ? [[`${place}${name}`, rate]] : [],
  )
  const fees = Object.entries(each ?? {}).map(([name, fee]): [string, string] => [`${place}each.${name}`, fee ?? ''])
  return [...classes, ...fees]
}
