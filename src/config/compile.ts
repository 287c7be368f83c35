import { pricedCountries } from '../access/pricedoffer.ts'
import { parseInstant } from '../core/instant.ts'
import type { Offer, Terms } from '../access/offer.ts'
import type { CredentialStatus } from '../core/problem.ts'
import type { RemedyLinks } from '../core/remedy.ts'
import { compileParameter, type WantedParameter } from '../http/rules/query.ts'
import {
  buildTable,
  type CachePolicy,
  type Partition,
  type QueryPolicy,
  type Route,
  routeName,
  type TimeLimits,
} from '../access/route.ts'
import type { Zone } from '../zone.ts'
import { EXPOSED_FIELDS } from '../http/cors.ts'
import { compileOffers } from './offers.ts'
import { compilePagesOptions } from './pages.ts'
import { compilePayments } from './payments.ts'
import { compilePreview, sharesCopies } from './preview.ts'
import { compileIssuer, compileOperator } from './issuers.ts'
import { broughtIssuers, loginRemedies, loginsOf, recognisedIssuers } from './logins.ts'
import type { Login } from '../rails/login.ts'
import { compileDistrust, withDistrust } from './distrust.ts'
import { compilePlaces } from './ledger.ts'
import { compileStanding } from './standing.ts'
import { type EventWays, issuersToldOf } from './told.ts'
import { compileMetering } from './quotas.ts'
import { compileFields, compilePool, compileSigning } from './pool.ts'
import { compileRates } from './rates.ts'
import type { CheckedCopy, CheckedOptions, CheckedRoute, CheckedTerms, CheckedZone } from './schema.ts'
import { type Money, parseMoney } from '../core/money.ts'
import { createMeter, formatsOf, metersOf, serversOf } from './meters.ts'
import { formatsOfProtocols, withProtocol } from './protocols.ts'
import type { MeterPlatform } from '../meters/plugin.ts'
import type { RefusalFormat } from '../refusals/format.ts'

const DEFAULT_PREVIEWS_PER_SECOND = 5
const DEFAULT_LIMITS: TimeLimits = { connectMs: 5000, responseMs: 30_000, maxSessionMs: 3_600_000, stallMs: 30_000 }

/** The facts beside its own options that a zone carries. */
export interface SharedFacts extends Pick<Zone, 'answersAnyHost' | 'credentialFields' | 'gateKeys'>, EventWays {
  readonly ledger: CheckedOptions['ledger']
  /** The logins of the zone, created. */
  readonly logins: readonly Login[]
  /** The platform that meters are created on. */
  readonly platform: MeterPlatform
  /** Returns the routes of documents on what is sold, but for those whose path one of `routes` takes. */
  readonly documentRoutes: (routes: readonly Route[], limits: TimeLimits) => readonly Route[]
}

/** Compiles checked options into the zone that the pipeline reads. */
export function compileZone(options: CheckedZone, secrets: ReadonlyMap<string, string>, given: SharedFacts): Zone {
  const { ledger, takesEvents, receivers, platform, logins, documentRoutes, ...shared } = given
  const limits = compileLimits(options.origin?.limits, DEFAULT_LIMITS)
  const ofZone = { limits, platform, options, gateKeys: given.gateKeys }
  const routes = options.routes.map((route) => compileRoute(route, ofZone))
  const configured = [...routes.map(({ route }) => route), ...routes.flatMap(({ brought }) => brought)]
  const takesReceipts = options.rails.some(({ kinds }) => kinds.includes('payment'))
  const distrust = compileDistrust([...options.issuers, ...(options.operators ?? [])])
  const listed = options.issuers.map((issuer) => compileIssuer(issuer, options.audience, secrets, takesReceipts))
  const brought = broughtIssuers(loginsOf(options), options.audience)
  const recognised = recognisedIssuers(options.rails, options.audience)
  const { id = options.name, audience } = options
  const signed = options.rails.flatMap(
    (rail) => rail.signedIssuers?.({ id, audience, gateKeys: shared.gateKeys }) ?? [],
  )
  const issuers = withDistrust([...listed, ...brought, ...recognised, ...signed], distrust)
  const offers = compileOffers(options.offers)
  // What a login says of accounts that it brings is newer than what an event said before.
  const speaking = receivers.filter(({ issuer }) => !brought.some((own) => own.issuer === issuer))
  return {
    name: options.name,
    id: options.id ?? options.name,
    hosts: options.hosts,
    ...shared,
    origins: new Set(options.origins),
    issuers,
    places: compilePlaces(ledger, options.ledger),
    standing: compileStanding(options.standing, issuers, options.rails, speaking),
    toldOf: issuersToldOf(issuers, { takesEvents, receivers }),
    operators: withDistrust(
      (options.operators ?? []).map((operator) => compileOperator(operator, options.audience, secrets)),
      distrust,
    ),
    routes: buildTable([...configured, ...documentRoutes(configured, limits)], compileUnmatched(ofZone)),
    exposedFields: exposedFieldsOf(options, formatsOfProtocols(routes.map(({ route }) => route))),
    allowedFields: new Set(options.allowFields),
    remedies: { documentation: OWN_DOCUMENTATION, ...loginRemedies(logins), ...compileRemedies(options.remedies) },
    offers,
    pricedCountries: pricedCountries(offers),
    timeZone: options.timeZone ?? 'UTC',
    previewsPerSecond: options.previewsPerSecond ?? DEFAULT_PREVIEWS_PER_SECOND,
    pages: compilePagesOptions(options.pages, options.hosts[0] ?? options.name),
    pool: compilePool(options.origin, options.hosts, serversOf(metersOf(options))),
    originFields: compileFields(options.origin?.fields, secrets),
    signing: compileSigning(options.origin?.sign, secrets),
  }
}

