import { formatDecimal } from '../../src/core/money.ts'
import type { ClassRates, ModelRates } from '../../src/meters/llm/rules/ratecard.ts'

/**
 * The prices that `@pydantic/genai-prices` keeps, as rates of ours. Its numbers are floats; each is the shortest decimal that
 * stands for the float, which is what its authors typed.
 */

/** Our names of the providers, and those of the package. */
export const PROVIDER_IDS: Readonly<Record<string, string>> = {
  openai: 'openai',
  anthropic: 'anthropic',
  gemini: 'google',
  mistral: 'mistral',
}

/** A provider of the package, as far as it is read. */
export interface PricedProvider {
  readonly id: string
  readonly models: readonly PricedModel[]
}

export interface PricedModel {
  readonly id: string
  readonly match: unknown
  readonly prices: ModelPrices | readonly ConditionalPrices[]
  readonly context_window?: number
}

type ModelPrices = Readonly<Record<string, number | TieredPrice | undefined>>

interface TieredPrice {
  readonly base: number
  readonly tiers: readonly { readonly start: number; readonly price: number }[]
}

interface ConditionalPrices {
  readonly constraint?: { readonly start_date?: string }
  readonly prices: ModelPrices
}

const CLASS_KEYS = {
  input_mtok: 'input',
  output_mtok: 'output',
  cache_read_mtok: 'cacheRead',
  cache_write_mtok: 'cacheWrite',
  cache_write_1h_mtok: 'cacheWriteLong',
  input_audio_mtok: 'inputAudio',
  output_audio_mtok: 'outputAudio',
  input_image_mtok: 'inputImage',
  output_image_mtok: 'outputImage',
} as const

const SEARCHES = 'web_searches_kcount'
/** What no class of ours is for: cached media count as read anew, searches of files are closed. */
const IGNORED = new Set(['cache_audio_read_mtok', 'cache_image_read_mtok', 'storage_searches_kcount', SEARCHES])

/** Rates of a model on some day, and those that are announced to follow. */
export interface DatedRates {
  readonly rates: ModelRates
  readonly next?: { readonly from: string; readonly rates: ModelRates }
}

/** Returns the model that has exactly this id, or lists it among its own. Patterns count for nothing. */
export function pricedModel(provider: PricedProvider, id: string): PricedModel | undefined {
  return (
    provider.models.find((model) => model.id === id) ??
    provider.models.find(({ match }) => exactIds(match).includes(id))
  )
}

/** Returns the ids that a model lists as they are. */
export function exactIds(match: unknown): string[] {
  if (typeof match !== 'object' || match === null) return []
  if ('equals' in match && typeof match.equals === 'string') return [match.equals]
  return 'or' in match && Array.isArray(match.or) ? match.or.flatMap(exactIds) : []
}

/**
 * Returns the rates of a model on a day (`2026-11-28`); undefined if they have a part that our rates cannot say. `provider`: some
 * count media apart that cost what text costs.
 */
export function datedRates(model: PricedModel, provider: string, day: string): DatedRates | undefined {
  const dated = Array.isArray(model.prices) ? (model.prices as readonly ConditionalPrices[]) : undefined
  if (dated === undefined) return withNext(ratesOf(model.prices as ModelPrices, provider), undefined)
  const from = ({ constraint }: ConditionalPrices): string => constraint?.start_date ?? ''
  const sorted = dated.toSorted((one, other) => (from(one) < from(other) ? -1 : 1))
  const now = sorted.findLast((each) => from(each) <= day)
  const next = sorted.find((each) => from(each) > day)
  if (now === undefined) return undefined
  const following = next && { from: from(next), rates: ratesOf(next.prices, provider) }
  return withNext(ratesOf(now.prices, provider), following)
}

function withNext(
  rates: ModelRates | undefined,
  next: { readonly from: string; readonly rates: ModelRates | undefined } | undefined,
): DatedRates | undefined {
  if (rates === undefined || (next !== undefined && next.rates === undefined)) return undefined
  return { rates, ...(next?.rates !== undefined && { next: { from: next.from, rates: next.rates } }) }
}

function ratesOf(prices: ModelPrices, provider: string): ModelRates | undefined {
  const keys = Object.keys(prices).filter((key) => prices[key] !== undefined)
  if (keys.some((key) => !(key in CLASS_KEYS) && !IGNORED.has(key))) return undefined
  const tiers = keys.flatMap((key) => (typeof prices[key] === 'object' ? [prices[key].tiers] : []))
  const starts = new Set(tiers.flat().map(({ start }) => start))
  if (starts.size > 1 || tiers.some(({ length }) => length !== 1)) return undefined
  const rates = classRates(prices, provider, (price) => (typeof price === 'object' ? price.base : price))
  const [start] = starts
  if (rates === undefined || start === undefined) return rates && { ...rates, ...fees(prices) }
  const above = classRates(prices, provider, (price) => (typeof price === 'object' ? price.tiers[0]?.price : price))
  return above && { ...rates, above: { tokens: start, rates: above }, ...fees(prices) }
}

function fees(prices: ModelPrices): Pick<ClassRates, 'each'> {
  const thousand = prices[SEARCHES]
  return typeof thousand === 'number' ? { each: { webSearch: decimalOf(thousand / 1000) } } : {}
}

function classRates(
  prices: ModelPrices,
  provider: string,
  pick: (price: number | TieredPrice) => number | undefined,
): ClassRates | undefined {
  const found: Partial<Record<(typeof CLASS_KEYS)[keyof typeof CLASS_KEYS], string>> = {}
  for (const [key, name] of Object.entries(CLASS_KEYS)) {
    const price = prices[key]
    const value = price === undefined ? undefined : pick(price)
    if (value !== undefined) found[name] = decimalOf(value)
  }
  const { input, output = '0', ...others } = found
  if (input === undefined) return undefined
  // Gemini reports tokens by modality, and those without a price of their own cost what text does.
  const media =
    provider === 'google' ? { inputAudio: others.inputAudio ?? input, inputImage: others.inputImage ?? input } : {}
  return { input, output, ...others, ...media }
}

/** Returns the shortest decimal of a float. */
export function decimalOf(value: number): string {
  return formatDecimal(BigInt(Math.round(value * 1e9)), 9)
}

/** Returns rates without those of what cannot occur: of output where none is generated, of prompts above the model's limit. */
export function chargeable(
  { above, ...rates }: ModelRates,
  generatesNothing: boolean,
  limit: { readonly input: number } | undefined,
): ModelRates {
  const isReachable = above !== undefined && (limit === undefined || limit.input > above.tokens)
  return { ...rates, ...(generatesNothing && { output: '0' }), ...(isReachable && { above }) }
}
