/** How a route is paid for by rails that move money, in place of each request by itself. */
export interface PaymentOptions {
  /**
   * What a machine payment may buy at once, at most three: many requests, a time of free passage, or prepaid credit, for which no
   * further payment has to be settled. Only with a `price` of each request, and the rail `packs()`.
   */
  packs?: PackOptions[]
  /** The names of the rails whose payments count here, as `['x402']`. Default: all of the zone. */
  pay?: string[]
  /**
   * When a payment is settled: `head`, once the origin's answer has begun well, so that a failed answer costs nothing; `before`
   * the origin is asked, where its work is costly or cannot be undone: the same payment is then good for further tries.
   * Default `head`.
   */
  settle?: 'head' | 'before'
}

/** One pack: its price is a decimal string in the currency of the route. Exactly one of `uses`, `pass` and `credit`. */
export interface PackOptions {
  amount: string
  /** So many requests, the first included: 2 to 1,000,000. */
  uses?: number
  /** Free passage for this time from the first request: ISO 8601, as `PT1H`, at most 30 days. */
  pass?: string
  /**
   * Prepaid credit for the account whose token comes beside the payment: `amount` less the price of the request that pays, so it
   * has to be more than that. Offered to accounts alone.
   */
  credit?: true
}
