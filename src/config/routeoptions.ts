/**
 * The options of a route: the paths and requests that it matches, its terms, and its cache.
 */
import type { MeterPlugin } from '../meters/plugin.ts'
import type { ProtocolPlugin } from '../protocols/plugin.ts'
import type { ConfirmOptions, QuotaOptions, RateOptions } from './allowances.ts'
import type { PreviewOptions } from './previewoptions.ts'
import type { PaymentOptions } from './paymentoptions.ts'
import type { LimitOptions } from './timelimits.ts'

/**
 * The terms of a path.
 *
 * @example
 * ```ts zone
 * routes: [
 *   { path: '/articles/*', requires: 'premium', offer: { title: 'Premium' } },
 *   { path: '/reports/*', price: { amount: '0.50', currency: 'EUR' }, methods: ['GET'] },
 * ]
 * ```
 */
export interface RouteOptions extends TermsOptions {
  /**
   * `/articles/*` covers `/articles` and every path below it; `*` elsewhere stands for one segment. A path without `*`
   * covers itself only: if your server shows the same page at `/members/x`, write `/members/*`. A target that an origin
   * might read as a path of two routes gets the stricter terms, as `/Members` does. A path with a route of its own is
   * decided by that route, although some servers ignore an ending: `/app.js` beside `/app/*`.
   */
  path: string
  /**
   * Parameters that the query must have: `{ rest_route: true }` with any value, `{ format: 'pdf' }` with this value. Beside
   * a route of the same path without `query`, this route decides if the query can be read in one way only. If only some
   * servers would read the parameter (`?Rest.Route=`, a parameter twice), the stricter terms count. The content of a form is
   * not read.
   */
  query?: Record<string, true | string>
  /** Default: all. GET covers HEAD. A method that is not listed is refused with 403. */
  methods?: string[]
  /**
   * `same-host`: your billing answers here, behind the gate on a host of the zone, and signs its readers in with the cookie
   * `__Host-faregate`. Here alone the gate lets that cookie leave: if it holds an entitlement token that the zone honours, or
   * if it is removed. A free route without copies only.
   */
  billing?: 'same-host'
  /**
   * The protocol that requests speak here, if their content says what they ask for: each tool of an MCP server then has terms of its
   * own, and the route's terms are those of all else. No copies are kept.
   *
   * @example
   * ```ts zone
   * routes: [{ path: '/mcp', free: true, protocol: mcp({ tools: { search: { price: { amount: '0.01', currency: 'USD' } } } }) }],
   * ```
   */
  protocol?: ProtocolPlugin
}

/** Exactly one of `free`, `closed`, or `requires` and/or `price`. */
export interface TermsOptions extends PaymentOptions {
  /** Opens the path to anyone. */
  free?: true
  /** Closes the path to everyone. */
  closed?: true
  /** Any one of these entitlements opens the path. */
  requires?: string | string[]
  /**
   * The price of one request: a decimal string and an ISO 4217 code. With `per`, the amount is the price of one unit of that
   * name in `counts`, and a request costs the amount times its units.
   */
  price?: { amount: string; currency: string; per?: string }
  /** Whether a reader confirms the price if it is paid from credit with the cookie. Default `always`. */
  confirm?: ConfirmOptions
  /**
   * Describes the offer to a buyer. `false`: nothing on sale opens the path, and a request without the entitlement is
   * refused with 403.
   */
  offer?: { title?: string; description?: string } | false
  /**
   * The names of what the zone's `logins` sell that opens the path: a reader who is refused here chooses among these. Paid routes
   * only. Default: all that is sold.
   */
  offers?: string[]
  /** What is public of its pages. Paid routes only, whose copies all payers share. Default: as the zone says. */
  preview?: PreviewOptions | boolean
  /** The readers who share a copy. Default: `shared` for paid terms, `off` for free ones. */
  cache?: CacheOptions
  limits?: LimitOptions
  /**
   * The units that one request uses, by the name of a limit, or by its unit if no limit of that name applies: `{ requests:
   * 1, reports: 5 }`. Whole numbers; names that are not listed are not counted. Default `{ requests: 1 }`. Paid routes only.
   */
  counts?: Record<string, number>
  /** An account's quotas on this route. A limit of the same name in a token counts instead. Paid routes only. */
  quotas?: QuotaOptions[]
  /**
   * The rates at which an account or receipt may ask for this route: at most four, and all of them hold. A request above a
   * rate is answered 429 and not charged. Paid routes only.
   */
  rates?: RateOptions[]
  /**
   * Counts the units that a request uses besides being one request. An upper bound is reserved before the origin is asked,
   * and the used amount is committed afterwards. The meter counts for the limits of the token and the quotas here that have
   * its name or unit. A receipt pays for one request, whatever the request uses. Paid routes without copies only: `cache` is `off` then.
   * Default: none.
   *
   * @example
   * ```ts zone
   * routes: [{ path: '/query/*', requires: 'api', cache: 'off', meter: reported({ most: { rows: 1000 } }) }]
   * ```
   */
  meter?: MeterPlugin
  /** How requests with an `Idempotency-Key` are repeated. Paid routes only. */
  idempotency?: IdempotencyOptions
  /**
   * The status of a refusal whose credential is at fault (`credential-*`). `401` for clients that take only that for a wrong key.
   * Paid routes only. Default: `402`, or what the meter of the route says.
   */
  credentials?: 402 | 401
  /** Logs decisions before they are enforced. Paid routes only. */
  observe?: ObserveOptions
}

