import type { Rail } from '../rails/rail.ts'
import type { RefusalFormat } from '../refusals/format.ts'
import type { UsageSink } from '../usage/sink.ts'
import type { Meter } from '../access/meter.ts'
import type { ConfirmOptions, QuotaOptions, RateOptions } from './allowances.ts'

export type * from './allowances.ts'
import type { IssuerOptions, OperatorOptions } from './signers.ts'

export type * from './signers.ts'
export type { ClaimOptions, ClaimValue } from './mapping.ts'
import type { EndpointFactory } from '../endpoints/endpoint.ts'
import type { EventSource } from '../endpoints/eventsource.ts'
import type { LimitOptions } from './timelimits.ts'

export type { LimitOptions } from './timelimits.ts'

import type { OriginOptions } from './originoptions.ts'

export type * from './originoptions.ts'

/** Variables and bindings of the runtime, as a configuration may read them. */
export type Environment = Readonly<Record<string, string | undefined>>

/** What `faregate.config.ts` exports: the options, or a function of the environment that gives them. */
export type Config = AnyOptions | ((env: Environment) => AnyOptions)

/** Several zones, or one without a list around it. */
export type AnyOptions = Options | SingleZoneOptions

export interface Options {
  /** The sites behind the gate, each chosen by the host of the request. */
  zones: ZoneOptions[]
  /**
   * What the gate itself answers below `/__faregate/`, on every site. Anything else there is 404. Default: nothing.
   *
   * @example
   * ```ts options
   * endpoints: [account(), explain(), confirm(), events(), purge(), credit(), hold()]
   * ```
   */
  endpoints?: EndpointFactory[]
  log?: LogOptions
  /**
   * Who is told of every charge: all of these. Without it no charge is kept for that, and what was kept before is dropped.
   *
   * @example
   * ```ts
   * usage: [signed({ url: 'https://billing.example.com/usage', secret: 'USAGE_SECRET' })]
   * ```
   */
  usage?: UsageSink[]
}

/**
 * One zone by itself, for a Worker or an app of one site. Without `hosts` it answers whatever host it is asked by; its
 * address is then its `audience`, which has to be a URL. `aud` of a token is compared with that exactly, as ever.
 *
 * @example
 * ```ts
 * app.use(paywall({
 *   audience: 'https://www.example.com',
 *   issuers: [{ issuer: 'https://billing.example.com', jwks: { url: 'https://billing.example.com/jwks.json' } }],
 *   rails: [bearer()],
 *   routes: [{ path: '/articles/*', requires: 'premium' }],
 *   unmatched: 'free',
 *   remedies: { documentation: 'https://www.example.com/problems' },
 * }))
 * ```
 */
export interface SingleZoneOptions
  extends Omit<ZoneOptions, 'name' | 'hosts' | 'routes' | 'unmatched'>,
    Omit<Options, 'zones'> {
  /** Accounts, the log and `realm` go by it: a change begins new ledgers. Default `site`. */
  name?: string
  hosts?: string[]
  /** Left out with `unmatched`, nothing is paid for but what handlers of a Hono app say with `requires` and `price`. */
  routes?: RouteOptions[]
  /** What a path gets that no route matches. Needed beside `routes`. */
  unmatched?: ZoneOptions['unmatched']
}

export interface LogOptions {
  /** Names the secret that keys the hash of accounts in the log. Without it the log has no accounts. */
  accountKey?: string
}

