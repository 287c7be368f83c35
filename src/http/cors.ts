import type { Fields } from './rules/exchange.ts'
import type { Zone } from '../zone.ts'

/** The origins whose pages may read an answer with the reader's cookie, and the fields of the request. */
export interface Readers {
  readonly zone: Pick<Zone, 'origins'>
  readonly fields: Fields
}

/**
 * Lets the requesting page read the answer, cookie included, if the zone names its origin exactly (Fetch §3.3.3).
 * Replaces the permission for everyone. Adds `Vary: Origin` if the zone names any. Returns false for all other pages.
 */
export function allowCredentials(headers: Headers, { zone: { origins }, fields }: Readers): boolean {
  if (origins.size === 0) return false
  headers.append('Vary', 'Origin')
  const origin = fields.get('origin')
  if (origin === null || !origins.has(origin)) return false
  headers.set('Access-Control-Allow-Origin', origin)
  headers.set('Access-Control-Allow-Credentials', 'true')
  return true
}

/** The response fields that a program in a browser may read in any answer of ours. */
export const EXPOSED_FIELDS =
  'WWW-Authenticate, Link, Retry-After, ETag, Age, Cache-Status, RateLimit, RateLimit-Policy, Server-Timing, Content-Range, Accept-Ranges, Location, Idempotency-Replayed, Faregate-Charge'
