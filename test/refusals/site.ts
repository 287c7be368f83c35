import type { Route } from '../../src/access/route.ts'
import { type Refusal, refusal } from '../../src/core/problem.ts'
import { capture, type Captured } from '../../src/http/capture.ts'
import type { Contribution, Rail } from '../../src/rails/rail.ts'
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
  // The check of a configuration asks rails what they say, and refuses too much of it: toys say nothing until then.
  const checked = rails.map((rail) => (toys.has(rail) ? { ...rail, challenge: sayNothing } : rail))
  const zone = { ...ZONE, routes, remedies: REMEDIES, rails: [...checked, SILENT], refusals: [...refusals] }
  const site = siteAt(compiled({ zones: [zone] }), 'a.test')
  return { ...site, rails: site.rails.map((rail) => rails[checked.indexOf(rail)] ?? rail) }
}

function sayNothing(): Contribution {
  return { fields: [], isStatic: true }
}

const SILENT: Rail = {
  name: 'silent',
  role: 'entitlement',
  kinds: ['entitlement'],
  present: () => undefined,
  challenge: sayNothing,
  peek: () => undefined,
  strip: () => undefined,
}

let named = 0
const toys = new WeakSet<Rail>()

/** A rail that takes nothing, and says this. */
export function challengingRail(challenge: Rail['challenge'], exposes: readonly string[] = []): Rail {
  const toy = { ...SILENT, name: `toy-${++named}`, challenge, exposes }
  toys.add(toy)
  return toy
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