/** How a request is answered whose `Idempotency-Key` was used for the same request before. */
export interface IdempotencyOptions {
  /**
   * Keeps each answer to a request under a key in the account's ledger, for a day and up to 1 MiB, and sends it again if the
   * request is repeated. `false`: nothing is kept, and a repeat of what was delivered is answered 409, unless a stored copy
   * serves it. Default `true`.
   */
  keep: boolean
}

/**
 * Decides on each request, and logs the decision (`observed`), but serves as to an anonymous reader: the origin receives no
 * identity, nothing is charged, and no ledger is asked. Still refused are ambiguous targets, methods that the route does not
 * list, and every refusal with 503.
 */
export interface ObserveOptions {
  /**
   * RFC 3339, such as `2026-12-31T00:00:00Z`. The terms are enforced from then on, without a deploy; open streams are
   * closed.
   */
  until: string
  /**
   * True to serve only who presents a genuine credential, whatever it would have opened. Needed beside a meter that adds a key of
   * yours to requests.
   */
  credentialed?: true
}

/**
 * `off`: the origin answers each request and receives the reader's identity. `shared`: one copy serves everyone who paid;
 * the origin gets no cookie, no `Authorization` and no identity. An object: a copy shared by everyone, or by readers with
 * the same `key`.
 */
export type CacheOptions = 'off' | 'shared' | CopyOptions

/** How copies of a response are kept: the readers who share one, its freshness, and what it depends on. */
export interface CopyOptions {
  /** One copy for each account, or for each plan. */
  key?: 'account' | 'plan'
  /**
   * How long a client may keep a paid response without asking again, in seconds: at most the revocation bound of 5. Default
   * 0.
   */
  maxAgeSeconds?: number
  /**
   * How long a copy is fresh. Default: as the origin says. A response that the origin marks `private` or `no-store` is never
   * stored.
   */
  fresh?: FreshOptions
  /** How long a stale copy may still be served. The origin's `must-revalidate` forbids it. */
  stale?: StaleOptions
  /**
   * The query parameters that count; `utm_*` stands for every name with that beginning. The others do not reach the origin.
   * Default: all count.
   */
  query?: { only: string[] } | { ignore: string[] }
  /** Removes `Set-Cookie` from the origin's response. Otherwise a response with `Set-Cookie` is not stored. */
  stripSetCookie?: boolean
  /**
   * Request fields that the origin always receives. It receives other fields only after it has named them in `Vary`, because
   * by any such field one reader could change the copy that everyone is served. List only fields that the origin ignores or
   * names in `Vary`.
   */
  requestFields?: string[]
  /** The largest stored response, in bytes. Default 16777216. */
  maxBytes?: number
}

/** The lifetime of a copy, in seconds. */
export interface FreshOptions {
  /** If the origin gives no lifetime. */
  defaultSeconds?: number
  /** The longest lifetime, whatever the origin says. */
  mostSeconds?: number
  /** The lifetime, whatever the origin says. */
  alwaysSeconds?: number
  /** If the origin gives `Last-Modified` only: a tenth of the time since then, at most this (RFC 9111 §4.2.2). */
  heuristicSeconds?: number
}

/** How long a stale copy may be served, in seconds. */
export interface StaleOptions {
  /** During a revalidation, if the origin does not say. Default 0. */
  whileRevalidateSeconds?: number
  /** While the origin cannot be reached, if the origin does not say. Default 3600. */
  ifErrorSeconds?: number
}
