/**
 * Where ledgers are kept. Only a platform with places uses this: on Cloudflare these are the jurisdiction and the location
 * hint of Durable Objects.
 *
 * @example
 * ```ts options
 * ledger: { jurisdiction: 'eu', locationHint: 'weur' }
 * ```
 */
export interface LedgerOptions {
  /**
   * The jurisdiction in which ledgers run and are stored. It is fixed at the first deploy: the same account has another,
   * empty ledger in another jurisdiction, and a receipt could be spent there once more.
   */
  jurisdiction?: 'eu' | 'us' | 'fedramp' | 'fedramp-high'
  /**
   * The region near which new ledgers are created. It counts only when a ledger is created, and is no promise.
   * Default: near the first request.
   */
  locationHint?: 'wnam' | 'enam' | 'sam' | 'weur' | 'eeur' | 'apac' | 'apac-ne' | 'apac-se' | 'oc' | 'afr' | 'me'
}

/**
 * The options of all ledgers of a deployment.
 *
 * @example
 * ```ts options
 * ledger: { jurisdiction: 'eu', history: 400 }
 * ```
 */
export interface LedgersOptions extends LedgerOptions {
  /**
   * The days for which a ledger keeps each charge, from 1 to 400. Older charges are written over, once billing has them; the
   * sums of each day stay for thirteen months. Default: 35.
   */
  history?: number
}