export interface ZoneOptions {
  /** A short name for the log and for `realm`: letters, digits, `-`, `_` and `.`. */
  name: string
  /** Host names without port: `www.example.com`. A request for any other host is answered 421. */
  hosts: string[]
  /**
   * Other origins whose pages may ask with the reader's cookie and read what they are answered, refusals too:
   * `['https://app.example.com']`. They may read, and use up quotas; no method but the safe ones, and no price. Browsers send
   * the cookie from hosts of the same site alone (`SameSite=Lax`). Default: none.
   */
  origins?: string[]
  /** What `aud` of a token must contain, compared exactly. An issuer may have its own. */
  audience: string
  /** Whose tokens are accepted. */
  issuers: IssuerOptions[]
  /** Who may sign for those that run the site: tokens that do at the endpoints of these names what is in their scope. Default: no one. */
  operators?: OperatorOptions[]
  /** Ways to pay or to prove payment: `[bearer()]`. With `receipt()`, issuers may sign receipts too. */
  rails: Rail[]
  /**
   * How refusals are written, besides problem documents (RFC 9457): the first that takes the request. `[html()]` shows pages to
   * browsers; with `confirm()` among the `endpoints`, a price is confirmed on such a page. Default: none, so that browsers are
   * shown problem documents too.
   */
  refusals?: RefusalFormat[]
  /** Where paid and free pages come from. Left out where the app is its own origin (`faregate/hono`). */
  origin?: OriginOptions
  /** What each path asks for. The most specific pattern decides; order does not matter. */
  routes: RouteOptions[]
  /**
   * Request fields that reach the origin all the same: `['X-Target-Url']`. Otherwise none does that is known to name another
   * target, host, method or person (`X-Original-URL`, `X-Forwarded-Host`, `X-HTTP-Method-Override`, `Remote-User`), and of
   * those that are no standard fields none whose value is a path or URL that this request would not be let through to.
   * Name only what your origin does not take for any of these.
   */
  allowFields?: string[]
  /** For all routes that have no `confirm` of their own. */
  confirm?: ConfirmOptions
  /** What an account may use of all paid routes that have no `quotas` of their own. */
  quotas?: QuotaOptions[]
  /** How often an account or receipt may ask for any one of the paid routes that have no `rates` of their own. */
  rates?: RateOptions[]
  /** How soon what is said of an account holds, and what happens while that cannot be read. */
  standing?: StandingOptions
  /**
   * Who else tells what became of accounts, beside the events that the zone's issuers sign: each has an endpoint below
   * `/__faregate/events/`. Default: no one.
   */
  events?: EventSource[]
  /** What a path gets that no route matches: served freely, refused with 403, or terms of its own. */
  unmatched: 'free' | 'closed' | TermsOptions
  /** Where a refused client can go. `{return}` in a URL becomes the URL of the refused page, percent-encoded. */
  remedies: RemedyOptions
}

export interface RemedyOptions {
  /** Where access is bought. */
  checkout?: string
  signIn?: string
  account?: string
  /** Where a payment method is changed. */
  portal?: string
  support?: string
  /** Explains the reasons for refusal: `<documentation>#<reason>` is the `type` of each problem document. */
  documentation: string
}

export interface RouteOptions extends TermsOptions {
  /**
   * `/articles/*` covers `/articles` and all below it; `*` elsewhere stands for one segment. A path without `*` covers
   * itself alone: where `/members/x` shows the same page, write `/members/*`. What an origin could read as a path of two
   * routes gets the stricter terms, as `/Members` does. A path with a route of its own is decided on by that route, though
   * some servers ignore what it ends in: `/app.js` beside `/app/*`.
   */
  path: string
  /**
   * Parameters that the query must have: `{ rest_route: true }` with any value, `{ format: 'pdf' }` with this one. Beside a
   * route of the same path that names none it decides where there is one way to read the query; where only some servers
   * would read it so (`?Rest.Route=`, a parameter twice), the stricter terms count. What a form's content carries is not read.
   */
  query?: Record<string, true | string>
  /** Default: all. GET covers HEAD. A method that is not listed is refused with 403. */
  methods?: string[]
}

/** What billing says of accounts after their tokens were signed is kept in one object for each zone, which every isolate reads. */
export interface StandingOptions {
  /** How old what an isolate knows may be: 1 to 60, default 5. Metered routes hear of a change at once. */
  boundSeconds?: number
  /**
   * What becomes of who presents a token while it cannot be read. Default `refuse`: 503. `serveSeconds`: what was last known
   * serves for so long. An isolate that never could read it refuses in any case.
   */
  whenUnavailable?: 'refuse' | { serveSeconds: number }
}

