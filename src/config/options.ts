/**
 * The options of a configuration, as a user writes them. `docs/configuration.md` is generated from these docblocks.
 */
import type { Rail } from '../rails/rail.ts'
import type { RefusalFormat } from '../refusals/format.ts'
import type { UsageSink } from '../usage/sink.ts'
import type { ConfirmOptions, QuotaOptions, RateOptions } from './allowances.ts'

export type * from './allowances.ts'
import type { IssuerOptions, OperatorOptions } from './signers.ts'

export type * from './signers.ts'
export type { ClaimOptions, ClaimValue } from './mapping.ts'
import type { EndpointFactory } from '../endpoints/endpoint.ts'
import type { EventSource } from '../endpoints/eventsource.ts'
import type { LoginPlugin } from '../endpoints/loginplugin.ts'

export type { LimitOptions } from './timelimits.ts'

import type { LedgerOptions, LedgersOptions } from './ledgeroptions.ts'

export type * from './ledgeroptions.ts'

import type { LogOptions } from './logoptions.ts'

export type * from './logoptions.ts'

import type { SecretsOptions } from './secretsoptions.ts'

export type * from './secretsoptions.ts'

import type { RouteOptions, TermsOptions } from './routeoptions.ts'

export type * from './routeoptions.ts'

import type { RemedyOptions } from './remedyoptions.ts'

export type * from './remedyoptions.ts'

import type { StandingOptions } from './standingoptions.ts'

export type * from './standingoptions.ts'

import type { PreviewOptions } from './previewoptions.ts'

export type * from './paymentoptions.ts'
export type * from './previewoptions.ts'

import type { OfferOptions, PagesOptions } from './pagesoptions.ts'

export type * from './pagesoptions.ts'

import type { DiscoveryDocument } from '../discovery/plugin.ts'
import type { ExemptionPlugin } from '../exemptions/exemption.ts'

import type { OriginOptions } from './originoptions.ts'

export type * from './originoptions.ts'

/** The variables and secrets of the environment, for a configuration that is a function. */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * The default export of `faregate.config.ts`: the options, or a function of the environment that returns them.
 *
 * @example
 * ```ts
 * import { bearer, type Config, type Options } from 'faregate'
 *
 * const config: Config = (env): Options => ({
 *   zones: [
 *     {
 *       name: 'www',
 *       hosts: [env['HOST'] ?? 'localhost'],
 *       audience: 'https://www.example.com',
 *       issuers: [{ issuer: 'https://billing.example.com', secret: 'BILLING_SECRET' }],
 *       origin: { servers: [{ url: 'https://origin.example.com' }] },
 *       rails: [bearer()],
 *       routes: [{ path: '/articles/*', requires: 'premium' }],
 *       unmatched: 'free',
 *       remedies: { documentation: 'https://www.example.com/problems' },
 *     },
 *   ],
 * })
 * export default config
 * ```
 */
export type Config = AnyOptions | ((env: Environment) => AnyOptions)

/** Several zones, or a single one without a list around it. */
export type AnyOptions = Options | SingleZoneOptions

/**
 * The whole configuration: zones, the log and the sinks of charges.
 *
 * @example
 * ```ts
 * import { bearer, type Options, signed } from 'faregate'
 *
 * export const options: Options = {
 *   zones: [
 *     {
 *       name: 'api',
 *       hosts: ['api.example.com'],
 *       audience: 'https://api.example.com',
 *       issuers: [{ issuer: 'https://billing.example.com', jwks: { url: 'https://billing.example.com/jwks.json' } }],
 *       origin: { servers: [{ url: 'https://origin.example.com' }] },
 *       rails: [bearer()],
 *       routes: [{ path: '/v1/*', requires: 'api' }],
 *       unmatched: 'closed',
 *       remedies: { documentation: 'https://api.example.com/problems' },
 *     },
 *   ],
 *   log: { accountKey: 'ACCOUNT_KEY' },
 *   usage: [signed({ url: 'https://billing.example.com/usage', secret: 'USAGE_SECRET' })],
 * }
 * ```
 */
