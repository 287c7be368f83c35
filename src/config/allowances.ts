/** The options that limit an account: quotas, rates and confirmation. */

/** A number of units in a window of time. A limit in a token's claim `limits` has the same members. */
export interface QuotaOptions {
  /**
   * The name under which usage is counted: 1 to 64 characters of printable ASCII. If quotas share a name and differ in
   * windows, all of them hold.
   */
  name: string
  /** A whole number. */
  quota: number
  /** The unit that is counted. Default `requests`. */
  unit?: string
  /** Whole seconds, or a day (`P1D`) or month (`P1M`) of the calendar in UTC. */
  window: number | 'P1D' | 'P1M'
  /** `fixed`: the whole quota returns when a window ends. `sliding`: each use returns one window later. Default `fixed`. */
  kind?: 'fixed' | 'sliding'
  /** The begin of one fixed window, from which all others follow: RFC 3339, or seconds since 1970. Default: 1970 itself. */
  anchor?: string | number
}

/** A rate limit of a route: the platform's, or the ledger's. Every admitted request counts, whatever its outcome. */
export type RateOptions = BoundRateOptions | ExactRateOptions

/**
 * A rate limit of the platform, without a call to a ledger. It counts approximately, and separately in each location. A
 * request passes if the limit fails or takes longer than a second.
 */
export interface BoundRateOptions {
  /** The name under `[[ratelimits]]` in wrangler.toml. The number of requests is configured there. */
  binding: string
  /** The period configured there, in seconds. A refused client is told to wait for it. */
  seconds: 10 | 60
}

/**
 * A number of requests in any period of that length. The ledger counts exactly, in the same call as quotas: the limit is
 * never exceeded, and a request may count for a sixtieth of the period too long. A request refused for a quota or credit
 * does not count.
 */
export interface ExactRateOptions {
  /** A whole number, 1 to 1,000,000. */
  requests: number
  /** A whole number, 1 to 3600. For a longer period use a quota. */
  seconds: number
}

/**
 * When a reader confirms a price that is paid from credit with the cookie. Browsers send the cookie by themselves, so the
 * gate first shows a page that names price and balance; the reader confirms there. Within five minutes the same page is then
 * paid once, however often it is opened.
 *
 * - `always`: every price is confirmed.
 * - `other-sites`: a price is confirmed only if another site began the request, by a link or a redirect. A request from a
 *   page of this site or from the address bar is paid at once, including scripts and methods other than GET. A browser
 *   without Fetch Metadata confirms each GET.
 *
 * A token in `Authorization` is never asked to confirm.
 */
export type ConfirmOptions = 'always' | 'other-sites'
