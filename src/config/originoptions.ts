import type { LimitOptions } from './timelimits.ts'

/** The servers of a zone's pages. */
export interface OriginOptions {
  /** The servers. Each may answer any request of the zone. */
  servers: ServerOptions[]
  /** The default time limits of all routes. */
  limits?: LimitOptions
  /**
   * How a server is chosen for a request. `weight`: by lot, weighted. `hash`: the same server for the same path or account,
   * so that its own caches stay useful; by path if the origin does not receive the account. Default: `weight`.
   */
  choose?: 'weight' | { hash: 'path' | 'account' }
  /** When a failing server receives no more requests, and for how long. */
  health?: HealthOptions
  /** Whether a request that failed on one server is sent to another. */
  retries?: RetryOptions | false
  /**
   * The `Host` of requests to servers: the zone's, or the server's own. Choose `zone` for a site that redirects other hosts
   * to its public address (WordPress, Ghost), `server` for a server of many sites. `X-Forwarded-Host` carries the other
   * host. `zone` works on Cloudflare, for servers whose host is proxied in the same zone of Cloudflare's. Elsewhere give the
   * server as a binding, which always receives the zone's host. Default: `zone` for servers below the domain of the first
   * host if Workers Cache is on; else `server`.
   */
  host?: 'zone' | 'server'
  /**
   * Fields added to each request to the servers. No client can send them, so the origin may take them for the gate's proof
   * of full access. The value is a text, or names a secret: `{ 'x-reader-key': { secret: 'READER_KEY' } }`.
   */
  fields?: Record<string, string | { secret: string }>
  /** Signs requests to the servers, so that servers can refuse requests that bypass the gate. */
  sign?: SignOptions
}

/** A server by URL, or a Worker by the name of its service binding. */
export type ServerOptions = ({ url: string } | { binding: string }) & {
  /** The server's weight among the others: a whole number. 0 drains the server. Default 1. */
  weight?: number
  /** Shorter limits for this server, which leave time for another one. The shorter limit holds. */
  limits?: { connectSeconds?: number; responseSeconds?: number }
  /**
   * The greatest number of concurrent requests, response bodies included. Further requests go to other servers; if all are
   * full, the answer is 503 `overloaded`. Each isolate of the gate counts for itself.
   */
  maxConcurrent?: number
}

/**
 * Failures are: no connection, no response in time, 502, 503 and 504. After an ejection one request tries the server, and an
 * answer restores its share. Each isolate of the gate learns this for itself, from answers alone.
 */
export interface HealthOptions {
  /** Failures in excess of successes before a server is ejected. Default 3. */
  failures?: number
  /** The first ejection, in seconds. Each further one is twice as long. Default 5. */
  ejectSeconds?: number
  /** The longest ejection, in seconds. Default 60. */
  maxEjectSeconds?: number
}

/**
 * Requests are retried only without a body, with an idempotent method (not POST or PATCH), on another server, before the
 * client received anything, and within the route's `responseSeconds`.
 */
export interface RetryOptions {
  /** Retries of one request. Default 2. */
  most?: number
  /** Retries for each hundred requests. A thousand can be saved up, ten are available at the start. Default 20. */
  budgetPercent?: number
}

/** Adds to each request a JWT of its own in `Faregate-Assertion`: `docs/origins.md` describes its claims. */
export interface SignOptions {
  /**
   * Names the environment's secret: a private key as a JWK (RFC 7517), EC P-256 for ES256 or Ed25519; or a key shared with
   * the servers, at least 32 bytes, for HS256.
   */
  key: string
  /** `kid` of the assertions. Default: the JWK's own, if it has one. */
  keyId?: string
  /** The lifetime of an assertion, in seconds. Default 30. */
  lifetimeSeconds?: number
}