export interface Options {
  /** The sites behind the gate, each chosen by the host of the request. */
  zones: ZoneOptions[]
  /**
   * The gate's own endpoints below `/__faregate/`, on every site. Every other path there is answered 404. Default: none.
   *
   * @example
   * ```ts options
   * endpoints: [account(), explain(), confirm(), events(), purge(), credit(), hold(), erase(), exportAccount(), emergency()]
   * ```
   */
  endpoints?: EndpointFactory[]
  log?: LogOptions
  /**
   * The receivers of every charge. Each record goes to all of them. Without `usage` no charge is kept for export, and
   * records kept before are dropped.
   *
   * @example
   * ```ts options
   * usage: [signed({ url: 'https://billing.example.com/usage', secret: 'USAGE_SECRET' })]
   * ```
   */
  usage?: UsageSink[]
  /**
   * Where ledgers are kept: those of receipts and payments, which are spent in any zone but only once, and those of zones
   * without a `ledger` of their own. Default: wherever the platform likes. Also how far back ledgers reach.
   */
  ledger?: LedgersOptions
  secrets?: SecretsOptions
}

/**
 * One zone without a list around it, for a Worker or an app of one site. Without `hosts` it answers every host; the zone's
 * address is then `audience`, a URL. `aud` of a token is compared with it exactly, as always.
 *
 * @example
 * ```ts
 * import { Hono } from 'hono'
 * import { bearer } from 'faregate'
 * import { paywall, type PaywallEnv } from 'faregate/hono'
 *
 * const app = new Hono<PaywallEnv>()
 * app.use(
 *   paywall({
 *     audience: 'https://www.example.com',
 *     issuers: [{ issuer: 'https://billing.example.com', jwks: { url: 'https://billing.example.com/jwks.json' } }],
 *     rails: [bearer()],
 *     routes: [{ path: '/articles/*', requires: 'premium' }],
 *     unmatched: 'free',
 *     remedies: { documentation: 'https://www.example.com/problems' },
 *   }),
 * )
 * ```
 */
export interface SingleZoneOptions
  extends Omit<ZoneOptions, 'name' | 'hosts' | 'routes' | 'unmatched' | 'ledger'>,
    Omit<Options, 'zones'> {
  /** The zone's name for the log and `realm`, and its `id` if that is left out. Default `site`. */
  name?: string
  hosts?: string[]
  /** If left out together with `unmatched`, only handlers of a Hono app ask to be paid, with `requires` and `price`. */
  routes?: RouteOptions[]
  /** The terms of paths that no route matches. Required with `routes`. */
  unmatched?: ZoneOptions['unmatched']
}

/**
 * One site: its hosts, the issuers it trusts, its origin, and the terms of its paths.
 *
 * @example
 * ```ts
 * import { bearer, html, receipt, type ZoneOptions } from 'faregate'
 *
 * export const zone: ZoneOptions = {
 *   name: 'www',
 *   hosts: ['www.example.com'],
 *   audience: 'https://www.example.com',
 *   issuers: [{ issuer: 'https://billing.example.com', jwks: { url: 'https://billing.example.com/jwks.json' } }],
 *   origin: { servers: [{ url: 'https://origin.example.com' }] },
 *   rails: [bearer(), receipt()],
 *   refusals: [html()],
 *   routes: [{ path: '/articles/*', requires: 'premium' }],
 *   unmatched: 'free',
 *   remedies: { checkout: 'https://www.example.com/buy', documentation: 'https://www.example.com/problems' },
 * }
 * ```
 */