/** Exactly one of `free`, `closed`, or `requires` and/or `price`. */
export interface TermsOptions {
  /** Anyone may read it. */
  free?: true
  /** No one may. */
  closed?: true
  /** Any one of these entitlements opens it. */
  requires?: string | string[]
  /**
   * What one request costs: a decimal string and an ISO 4217 code. `per`: what one unit of that name in `counts` costs, so
   * that the request costs as many times that as it counts.
   */
  price?: { amount: string; currency: string; per?: string }
  /** Whether a reader confirms the price, where it is paid from credit with the cookie. Default `always`. */
  confirm?: ConfirmOptions
  /** What is on sale, in words for a buyer. `false`: nothing that is sold opens it, and who lacks it is refused with 403. */
  offer?: { title?: string; description?: string } | false
  /** Who shares a copy. Default: `shared` where paid, `off` where free. */
  cache?: CacheOptions
  limits?: LimitOptions
  /**
   * What one request uses, by the name of a limit, or by its unit where no limit of that name is here: `{ requests: 1,
   * reports: 5 }`. Whole numbers; what is not listed is not counted. Default `{ requests: 1 }`. Paid routes only.
   */
  counts?: Record<string, number>
  /** What an account may use here. A limit of the same name in its token counts instead. Paid routes only. */
  quotas?: QuotaOptions[]
  /**
   * How often an account or receipt may ask for this route: at most four rates, and all must hold. More is answered 429, and
   * not charged. Paid routes only.
   */
  rates?: RateOptions[]
  /**
   * Counts what a request uses beyond being one: an upper bound is reserved before the origin is asked, and what was used is
   * committed after. Counted are the limits of the token and the quotas here whose name or unit it counts. A receipt pays for
   * one request, whatever that uses. Paid routes with `cache: 'off'` only. Default: none.
   *
   * @example
   * ```ts
   * { path: '/query/*', requires: 'api', cache: 'off', meter: reported({ most: { rows: 1000 } }) }
   * ```
   */
  meter?: Meter
  /** Watches before it asks to be paid. Paid routes only. */
  observe?: ObserveOptions
}

/**
 * Each request is decided on, and logged with what would have happened (`observed`); then it is served as to an anonymous
 * reader: the origin is told of no one, nothing is charged, and no ledger is asked. Still refused are ambiguous targets,
 * methods that the route does not list, and whatever is answered 503.
 */
export interface ObserveOptions {
  /** RFC 3339, such as `2026-12-31T00:00:00Z`. From then on the terms hold, without a deploy; streams are closed. */
  until: string
}

/**
 * `off`: the origin answers each caller and is told who it is. `shared`: one copy for all who paid; the origin gets no
 * cookie, no `Authorization` and no identity. An object: a copy shared by all, or by those with the same `key`.
 */
export type CacheOptions = 'off' | 'shared' | CopyOptions

export interface CopyOptions {
  /** One copy for each account, or for each plan. */
  key?: 'account' | 'plan'
  /** How long a client may keep a paid response without asking again: at most the revocation bound of 5. Default 0. */
  maxAgeSeconds?: number
  /** How long a copy is fresh. Default: as the origin says. What it calls `private` or `no-store` is never stored. */
  fresh?: FreshOptions
  /** How long a copy that is no longer fresh may still be served. The origin's `must-revalidate` forbids it. */
  stale?: StaleOptions
  /** Which query parameters count; `utm_*` stands for all that begin so. The others do not reach the origin. Default: all count. */
  query?: { only: string[] } | { ignore: string[] }
  /** Removes `Set-Cookie` from the origin's response, which is otherwise not stored. */
  stripSetCookie?: boolean
  /**
   * Request fields that the origin always sees. Others it sees once it has named them in `Vary`, since by any of them one
   * reader could change the copy that all are served: list only what it ignores, or names in `Vary`.
   */
  requestFields?: string[]
  /** The largest response that is stored. Default 16777216. */
  maxBytes?: number
}

export interface FreshOptions {
  /** Where the origin does not say. */
  defaultSeconds?: number
  /** No longer than this, whatever the origin says. */
  mostSeconds?: number
  /** This long, whatever the origin says. */
  alwaysSeconds?: number
  /** Where the origin says nothing but `Last-Modified`: a tenth of the time since then, at most this (RFC 9111 §4.2.2). */
  heuristicSeconds?: number
}

export interface StaleOptions {
  /** While it is being revalidated, where the origin does not say. Default 0. */
  whileRevalidateSeconds?: number
  /** While the origin cannot be reached, where it does not say. Default 3600. */
  ifErrorSeconds?: number
}
