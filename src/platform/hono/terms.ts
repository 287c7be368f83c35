import type { Context, MiddlewareHandler } from 'hono'
import { matchedRoutes } from 'hono/route'
import type { RouteTable } from '../../access/route.ts'
import { compile } from '../../config/config.ts'
import type { Handler } from '../../config/handler.ts'
import type { Config, TermsOptions } from '../../config/options.ts'
import { createApp, type Gate } from '../../gate.ts'
import { compilePattern, isPathPattern, isReachable, placeholderIn } from '../../http/rules/pattern.ts'
import { logError } from '../../log.ts'
import type { MeterPlatform } from '../../meters/plugin.ts'
import { answerMisconfigured } from '../../refusals/misconfigured.ts'
import type { Services } from '../../services.ts'
import { sitesOf } from '../../site.ts'
import { passThrough, type PaywallEnv } from './passing.ts'

/**
 * Terms at the handler, as Hono apps declare them. Only the app's router decides which requests reach a handler, so the gate
 * before a handler has a single route for every request. That gate shares keys, remembered tokens, standing and ledgers with
 * the paywall before it, and answers the request as the paywall received it.
 */
export interface Paywall extends Pick<Gate, 'services'> {
  readonly config: Config
  readonly platform: MeterPlatform
  readonly answer: Gate['answer']
}

/**
 * The terms of a handler besides its entitlements and price. Responses of an app are never kept for other readers.
 *
 * @example
 * ```ts
 * import type { HandlerTerms } from 'faregate/hono'
 *
 * export const terms: HandlerTerms = { quotas: [{ name: 'requests', quota: 1000, window: 'P1D' }] }
 * ```
 */
export type HandlerTerms = Omit<TermsOptions, 'free' | 'closed' | 'requires' | 'cache'>

interface PassedPaywall {
  readonly paywall: Paywall
  readonly request: Request
  /** The number of gates that the request has come to. */
  gates: number
}

const passedPaywalls = new WeakMap<Context, PassedPaywall>()

/**
 * Records the paywall that a request passed, and the request as it came. The first paywall counts. `gates`: 1 if it decides
 * on the request, 0 if it leaves that to handlers.
 */
export function recordPassage(c: Context, paywall: Paywall, request: Request, gates: 0 | 1): void {
  if (!passedPaywalls.has(c)) passedPaywalls.set(c, { paywall, request, gates })
}

/**
 * Opens a handler to accounts with any one of the entitlements. Throws at the first request unless
 * `app.use(paywall(config))` ran before.
 *
 * @example
 * ```ts
 * import { Hono } from 'hono'
 * import { type PaywallEnv, requires } from 'faregate/hono'
 *
 * const app = new Hono<PaywallEnv>()
 * app.get('/reports/:id', requires(['premium', 'pro'], { offer: { title: 'Premium' } }), (c) => c.text('a report'))
 * ```
 */
export function requires(entitlements: string | string[], terms: HandlerTerms = {}): MiddlewareHandler<PaywallEnv> {
  return guard('requires', { ...terms, requires: entitlements })
}

/**
 * Opens a handler at a price for each request, paid from credit or by a receipt. `amount` is a decimal string, `currency` an
 * ISO 4217 code. Throws at the first request unless `app.use(paywall(config))` ran before.
 *
 * @example
 * ```ts
 * import { Hono } from 'hono'
 * import { type PaywallEnv, price } from 'faregate/hono'
 *
 * const app = new Hono<PaywallEnv>()
 * app.post('/export', price('0.05', 'EUR'), (c) => c.text('done'))
 * ```
 */
export function price(amount: string, currency: string, terms: HandlerTerms = {}): MiddlewareHandler<PaywallEnv> {
  return guard('price', { ...terms, price: { ...terms.price, amount, currency } })
}

