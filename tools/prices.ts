/**
 * `node tools/prices.ts [--check]`: writes the built-in price list from what is kept of its sources: `@pydantic/genai-prices` in
 * its pinned version, `prices/models.json` with limits, and `prices/reviewed.json` with what people have looked up. `--check`
 * fails if the list is not what comes of them. A price is never made up: what no source has is left out, and so is what two
 * sources disagree about.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { findProvider } from '@pydantic/genai-prices'
import type { ListedModel, ProviderPrices } from '../src/meters/llm/catalogue.ts'
import type { ClassRates, ModelRates } from '../src/meters/llm/rules/ratecard.ts'
import {
  chargeable,
  datedRates,
  decimalOf,
  exactIds,
  pricedModel,
  PROVIDER_IDS,
  type PricedProvider,
} from '../cli/prices/genaiprices.ts'
import { oddities } from '../cli/prices/review.ts'

const root = resolve(import.meta.dirname, '..')
const FILE = join(root, 'src/meters/llm/pricelist.ts')

type Limit = readonly [input: number, output: number, source: string]

interface KeptModel {
  readonly limit?: { readonly context?: number; readonly input?: number; readonly output: number }
  readonly cost?: Readonly<Record<string, number>>
  readonly fast?: Readonly<Record<string, number>>
}

interface Kept {
  readonly models: Readonly<Record<string, Readonly<Record<string, KeptModel>>>>
}

interface Reviewed {
  readonly date: string
  /** The version of `@pydantic/genai-prices`, and when it came out. */
  readonly package: { readonly version: string; readonly published: string }
  readonly ids: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>
  readonly limits: Readonly<Record<string, Readonly<Record<string, Limit>>>>
  readonly rates: Readonly<Record<string, Readonly<Record<string, Omit<ListedModel, 'limit' | 'ids'>>>>>
  readonly regions: { readonly factor: string } & Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>
  readonly tiers: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, string>>>>>>
  readonly leftOut: Readonly<Record<string, Readonly<Record<string, string>>>>
}

function read(file: string): unknown {
  return JSON.parse(readFileSync(join(root, file), 'utf8'))
}

const kept = read('tools/prices/models.json') as Kept
const reviewed = read('tools/prices/reviewed.json') as Reviewed
const { version, published } = reviewed.package

/** The list, and why models that a source knows are not in it. */
export interface BuiltList {
  readonly providers: Readonly<Record<string, ProviderPrices>>
  readonly leftOut: readonly string[]
}

export function buildList(): BuiltList {
  const { version: installed } = read('node_modules/@pydantic/genai-prices/package.json') as {
    readonly version: string
  }
  if (installed !== version) throw new Error(`reviewed.json is of @pydantic/genai-prices ${version}, not ${installed}`)
  const leftOut: string[] = []
  const providers = Object.entries(PROVIDER_IDS).map(([name, theirs]) => {
    const models: Record<string, ListedModel> = {}
    const ids = Object.keys({ ...kept.models[theirs], ...reviewed.limits[theirs], ...reviewed.rates[theirs] })
    for (const id of ids) {
      const found = listed(theirs, id)
      if (typeof found === 'string') leftOut.push(`${name} ${id}: ${found}`)
      else models[id] = found
    }
    for (const [id, why] of Object.entries(reviewed.leftOut[theirs] ?? {})) leftOut.push(`${name} ${id}: ${why}`)
    return [name, { currency: 'USD', models }] as const
  })
  return { providers: Object.fromEntries(providers), leftOut }
}

/** Returns a model of the list, or why it is left out. */
function listed(provider: string, id: string): ListedModel | string {
  const own = reviewed.rates[provider]?.[id]
  const found = own ?? fromPackage(provider, id)
  if (typeof found === 'string') return found
  const limit = limitOf(provider, id)
  const rates = { ...chargeable(found.rates, false, limit), ...extras(provider, id, found.rates) }
  const odd = oddities(rates)
  if (odd.length > 0) return odd.join('; ')
  const ids = idsOf(provider, id)
  const { next, source, date } = found
  return {
    ...(ids.length > 0 && { ids }),
    ...(limit !== undefined && { limit }),
    rates,
    ...(next !== undefined && { next: { ...next, rates: { ...next.rates, ...extras(provider, id, next.rates) } } }),
    source,
    date,
  }
}

function fromPackage(provider: string, id: string): Omit<ListedModel, 'limit' | 'ids'> | string {
  const priced = packageProvider(provider)
  const names = [id, ...(reviewed.ids[provider]?.[id] ?? [])]
  const model = names.map((name) => pricedModel(priced, name)).find((each) => each !== undefined)
  if (model === undefined) return 'no rates in @pydantic/genai-prices'
  const dated = datedRates(model, provider, reviewed.date)
  if (dated === undefined) return 'its prices in @pydantic/genai-prices have a form that rates do not have'
  const { next } = dated
  const rates = chargeable(dated.rates, kept.models[provider]?.[id]?.limit?.output === 0, undefined)
  const other = disagreement(rates, kept.models[provider]?.[id]?.cost ?? {})
  if (other !== undefined) return `the sources disagree about ${other}`
  return { rates, ...(next !== undefined && { next }), source: `genai-prices ${version}`, date: published }
}

