/**
 * A meter of language models: reserves a true upper bound of what a call can cost, sends the call with the operator's key, and
 * commits what the provider reports.
 *
 * What differs between providers is in their files: endpoints, requests, reports, errors. What is the same is here: which
 * models are on sale, what a call is bounded by, who is asked, and what the answer is worth.
 */
import type { Bound, BoundedRequest, Meter, MeteredAmount } from '../access/meter.ts'
import type { Entitlement } from '../access/entitlement.ts'
import { bindingsOf } from '../config/rules/bindings.ts'
import { pluginOptions } from '../config/rules/pluginoptions.ts'
import { refusal, type Refusal } from '../core/problem.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { Exchange } from '../http/rules/exchange.ts'
import { SDK_TOKEN_PLACES } from '../rails/placesalone.ts'
import { attemptsAt, isCallAttempt, plainAttempt } from './llm/attempts.ts'
import { boundCall } from './llm/boundcall.ts'
import { catalogueIds } from './llm/catalogue.ts'
import { type CountTokens, createCounter } from './llm/counter.ts'
import { type CallTarget, type Gateway, isOpen, notFound, providersAt, readCall, withoutClosed } from './llm/gateway.ts'
import { measureCall } from './llm/measurecall.ts'
import { compileModels } from './llm/models.ts'
import type { LlmOptions } from './llm/options.ts'
import { type CheckedModelsOptions, modelsOptionsSchema } from './llm/optionsschema.ts'
import type { ModelProvider, ProviderEndpoint } from './llm/provider.ts'
import { refusalsOf } from './llm/refusals.ts'
import { priceUnreported } from './llm/unreported.ts'
import type { MeterPlatform, MeterPlugin } from './plugin.ts'

/** The options of a meter of language models; a server of one's own may need no key, and there may be several. */
export interface LanguageModelsOptions extends Omit<LlmOptions, 'secret' | 'url'> {
  secret?: string
  url?: string | string[]
  /**
   * True to ask for usage in every event of a stream (`continuous_usage_stats`), as vLLM and SGLang can: an answer that is cut off
   * costs exactly what it has used. Default false.
   */
  runningUsage?: boolean
  /** False for a server that refuses to be asked for usage in a stream: such a stream costs its reservation. */
  includeUsage?: boolean
  /**
   * The hosts from which a server may be told to fetch media, with the port if URLs have one. It fetches from inside the operator's
   * network, and may follow redirects. Default: none; media are sent inline.
   */
  mediaHosts?: string[]
}

/** What is particular about one provider. */
export interface ProviderTerms {
  /** False if a server may be asked without a key. */
  readonly needsSecret: boolean
}

const MAX_BYTES = 4 * 1024 * 1024
const CONTENT_MS = 60_000
/** Some models think for minutes before the first byte. */
const RESPONSE_MS = 600_000

/**
 * Meters a provider of language models: reserves a true upper bound of what a call can cost, sends the call with the operator's
 * key, and commits what the provider reports, in integers.
 */
export function languageModels(
  provider: ModelProvider,
  options: LanguageModelsOptions,
  { needsSecret }: ProviderTerms = { needsSecret: true },
): MeterPlugin {
  const { faults, read } = pluginOptions(
    (bindings) => modelsOptionsSchema(provider.name, bindings, needsSecret),
    options,
  )
  const given = options ?? {}
  const facts = {
    name: provider.name,
    counted: ['tokens', 'input-tokens', 'output-tokens'],
    currency: given.currency,
    content: { maxBytes: given.maxBytes ?? MAX_BYTES, mostMs: CONTENT_MS, decodes: true },
    servers: serversOf(provider, given),
    responseMs: RESPONSE_MS,
    credentialStatus: 401,
    boundsFree: true,
    ...(given.secret !== undefined && { addsCredential: true as const }),
    isRetry: ({ fields }: Exchange) => /^[1-9]\d{0,3}$/.test(fields.get('x-stainless-retry-count') ?? ''),
  } as const
  return {
    ...facts,
    ...UNCREATED,
    faults,
    places: SDK_TOKEN_PLACES,
    refusals: refusalsOf(provider),
    create(platform, mount) {
      const checked = read(bindingsOf(platform.bindings))
      const gatewayAt = gatewaysOf(provider, checked, platform, facts.servers)
      const calls = callsOf(provider, checked, facts.servers)
      return { ...facts, calls, wants: wantedBy(checked), ...createMeterOf(provider, gatewayAt, platform, mount) }
    },
  }
}

/** What a plug-in does before it is the meter of a route: nothing passes. */
const UNCREATED: Pick<Meter, 'classify' | 'bound' | 'measure'> = {
  classify: () => 'closed',
  bound: () => err(refusal('misconfigured', 'This meter is of no route.')),
  measure: () => err(refusal('misconfigured', 'This meter is of no route.')),
}