export interface ZoneOptions {
  /**
   * A short name for people, in the log, in `realm` and in what billing gets: at most 64 letters, digits, `-`, `_` and `.`.
   * It may change if `id` stays.
   */
  name: string
  /**
   * Names everything that is stored: the ledgers of accounts with their credit and quotas, holds and revocations, copies
   * and their purges. In the same characters as `name`, which is the default. Before you rename a zone that is deployed,
   * write its present name here: a zone with another id begins anew, and leaves what it had behind.
   */
  id?: string
  /** Host names without port: `www.example.com`. A request for any other host is answered 421. */
  hosts: string[]
  /**
   * Other origins whose pages may send the reader's cookie and read the response, refusals included:
   * `['https://app.example.com']`. Their requests may use up quotas, but use safe methods only and never spend a price.
   * Browsers send the cookie only from hosts of the same site (`SameSite=Lax`). Default: none.
   */
  origins?: string[]
  /** The value that a token's `aud` must contain, compared exactly. An issuer may have its own. */
  audience: string
  /** The issuers whose tokens are accepted. Left out if a login brings the only accounts, as a shop without a billing backend does. */
  issuers?: IssuerOptions[]
  /**
   * The issuers of operators' tokens. Such a token may use the endpoints of the names in its scope: `purge`, `credit`,
   * `hold`, `erase`, `export` or `keys`. Default: none.
   */
  operators?: OperatorOptions[]
  /** Ways to pay or to prove payment: `[bearer()]`. With `receipt()`, issuers may sign receipts too. */
  rails: Rail[]
  /**
   * The formats of refusals besides problem documents (RFC 9457). The first format that accepts the request writes the
   * refusal. `[html()]` shows pages to browsers; together with `confirm()` among the endpoints, such a page confirms a price
   * paid from credit with the cookie. Default: none, so that browsers receive problem documents too.
   */
  refusals?: RefusalFormat[]
  /** The servers of the zone's pages. Left out if the app is its own origin (`faregate/hono`). */
  origin?: OriginOptions
  /**
   * Where the ledgers of this zone's accounts, and its record of changes, are kept. `{}` is wherever the platform likes.
   * Default: the `ledger` of the whole configuration.
   */
  ledger?: LedgerOptions
  /** The terms of each path. The most specific pattern decides; order does not matter. */
  routes: RouteOptions[]
  /**
   * Request fields that reach the origin although the gate would remove them: `['X-Target-Url']`. By default the gate
   * removes fields known to name another target, host, method or person (`X-Original-URL`, `X-Forwarded-Host`,
   * `X-HTTP-Method-Override`, `Remote-User`). A non-standard field is also removed if its value is a path or URL to which
   * the gate would refuse this request. Name only fields that your origin does not use in these ways.
   */
  allowFields?: string[]
  /** The default for routes without a `confirm` of their own. */
  confirm?: ConfirmOptions
  /** An account's quotas on all paid routes without `quotas` of their own. */
  quotas?: QuotaOptions[]
  /** The rates at which an account or receipt may ask for each paid route without `rates` of its own. */
  rates?: RateOptions[]
  /** How soon a change of an account takes effect, and how requests are answered while changes cannot be read. */
  standing?: StandingOptions
  /**
   * Sources of changes of accounts, besides the events that the zone's issuers sign. Each has an endpoint below
   * `/__faregate/events/`. Default: none.
   */
  events?: EventSource[]
  /** Ways for people to sign in and to buy, and to come back signed in. They need `session()` among the rails. */
  logins?: LoginPlugin[]
  /**
   * What opens pages of paid routes for those who have not paid. Asked in this order, when a request for a page was refused.
   * Default: nothing.
   */
  exemptions?: ExemptionPlugin[]
  /**
   * Documents that say what is on sale, for programs that look before they ask: `[openapi(), x402Listing()]`. Default: none.
   */
  discovery?: DiscoveryDocument[]
  /** What is on sale, by a name of lower-case letters, digits and `-`. Routes name theirs in `offers`. Default: nothing. */
  offers?: Record<string, OfferOptions>
  /** The default for paid routes without a `preview` of their own, whose copies all payers share. Default: nothing is shown. */
  preview?: PreviewOptions | boolean
  /**
   * How often in a second an unpaid request may lead to the origin, for what is public of its page: in each isolate. Default 5.
   */
  previewsPerSecond?: number
  /** The time zone of the operator's days, as in `Europe/Berlin`: where the sums of a day begin. Default `UTC`. */
  timeZone?: string
  /** How the pages of the gate look and speak. */
  pages?: PagesOptions
  /** The terms of paths that no route matches: served freely, refused with 403, or other terms. */
  unmatched: 'free' | 'closed' | TermsOptions
  /** Links for a refused client. `{return}` in a URL becomes the URL of the refused page, percent-encoded. */
  remedies?: RemedyOptions
}
