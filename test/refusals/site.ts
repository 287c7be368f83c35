import type { Route } from '../../src/access/route.ts'
import { type Refusal, refusal } from '../../src/core/problem.ts'
import { capture, type Captured } from '../../src/http/capture.ts'
import type { Rail } from '../../src/rails/rail.ts'
import type { RefusalFormat } from '../../src/refusals/format.ts'
import { refuse, respond } from '../../src/refusals/respond.ts'
import type { Site } from '../../src/site.ts'
import type { RouteOptions } from '../../src/config/routeoptions.ts'
import { compiled, siteAt, ZONE } from '../support/compiled.ts'

export interface Setting {
  readonly refusals?: readonly RefusalFormat[]
  readonly rails?: readonly Rail[]
  /** Of what is on sale. */
  readonly title?: string
  /** Further terms of the route. */
  readonly terms?: Partial<RouteOptions>
}

const REMEDIES = {
  checkout: 'https://billing.test/checkout?return={return}',
  documentation: 'https://billing.test/problems',
}

/** A site with one paid route that has these rails and formats. */
export function siteWith({ refusals = [], rails = [], title = 'Premium', terms = {} }: Setting): Site {
  const routes = [
    {
      path: '/articles/*',
      requires: 'premium',
      price: { amount: '0.25', currency: 'USD' },
      offer: { title },
      ...terms,
    },
  ]
  const zone = { ...ZONE, routes, remedies: REMEDIES, rails: [...rails, SILENT], refusals: [...refusals] }
  return siteAt(compiled({ zones: [zone] }), 'a.test')
}

const SILENT: Rail = {
  name: 'silent',
  role: 'entitlement',
  kinds: ['entitlement'],
  present: () => undefined,
  challenge: () => ({ fields: [], isStatic: true }),
  peek: () => undefined,
  strip: () => undefined,
}

let named = 0

/** A rail that takes nothing, and says this. */
export function challengingRail(challenge: Rail['challenge'], exposes: readonly string[] = []): Rail {
  return { ...SILENT, name: `toy-${++named}`, challenge, exposes }
}

export function exchangeOf(path = '/articles/1', init: RequestInit = {}): Captured {
  return capture(new Request(`https://a.test${path}`, init), 0)
}

export function routeOf({ zone }: Site): Route {
  const [entry] = zone.routes.entries
  if (entry === undefined) throw new Error('no route')
  return entry.route
}

export const PAYMENT_REQUIRED = refusal('payment-required', 'This needs a payment.', { check: 'presented' })

/** The refusal of this exchange, as it is sent. */
export function refused(site: Site, exchange = exchangeOf(), why: Refusal = PAYMENT_REQUIRED): Response {
  return respond(refuse(why, exchange, { site, route: routeOf(site) }), 0, 0)
}

/** As HTTP/1.1 sends them. */
export function fieldBytes({ headers }: Response): number {
  return [...headers].reduce((sum, [name, value]) => sum + name.length + value.length + 4, 0)
}