/** The gate's own help page. */
const OWN_DOCUMENTATION = '{origin}/__faregate/problems'

function compileRemedies(options: CheckedZone['remedies']): RemedyLinks {
  const links = Object.fromEntries(Object.entries(options).filter(([, link]) => link !== undefined))
  const { checkout } = options
  return checkout?.includes('{offer}') === true ? { ...links, offer: checkout } : links
}

function compileLimits(options: CheckedTerms['limits'], fallback: TimeLimits): TimeLimits {
  const ms = (seconds: number | undefined, fallback: number): number =>
    seconds === undefined ? fallback : seconds * 1000
  return {
    connectMs: ms(options?.connectSeconds, fallback.connectMs),
    responseMs: ms(options?.responseSeconds, fallback.responseMs),
    maxSessionMs: ms(options?.maxSessionSeconds, fallback.maxSessionMs),
    stallMs: ms(options?.stallSeconds, fallback.stallMs),
  }
}

/** What the routes of a zone share. */
interface OfZone extends Pick<SharedFacts, 'gateKeys'> {
  readonly options: CheckedZone
  readonly limits: TimeLimits
  readonly platform: MeterPlatform
}

function compileUnmatched(ofZone: OfZone): Route {
  const { unmatched } = ofZone.options
  const terms: CheckedTerms =
    unmatched === 'free' ? { free: true } : unmatched === 'closed' ? { closed: true } : unmatched
  return compileRoute({ ...terms, path: '/*' }, ofZone).route
}

/** A route, and the routes that its protocol brings. */
interface CompiledRoute {
  readonly route: Route
  readonly brought: readonly Route[]
}

function compileRoute(options: CheckedRoute, { options: zone, limits, platform, gateKeys }: OfZone): CompiledRoute {
  const terms = compileTerms(options, zone)
  const meter = options.meter && createMeter(options.meter, platform, options.path)
  const { responseMs = limits.responseMs } = meter ?? {}
  const isUncached = meter !== undefined || options.protocol !== undefined
  const route: Route = {
    path: options.path,
    ...(options.query && { query: compileQuery(options.query) }),
    methods: options.methods,
    terms,
    ...(meter && { meter }),
    cache: compileCache(isUncached ? (options.cache ?? 'off') : options.cache, terms, zone),
    limits: compileLimits(options.limits, { ...limits, responseMs }),
    ...(options.billing && { billing: options.billing }),
  }
  if (options.protocol === undefined) return { route, brought: [] }
  const { path, query } = options
  const made = withProtocol(options.protocol, route, {
    env: platform.bindings,
    zoneId: zone.id ?? zone.name,
    gateKeys,
    isPayable: zone.rails.some(({ settler }) => settler !== undefined),
    compileTerms: (given, name) => compileTerms({ ...given, path, ...(query && { query }) }, zone, name),
  })
  return { route: made.route, brought: made.routes }
}