function packageProvider(id: string): PricedProvider {
  const found = findProvider({ providerId: id })
  if (found === undefined) throw new Error(`@pydantic/genai-prices has no ${id}`)
  return found as unknown as PricedProvider
}

const COSTS = {
  input: 'input',
  output: 'output',
  cache_read: 'cacheRead',
  cache_write: 'cacheWrite',
  input_audio: 'inputAudio',
} as const

function disagreement(rates: ClassRates, cost: Readonly<Record<string, number>>): string | undefined {
  return Object.entries(COSTS)
    .filter(([theirs, ours]) => cost[theirs] !== undefined && rates[ours] !== undefined)
    .find(([theirs, ours]) => decimalOf(cost[theirs] ?? 0) !== rates[ours])?.[1]
}

/** Returns tiers and regions. */
function extras(provider: string, id: string, rates: ModelRates): Pick<ModelRates, 'tiers' | 'regions'> {
  const { source: _source, ...factors } = reviewed.tiers[provider]?.[id] ?? {}
  const fast = fastFactor(rates, kept.models[provider]?.[id]?.fast)
  const tiers = { ...(fast !== undefined && { fast }), ...factors }
  const regions = Object.entries(reviewed.regions[provider] ?? {}).flatMap(([region, ids]) =>
    ids.includes(id) ? [[region, reviewed.regions.factor] as const] : [],
  )
  return {
    ...(Object.keys(tiers).length > 0 && { tiers }),
    ...(regions.length > 0 && { regions: Object.fromEntries(regions) }),
  }
}

/** Returns the factor of the fast tier, if it is the same for every class that the source has. */
function fastFactor(rates: ModelRates, fast: Readonly<Record<string, number>> | undefined): string | undefined {
  if (fast === undefined || rates.above !== undefined) return undefined
  const factors = Object.entries(COSTS).flatMap(([theirs, ours]) => {
    const value = fast[theirs]
    return value === undefined ? [] : [decimalOf(value / Number(rates[ours]))]
  })
  return new Set(factors).size === 1 ? factors[0] : undefined
}

/**
 * Prompt and answer share a context, so it bounds both; a limit of the prompt alone is less. Of embeddings it is the limit of one
 * input of the list.
 */
function limitOf(provider: string, id: string): ListedModel['limit'] {
  const [input, most] = reviewed.limits[provider]?.[id] ?? []
  if (input !== undefined && most !== undefined) return { input, output: most }
  const limit = kept.models[provider]?.[id]?.limit
  if (limit === undefined) return undefined
  const context = Math.max(limit.context ?? 0, pricedModel(packageProvider(provider), id)?.context_window ?? 0)
  // Mistral's API has no limit of the answer but the context.
  const output = provider === 'mistral' && limit.output > 0 ? context : limit.output
  return { input: limit.input ?? context, output }
}

/** Returns the other exact ids of a model: those that people have looked up, and dated ones of the package. */
function idsOf(provider: string, id: string): string[] {
  const match = pricedModel(packageProvider(provider), id)?.match
  const dated = exactIds(match).filter(
    (other) => other.startsWith(id) && /^-\d{4}-\d{2}-\d{2}$/.test(other.slice(id.length)),
  )
  return [...(reviewed.ids[provider]?.[id] ?? []), ...dated]
}

function sourceText({ providers, leftOut }: BuiltList): string {
  const rows = Object.entries(providers).map(([name, { currency, models }]) => {
    const lines = Object.entries(models).map(([id, model]) => `      ${literal(id)}: ${literal(model)},\n`)
    return `  ['${name}', {\n    currency: '${currency}',\n    models: {\n${lines.join('')}    },\n  }],\n`
  })
  return `// Written by \`node tools/prices.ts\` from the sources that it names. Rates: ${version} of @pydantic/genai-prices
// (MIT, Pydantic Services Inc.). Limits, and the fast tier: models.dev (MIT, tools/prices/LICENSE-models.dev). Left out:
${leftOut.map((line) => `// ${line}\n`).join('')}
import type { ProviderPrices } from './catalogue.ts'

// biome-ignore format: one model a line, so that a change of a price is one line of a diff
export const PRICE_LIST: ReadonlyMap<string, ProviderPrices> = new Map([
${rows.join('')}])
`
}

/** Returns a value as this repository writes it. */
function literal(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`
  if (typeof value !== 'object' || value === null) return String(value)
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return `{ ${members.map(([name, member]) => `${/^\w+$/.test(name) ? name : literal(name)}: ${literal(member)}`).join(', ')} }`
}

/** Returns the text of the list's file. */
export function listText(): string {
  return sourceText(buildList())
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const text = listText()
  if (!process.argv.includes('--check')) writeFileSync(FILE, text)
  else if (readFileSync(FILE, 'utf8') !== text) {
    console.error('src/meters/llm/pricelist.ts is not what node tools/prices.ts writes')
    process.exitCode = 1
  }
}