function guard(name: string, terms: TermsOptions): MiddlewareHandler<PaywallEnv> {
  /** One handler may be mounted at several paths, in several apps. */
  const gates = new WeakMap<Paywall, Map<string, Gate['answer']>>()
  return async (c, next) => {
    const before = passedPaywalls.get(c)
    if (before === undefined) throw new Error(`${name}() needs app.use(paywall(config)) before it`)
    const { paywall, request } = before
    const known = gates.get(paywall) ?? new Map<string, Gate['answer']>()
    const { path = '/*', method = 'ALL' } = matchedRoutes(c)[c.req.routeIndex] ?? {}
    const gatesBefore = before.gates++
    const key = `${gatesBefore} ${method} ${path}`
    const answer = known.get(key) ?? gateFor({ name, terms, ...placeOf(path, method) }, paywall, gatesBefore)
    gates.set(paywall, known.set(key, answer))
    return passThrough(c, next, request, { answer, platform: paywall.platform })
  }
}

/** Returns the handler's path as a pattern, and its method if it has its own. */
type Place = Pick<Handler, 'path' | 'method'>

/** Hono's name for every method. A handler for OPTIONS may answer preflights, which ask about another method. */
const OF_ALL: ReadonlySet<string> = new Set(['ALL', 'OPTIONS'])
/** Returns the methods as a route of a configuration lists them. */
const METHOD = /^[A-Z][A-Z-]*$/

function placeOf(path: string, method: string): Place {
  return { path: patternOf(path), ...(METHOD.test(method) && !OF_ALL.has(method) ? { method } : {}) }
}

function gateFor(handler: Handler, paywall: Paywall, gatesBefore: number): Gate['answer'] {
  const { services, config, platform } = paywall
  if (services === undefined) return paywall.answer
  const compiled = compile(config, platform.bindings, { needsOrigin: false, handler, platform })
  if (compiled.ok) {
    const { sites, endpoints } = compiled.value
    return createApp({ ...services, sites: withRoutes(services, sites, gatesBefore) }, endpoints)
  }
  logError({ misconfigured: compiled.error })
  return (request) => answerMisconfigured(request, platform.clock())
}

type Sites = Services['sites']

/** Returns the paywall's sites with the handler's routes: keys are fetched once, and tokens are remembered once. */
function withRoutes({ sites }: Services, handlers: Sites, gatesBefore: number): Sites {
  const tables = new Map(Array.from(handlers.values(), ({ zone }) => [zone.name, zone.routes] as const))
  const all = Array.from(new Set(sites.values()), (site) => {
    const routes = tables.get(site.zone.name) ?? site.zone.routes
    return { ...site, zone: { ...site.zone, routes: forEverything(routes, gatesBefore) } }
  })
  return sitesOf(all)
}

const EVERYTHING = compilePattern('/*')

/** Makes the routes match every request: the app's router has chosen the handler, and the pattern only names it. */
function forEverything({ entries, unmatched }: RouteTable, gatesBefore: number): RouteTable {
  const own = gatesBefore === 0 ? {} : { gatesBefore }
  const all = entries.map(({ route }) => ({ pattern: EVERYTHING, route: { ...route, ...own } }))
  return { entries: all, byPath: all, find: () => all, byQuery: [], literals: NONE, firsts: NONE, unmatched }
}

const NONE: ReadonlySet<string> = new Set()

/**
 * Writes a path of Hono's as a pattern, for logs, offers and the names of rates: `/reports/:id` is `/reports/*`. A segment
 * that only Hono can read becomes `*` too: an expression, or a character that no path here may have.
 */
function patternOf(path: string): string {
  const plain = path.replaceAll(/(?<=\/):[^/{]*(?:\{[^}]+\}[^/]*)?/g, '*')
  const segments = plain.split('/').filter((segment, at, all) => segment !== '' || at === all.length - 1)
  const pattern = `/${segments.map((segment) => (isSegment(segment) ? segment : '*')).join('/')}`
  return isPathPattern(pattern) ? pattern : '/*'
}

function isSegment(text: string): boolean {
  const path = `/${text}`
  return isPathPattern(path) && placeholderIn(path) === undefined && isReachable(path)
}
