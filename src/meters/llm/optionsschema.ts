import * as v from 'valibot'
import { isLoopback } from '../../http/rules/exchange.ts'
import type { Bindings } from '../../config/rules/bindings.ts'
import { names, secretName, text, whole } from '../../config/rules/values.ts'
import { catalogueIds, catalogueOf } from './catalogue.ts'
import { modelRatesSchema, rateFactor } from './rules/rateschema.ts'
import { SERVICE_TIERS } from './rules/tokenusage.ts'

const MAX_TOKENS = 1_000_000_000
/** A body counts threefold in the 16 MB that an isolate has for bodies. */
const MAX_BODY_BYTES = 5 * 1024 * 1024
/** Cloudflare ends work 30 s after the client has left, and the amendment is to be sent before that. */
const MAX_DRAIN_SECONDS = 25

const model = v.strictObject({
  rates: v.lazy((given) => (given === 'catalogue' ? v.literal('catalogue') : modelRatesSchema)),
  limit: v.optional(v.strictObject({ input: whole(1, MAX_TOKENS), output: whole(0, MAX_TOKENS) })),
  defaultOutput: v.optional(whole(1, MAX_TOKENS)),
  requires: v.optional(names),
  fallbacks: v.optional(v.array(text)),
  topSpeed: v.optional(whole(1, MAX_TOKENS)),
})

const models = v.lazy((given) =>
  typeof given === 'string'
    ? v.literal('catalogue', 'expected "catalogue", or models by their ids')
    : v.pipe(
        v.record(text, model),
        v.check((all) => Object.keys(all).length > 0, 'expected at least one model'),
      ),
)

const CURRENCY = 'expected an ISO 4217 code in capitals'
const ADDRESS =
  'expected an https URL without query, or an http one on loopback: prompts and keys would travel in the clear'
const url = v.pipe(text, v.check(isSafeAddress, ADDRESS))

function isSafeAddress(value: string): boolean {
  const address = URL.parse(value)
  if (address === null || /[?#@]/.test(value)) return false
  return address.protocol === 'https:' || (address.protocol === 'http:' && isLoopback(address.hostname))
}

function entries({ secrets }: Bindings) {
  return {
    secret: v.optional(secretName(secrets, 1)),
    currency: v.pipe(text, v.regex(/^[A-Z]{3}$/, CURRENCY)),
    models,
    aliases: v.optional(v.record(text, text)),
    markup: v.optional(rateFactor),
    onShort: v.optional(v.picklist(['refuse', 'shrink'], 'expected "refuse" or "shrink"')),
    count: v.optional(v.picklist(['bytes', 'ask'], 'expected "bytes" or "ask"')),
    onAbort: v.optional(v.strictObject({ drainSeconds: whole(0, MAX_DRAIN_SECONDS) })),
    tiers: v.optional(v.array(v.picklist(SERVICE_TIERS, `expected one of ${SERVICE_TIERS.join(', ')}`))),
    tools: v.optional(v.array(text)),
    members: v.optional(v.array(text)),
    betas: v.optional(v.array(text)),
    maxBytes: v.optional(whole(1, MAX_BODY_BYTES)),
    receipts: v.optional(v.boolean('expected true or false')),
    url: v.optional(v.union([url, v.pipe(v.array(url), v.minLength(1, 'expected at least one'))], ADDRESS)),
    runningUsage: v.optional(v.boolean('expected true or false')),
    includeUsage: v.optional(v.boolean('expected true or false')),
    mediaHosts: v.optional(v.array(text)),
  }
}

type Entries = v.InferOutput<v.StrictObjectSchema<ReturnType<typeof entries>, undefined>>
/** A model as options name it. */
export type CheckedModel = Exclude<Entries['models'], string>[string]
export type CheckedModelsOptions = Entries

/** The schema of the options of a provider. `needsSecret`: nobody is served there without a key. */
export function modelsOptionsSchema(provider: string, bindings: Bindings, needsSecret: boolean) {
  return v.pipe(
    v.strictObject(entries(bindings)),
    v.forward(
      v.check(({ secret }) => !needsSecret || secret !== undefined, 'expected the name of a secret'),
      ['secret'],
    ),
    v.rawCheck<Entries>(({ dataset, addIssue }) => {
      if (!dataset.typed) return
      for (const { path, message } of faultsOfModels(provider, dataset.value))
        addIssue({ message, path: path.map(itemOf) as unknown as [v.IssuePathItem] })
    }),
  )
}

interface ModelFault {
  readonly path: readonly string[]
  readonly message: string
}

const itemOf = (key: string) => ({ type: 'object', origin: 'value', input: {}, key, value: undefined })

function faultsOfModels(provider: string, options: Entries): ModelFault[] {
  const { models: sold, aliases = {}, currency } = options
  if (sold === 'catalogue') return faultsOfCatalogue(provider, currency)
  const ids = new Set(Object.keys(sold))
  return [
    ...Object.entries(sold).flatMap(([id, one]) => faultsOfModel(provider, id, one, options, ids)),
    ...Object.entries(aliases).flatMap(([alias, id]) =>
      ids.has(id) ? [] : [{ path: ['aliases', alias], message: 'expected the id of one of "models"' }],
    ),
  ]
}

function faultsOfCatalogue(provider: string, currency: string): ModelFault[] {
  const [first] = catalogueIds(provider)
  if (first === undefined)
    return [{ path: ['models'], message: 'expected models by their ids: the price list has none of this provider' }]
  const listed = catalogueOf(provider, first)
  return listed?.currency === currency
    ? []
    : [{ path: ['currency'], message: `expected ${listed?.currency}, the currency of the price list` }]
}

function faultsOfModel(
  provider: string,
  id: string,
  { rates, limit, fallbacks = [] }: CheckedModel,
  { currency }: Entries,
  ids: ReadonlySet<string>,
): ModelFault[] {
  const faults: ModelFault[] = []
  const listed = catalogueOf(provider, id)
  const at = (...names: string[]): readonly string[] => ['models', id, ...names]
  if (rates === 'catalogue' && listed === undefined)
    faults.push({ path: at('rates'), message: 'expected rates: the price list has no such id' })
  else if (rates === 'catalogue' && listed?.currency !== currency)
    faults.push({
      path: at('rates'),
      message: `expected rates in ${currency}: those of the price list are in ${listed?.currency}`,
    })
  if (limit === undefined && listed?.limit === undefined)
    faults.push({ path: at('limit'), message: 'expected {input, output}: the price list does not have it' })
  for (const [index, other] of fallbacks.entries())
    if (!ids.has(other) || other === id)
      faults.push({ path: at('fallbacks', String(index)), message: 'expected the id of another of "models"' })
  return faults
}
