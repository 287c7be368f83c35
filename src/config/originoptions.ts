import type { LimitOptions } from './timelimits.ts'

/** Where a zone's pages come from. */
export interface OriginOptions {
  /** Each may answer any request of the zone. */
  servers: ServerOptions[]
  /** Default time limits of all routes. */
  limits?: LimitOptions
  /**
   * Which server gets a request. `weight`: any, by lot. `hash`: the same one for the same path or account, so that what it
   * keeps in memory is of use; where the origin is not told the account, by path. Default: `weight`.
   */
  choose?: 'weight' | { hash: 'path' | 'account' }
  /** When a server that fails gets no more requests, and for how long. */
  health?: HealthOptions
  /** Whether a request that one server failed is sent to another. */
  retries?: RetryOptions | false
  /**
   * The host that servers are asked by: that of the zone, or their own. A site that redirects to its public address where it is
   * asked by another (WordPress, Ghost) wants the zone's; a server of many sites wants its own. The other is told in
   * `X-Forwarded-Host` in any case. `zone` is for Cloudflare, and for servers whose host is proxied in the same zone of
   * Cloudflare's; elsewhere, give the server by a binding: those are asked by the zone's host always. Default: `zone` for
   * servers below the domain of the first host, where Workers Cache is on; else `server`.
   */
  host?: 'zone' | 'server'
  /**
   * Fields that each request to the servers carries, and that no client can send: how the origin knows the gate as a reader
   * who may see everything. A value, or the name of a secret that is the value: `{ 'x-reader-key': { secret: 'READER_KEY' } }`.
   */
  fields?: Record<string, string | { secret: string }>
  /** Signs what is sent to the servers, so that they can refuse whoever comes past the gate. */
  sign?: SignOptions
}

/** A server by URL, or a Worker by the name of its service binding. */
export type ServerOptions = ({ url: string } | { binding: string }) & {
  /** Its share of the requests, against the others' weights: a whole number. 0 drains it. Default 1. */
  weight?: number
  /** Where it should answer sooner than the route allows: the time left is for another server. The shorter limit holds. */
  limits?: { connectSeconds?: number; responseSeconds?: number }
  /**
   * How many requests it may be working on at once, response bodies included. Beyond that others are asked; where all
   * have as many as they may, the answer is 503 `overloaded`. Each isolate of the gate counts for itself.
   */
  maxConcurrent?: number
}

/**
 * No connection, no response in time, 502, 503 and 504 are failures. After an ejection one request tries the server; when
 * it is answered, the server takes its share again. Each isolate of the gate learns this for itself, from answers alone.
 */
export interface HealthOptions {
  /** It is ejected when its failures outnumber its successes by this. Default 3. */
  failures?: number
  /** The first ejection. The next one is twice as long. Default 5. */
  ejectSeconds?: number
  /** The longest ejection. Default 60. */
  maxEjectSeconds?: number
}

/**
 * Only requests without a body whose method is idempotent (not POST or PATCH) are sent again, to another server, before
 * anything was sent to the client, and within the route's `responseSeconds`.
 */
export interface RetryOptions {
  /** For one request. Default 2. */
  most?: number
  /** So many retries for each hundred requests. A thousand can be saved up, ten are there at the start. Default 20. */
  budgetPercent?: number
}

/** Each request carries a JWT of its own in `Faregate-Assertion`: `docs/origins.md` says what it holds. */
export interface SignOptions {
  /**
   * Names the environment's secret: a private key as a JWK (RFC 7517), EC P-256 for ES256 or Ed25519, or, shared with the
   * servers, at least 32 bytes for HS256.
   */
  key: string
  /** `kid` of the assertions. Default: the one of the JWK, if it has one. */
  keyId?: string
  /** How long a server may take an assertion for good. Default 30. */
  lifetimeSeconds?: number
}
