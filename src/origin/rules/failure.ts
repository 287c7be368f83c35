/**
 * The reason for the lack of an answer. `origin-unreachable`: no server could be reached. `origin-timeout`: none answered
 * in time. `overloaded`: all have as many requests as they may. `misconfigured`: the configuration cannot be used.
 * `request-malformed`: the client's content broke off. `request-timeout`: the client's content did not come in time.
 */
export type OriginFailure =
  | 'origin-unreachable'
  | 'origin-timeout'
  | 'overloaded'
  | 'misconfigured'
  | 'request-malformed'
  | 'request-timeout'
