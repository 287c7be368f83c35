/** What one account may use, and how often it may ask. */

/** So much in a window of time. A limit in the claim `limits` of a token has the same members. */
export interface QuotaOptions {
  /** Usage is counted under it: 1 to 64 characters of printable ASCII. Quotas of one name and several windows all hold. */
  name: string
  /** A whole number. */
  quota: number
  /** What is counted. Default `requests`. */
  unit?: string
  /** Whole seconds, or a day (`P1D`) or month (`P1M`) of the calendar in UTC. */
  window: number | 'P1D' | 'P1M'
  /** `fixed`: all comes back when a window ends. `sliding`: each use comes back a window later. Default `fixed`. */
  kind?: 'fixed' | 'sliding'
  /** When a fixed window begins, and all others with it: RFC 3339, or seconds since 1970. Default: 1970 itself. */
  anchor?: string | number
}

/** A rate limit of a route: the platform's, or the ledger's. Each request that is let through counts, whatever becomes of it. */
export type RateOptions = BoundRateOptions | ExactRateOptions

/**
 * A rate limit of the platform, which makes no call to a ledger. It counts about, and in each location for itself. Where it
 * fails or takes longer than a second, the request passes.
 */
export interface BoundRateOptions {
  /** The name under `[[ratelimits]]` in wrangler.toml, which also says how many requests it allows. */
  binding: string
  /** The period that is set there: what a refused client is told to wait. */
  seconds: 10 | 60
}

/**
 * So many requests in any so many seconds: never more, counted by the ledger, in the same call as quotas. A request may count
 * for a sixtieth of that time too long. Who lacks a quota or credit is refused for that, and takes nothing from the rate.
 */
export interface ExactRateOptions {
  /** A whole number, 1 to 1,000,000. */
  requests: number
  /** A whole number, 1 to 3600. What is to hold for longer is a quota. */
  seconds: number
}

/**
 * A browser sends the cookie by itself, so the reader confirms that a price is paid from credit: on the page that is shown in
 * place of what was opened, which names price and balance. Within five minutes the same page is then paid once, however often it
 * is opened. `always`: whoever began the request. `other-sites`: only where another site did, by a link or a redirect; what a page
 * of this site or the address bar begins is paid at once, scripts and methods other than GET too, and a browser that does not say
 * (no Fetch Metadata) is asked for each GET. A token in `Authorization` is never asked.
 */
export type ConfirmOptions = 'always' | 'other-sites'
