import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { base64url } from 'jose'
import type { BoundedRequest, Closing } from '../../access/meter.ts'
import { covers, type Entitlement } from '../../access/entitlement.ts'
import { refusal, type Refusal } from '../../core/problem.ts'
import { err, ok, type Result } from '../../core/result.ts'
import type { JsonMembers } from '../../core/json.ts'
import type { ModelCall } from './call.ts'
import type { Model, ModelTable } from './models.ts'
import type { CheckedModelsOptions } from './optionsschema.ts'
import type { ModelApi, ModelProvider } from './provider.ts'
import { checkMembers, parseStrictJson } from './rules/json.ts'
import type { ModelRequest } from './rules/request.ts'
import type { ServiceTier } from './rules/tokenusage.ts'

/** What one route sells: a provider's models, under the operator's key. */
export interface Gateway {
  readonly provider: ModelProvider
  readonly options: CheckedModelsOptions
  readonly table: ModelTable
  /** The operator's key; undefined for a server that wants none. */
  readonly secret: string | undefined
  /** Where the provider answers. */
  readonly urls: readonly string[]
  /** What an operator has closed for a time. */
  readonly closing?: Closing
}

/** The names of a server by which an operator may close it: that of its provider, and its own host. */
export function providersAt({ name }: Pick<ModelProvider, 'name'>, url: string): readonly string[] {
  return URL.canParse(url) ? [name, new URL(url).host] : [name]
}

/** Returns the gateway without the servers that are closed. Error: that of one of them, if all are. */
export function withoutClosed(gateway: Gateway, closing: Closing | undefined): Result<Gateway, Refusal> {
  if (closing === undefined) return ok(gateway)
  let why: Refusal | undefined
  const urls = gateway.urls.filter((url) => {
    const closed = providersAt(gateway.provider, url)
      .map((name) => closing.of('provider', name))
      .find((one) => one !== undefined)
    why ??= closed
    return closed === undefined
  })
  return urls.length === 0 && why !== undefined ? err(why) : ok({ ...gateway, urls, closing })
}

/** A request as it came, and what was read in it. */
export interface ReadCall extends ModelCall {
  readonly source: CallSource
  /** The model asked for. */
  readonly model: Model
  /** The time of the request, in milliseconds since 1970. */
  readonly since: number
}

/** A request itself. Empty once the request is answered: it may be large, and a stream may last. */
export interface CallSource {
  body: JsonMembers
  content: Uint8Array<ArrayBuffer>
}

/** Where a request is to go below the route. */
export interface CallTarget {
  readonly path: string
  readonly query: string
}

/**
 * Reads a request to a model, and looks for the models that may serve it. Errors: `request-malformed`; `model-not-found`;
 * `not-for-sale`, for tools and tiers that are not; `entitlement-insufficient`, for a model that the plan does not include;
 * `temporarily-closed`, if an operator has closed the model and all that may take its place.
 */
export function readCall(
  gateway: Gateway,
  api: ModelApi,
  { content, account, exchange }: BoundedRequest,
  target: CallTarget,
): Result<ReadCall, Refusal> {
  if (content === undefined) return unread('The request has no content.')
  const parsed = parseStrictJson(content)
  if (!parsed.ok) return unread(parsed.error.detail)
  const body = parsed.value
  const unknown = checkMembers(body, api.members, gateway.options.members ?? [])
  if (unknown !== undefined) return unread(unknown.detail)
  const read = api.read(body, target)
  if (!read.ok) return read
  const request = read.value
  const model = gateway.table.find(request.model)
  if (model === undefined) return err(notFound(request.model, gateway.table))
  if (!isOpen(model, account)) return err(NOT_INCLUDED)
  const refused = refusedParts(request, gateway.options)
  if (refused !== undefined) return err(refused)
  const { closing } = gateway
  const others = model.fallbacks.flatMap((id) => gateway.table.models.get(id) ?? [])
  const all = [model, ...others.filter((one) => isOpen(one, account))]
  const candidates = closing === undefined ? all : all.filter(({ id }) => closing.of('model', id) === undefined)
  const closed = candidates.length === 0 ? closing?.of('model', model.id) : undefined
  if (closed !== undefined) return err(closed)
  return ok({
    api,
    request,
    source: { body, content },
    model,
    since: exchange.now,
    candidates,
    tiers: tiersOf(request, gateway.options),
    currency: gateway.options.currency,
    imageRuleOf: (id) => gateway.provider.images?.(id),
  })
}

/** Refuses what no API takes. What is wrong may quote the request: it is in no template of refusals. */
function unread(hint: string): Result<never, Refusal> {
  return err({ ...MALFORMED, hint })
}

const MALFORMED = refusal('request-malformed', 'Nothing was sent, and nothing was charged.')
const UNKNOWN_MODEL = refusal('model-not-found', 'No such model is on sale here.')

const NOT_INCLUDED = refusal('entitlement-insufficient', 'The plan does not include this model.', { check: 'cover' })

/** Returns true if the account may have the model. A receipt or payment pays for one request, whatever it asks for. */
export function isOpen({ requires }: Model, account: Entitlement | undefined): boolean {
  return requires === undefined || account === undefined || covers(account, requires)
}

const SHOWN_NAME = /^[\x20-\x7e]{1,100}$/

/** Refuses a model that is not on sale, with the names that come nearest. */
export function notFound(name: string, table: ModelTable): Refusal {
  const near = table.nearest(name).map((id) => `"${id}"`)
  const shown = SHOWN_NAME.test(name) ? [`"${name.replaceAll(/["\\]/g, '')}" is none.`] : []
  return {
    ...UNKNOWN_MODEL,
    hint: [...shown, ...(near.length > 0 ? [`Did you mean ${near.join(' or ')}?`] : [])].join(' '),
  }
}

function refusedParts(
  { tools, tier }: ModelRequest,
  { tools: sold = [], tiers = ['default'] }: CheckedModelsOptions,
): Refusal | undefined {
  const tool = tools.find((type) => !sold.includes(type))
  if (tool !== undefined) return { ...UNSOLD_TOOL, ...(SHOWN_NAME.test(tool) && { hint: `It is "${tool}".` }) }
  return tier !== undefined && tier !== 'auto' && !tiers.includes(tier) ? UNSOLD_TIER : undefined
}

const UNSOLD_TOOL = refusal('not-for-sale', 'A tool of the provider that is asked for is not sold here.', {
  check: 'cover',
})
const UNSOLD_TIER = refusal('not-for-sale', 'The service tier that is asked for is not sold here.', { check: 'cover' })

/** Returns the tiers that may serve a request. One that names none is sent as of the default tier. */
function tiersOf({ tier }: ModelRequest, { tiers = ['default'] }: CheckedModelsOptions): readonly ServiceTier[] {
  if (tier === 'auto') return tiers
  return [tier ?? 'default']
}

/**
 * Returns what stands for a customer's own names towards the provider: texts that are equal only for one account. Without a key
 * of the operator's nothing could be kept apart, so names are left out.
 */
export function pseudonymsOf(
  { secret }: Gateway,
  account: Entitlement | undefined,
): (value: string) => string | undefined {
  if (secret === undefined || account === undefined) return () => undefined
  const encoder = new TextEncoder()
  const key = hmac(sha256, encoder.encode(secret), encoder.encode('faregate pseudonyms'))
  return (value) => {
    const named = encoder.encode(JSON.stringify([account.issuer, account.account, value]))
    return base64url.encode(hmac(sha256, key, named).slice(0, PSEUDONYM_BYTES))
  }
}

const PSEUDONYM_BYTES = 24
