/**
 * The record of changes that billing reports after tokens were signed. Each zone has one object with the record, and every
 * isolate reads from there.
 */
export interface StandingOptions {
  /**
   * The greatest age of an isolate's copy of the record, in seconds: 1 to 60, default 5. Metered routes see a change at
   * once.
   */
  boundSeconds?: number
  /**
   * The answer to a token while the record cannot be read. Default `refuse`: 503. `serveSeconds`: the last known state
   * serves for that long. An isolate that has never read the record refuses in any case.
   */
  whenUnavailable?: 'refuse' | { serveSeconds: number }
}