/** Compiles terms. `part`: what of the route they are for, if not all of it. */
function compileTerms(options: CheckedRoute, zone: CheckedZone, part?: string): Terms {
  if (options.free) return { kind: 'free' }
  if (options.closed) return { kind: 'closed' }
  const words = options.offer === false ? undefined : options.offer
  const price = compilePrice(options)
  const offer: Offer = {
    entitlements: options.requires ?? [],
    price,
    onSale: options.offer !== false,
    title: words?.title,
    description: words?.description,
    resource: options.path,
    ...(options.offers && { names: options.offers }),
    ...compilePayments(options, price?.currency),
  }
  const name = routeName({ path: options.path, ...(options.query && { query: compileQuery(options.query) }) })
  const scope = part === undefined ? name : `${name} ${part}`
  const rates = compileRates(options.rates ?? zone.rates, scope, options.methods)
  const preview = sharesCopies(options) ? compilePreview(options.preview ?? zone.preview) : undefined
  return {
    kind: 'paid',
    offer,
    metering: compileMetering(options.counts, options.quotas, zone.quotas),
    ...(options.meter && { metered: options.meter }),
    ...(rates && { rates }),
    ...(preview && { preview }),
    ...((options.confirm ?? zone.confirm) === 'other-sites' && { confirm: 'other-sites' as const }),
    ...(options.idempotency?.keep === false && { keepsAnswers: false as const }),
    observedUntilMs: compileObservation(options.observe),
    ...(options.observe?.credentialed && { observesCredentialed: true as const }),
    ...compileCredentialStatus(options),
  }
}

function exposedFieldsOf(
  { rails, refusals = [], ...routes }: CheckedZone,
  ofProtocols: readonly RefusalFormat[],
): string {
  const plugins = [...rails, ...refusals, ...formatsOf(metersOf(routes)), ...ofProtocols]
  return [...new Set([EXPOSED_FIELDS, ...plugins.flatMap(({ exposes = [] }) => exposes)])].join(', ')
}

function compileCredentialStatus({ credentials, meter }: CheckedRoute): { credentialStatus?: CredentialStatus } {
  const credentialStatus = credentials ?? meter?.credentialStatus
  return credentialStatus === undefined ? {} : { credentialStatus }
}

/** Returns the price of one request: the price itself, or the price of a unit times the counted units. */
function compilePrice({ price, counts }: CheckedTerms): Money | undefined {
  if (price === undefined) return undefined
  const money = parseMoney(price.amount, price.currency)
  if (money === undefined || price.per === undefined) return money
  return { ...money, units: money.units * BigInt(counts?.[price.per] ?? 0) }
}

function compileObservation(options: CheckedTerms['observe']): number | undefined {
  const seconds = options === undefined ? undefined : parseInstant(options.until)
  return seconds === undefined ? undefined : seconds * 1000
}

function compileQuery(query: NonNullable<CheckedRoute['query']>): readonly WantedParameter[] {
  return Object.entries(query).map(([name, value]) =>
    compileParameter({ name, value: value === true ? undefined : value }),
  )
}

function compileCache(options: CheckedTerms['cache'], terms: Terms, zone: CheckedZone): CachePolicy {
  if (options === undefined) return compileCopy({}, terms.kind === 'paid' ? 'shared' : 'off', zone)
  if (typeof options === 'string') return compileCopy({}, options, zone)
  return compileCopy(options, options.key ?? 'shared', zone)
}

function compileCountedQuery(query: CheckedCopy['query'], { routes }: CheckedZone): QueryPolicy | undefined {
  if (query === undefined) return undefined
  const kept = routes.flatMap((route) => (route.query === undefined ? [] : compileQuery(route.query)))
  return 'only' in query ? { kind: 'only', names: query.only, kept } : { kind: 'ignore', names: query.ignore, kept }
}

const DEFAULT_STALE_IF_ERROR_SECONDS = 3600
const DEFAULT_MAX_COPY_BYTES = 16 * 1024 * 1024

function compileCopy(options: CheckedCopy, partition: Partition, zone: CheckedZone): CachePolicy {
  const { fresh, stale } = options
  return {
    partition,
    maxAgeSeconds: options.maxAgeSeconds ?? 0,
    freshness: {
      defaultSeconds: fresh?.defaultSeconds,
      mostSeconds: fresh?.mostSeconds,
      alwaysSeconds: fresh?.alwaysSeconds,
      heuristicSeconds: fresh?.heuristicSeconds,
      staleWhileRevalidateSeconds: stale?.whileRevalidateSeconds ?? 0,
      staleIfErrorSeconds: stale?.ifErrorSeconds ?? DEFAULT_STALE_IF_ERROR_SECONDS,
    },
    query: compileCountedQuery(options.query, zone),
    stripsSetCookie: options.stripSetCookie ?? false,
    requestFields: options.requestFields ?? [],
    maxBytes: options.maxBytes ?? DEFAULT_MAX_COPY_BYTES,
  }
}