/** Returns the entitlements that single models ask for. */
function wantedBy({ models }: CheckedModelsOptions): readonly string[] {
  return models === 'catalogue' ? [] : Object.values(models).flatMap(({ requires = [] }) => requires)
}

/** Returns what an operator may close of a route, by name. */
function callsOf(
  provider: ModelProvider,
  { models }: CheckedModelsOptions,
  servers: readonly string[],
): NonNullable<Meter['calls']> {
  const providers = [...new Set(servers.flatMap((url) => providersAt(provider, url)))]
  return { providers, models: models === 'catalogue' ? catalogueIds(provider.name) : Object.keys(models) }
}

function serversOf({ url }: ModelProvider, { url: own }: Pick<LanguageModelsOptions, 'url'>): readonly string[] {
  return own === undefined ? [url] : typeof own === 'string' ? [own] : own
}

const DAY_MS = 86_400_000

/** Returns what a route sells at a time. Rates that are announced to change do so at the beginning of a day (UTC). */
function gatewaysOf(
  provider: ModelProvider,
  options: CheckedModelsOptions,
  { bindings }: MeterPlatform,
  urls: readonly string[],
): (now: number) => Gateway {
  const secret = options.secret === undefined ? undefined : bindings[options.secret]
  const facts = { provider, options, secret: typeof secret === 'string' ? secret : undefined, urls }
  let day = Number.NaN
  let known: Gateway | undefined
  return (now) => {
    const today = Math.floor(now / DAY_MS)
    if (known === undefined || today !== day) known = { ...facts, table: compileModels(provider, options, now) }
    day = today
    return known
  }
}

function createMeterOf(
  provider: ModelProvider,
  gatewayAt: (now: number) => Gateway,
  platform: MeterPlatform,
  mount: string,
): Pick<Meter, 'classify' | 'bound' | 'measure' | 'unanswered'> {
  const targetOf = ({ target: { path, query } }: Pick<Exchange, 'target'>): CallTarget => ({
    path: path.startsWith(`${mount}/`) ? path.slice(mount.length) : '/',
    query,
  })
  const endpointOf = (exchange: Pick<Exchange, 'method' | 'target'>): ProviderEndpoint | undefined => {
    const { path, query } = targetOf(exchange)
    return provider.endpoint(exchange.method, path, query)
  }
  const count = createCounter(platform)
  return {
    classify(exchange) {
      const endpoint = endpointOf(exchange)
      return endpoint === undefined ? 'closed' : endpoint.kind === 'metered' ? 'metered' : 'free'
    },
    bound(request) {
      const endpoint = endpointOf(request.exchange)
      if (endpoint === undefined) return err(CLOSED)
      const gateway = gatewayAt(request.exchange.now)
      const open = endpoint.kind === 'models' ? ok(gateway) : withoutClosed(gateway, request.closing)
      return open.ok ? boundOf(open.value, endpoint, request, targetOf(request.exchange), count) : open
    },
    measure: (response, attempt, options) =>
      measureCall({ gateway: gatewayAt(platform.clock()), count, clock: platform.clock }, response, attempt, options),
    unanswered(attempt) {
      const now = platform.clock()
      const gateway = gatewayAt(now)
      // Nobody pays for what is free.
      return isCallAttempt(attempt) ? priceUnreported({ gateway, attempt, count, now }) : undefined
    },
  }
}

const CLOSED = refusal('not-for-sale', 'What this would use cannot be counted, so it is not sold here.', {
  check: 'cover',
})
const NO_CHARGE: MeteredAmount = { counts: [] }

function boundOf(
  gateway: Gateway,
  endpoint: ProviderEndpoint,
  request: BoundedRequest,
  target: CallTarget,
  count: CountTokens,
): Result<Bound, Refusal> {
  if (endpoint.kind === 'models') return listed(gateway, endpoint.id, request.account)
  const at = { ...target, path: endpoint.path }
  if (endpoint.kind === 'free') {
    const attempts = gateway.urls.map((url) => plainAttempt(gateway, url, at.path))
    return ok({ amount: NO_CHARGE, attempts })
  }
  const { account } = request
  const call = readCall(gateway, endpoint.api, request, target)
  if (!call.ok) return call
  if (endpoint.kind === 'counter')
    return ok({ amount: NO_CHARGE, attempts: attemptsAt(gateway, call.value, at, account).slice(0, 1) })
  return boundCall(call.value, { gateway, target: at, account, count })
}

/** Answers with the models on sale that the account may have. Nobody upstream is asked. */
function listed(gateway: Gateway, id: string | undefined, account: Entitlement | undefined): Result<Bound, Refusal> {
  const { provider, table } = gateway
  const open = [...table.models.values()].filter((model) => isOpen(model, account)).map((model) => model.id)
  const one = id === undefined ? undefined : table.find(id)?.id
  if (id !== undefined && (one === undefined || !open.includes(one))) return err(notFound(id, table))
  return ok({ amount: NO_CHARGE, answer: () => Response.json(provider.models(open, one)) })
}
