import type { Fields } from './rules/exchange.ts'
import type { Zone } from '../zone.ts'

/** By whom an answer may be read with the reader's cookie: pages of the origins that the zone names. */
export interface Readers {
  readonly zone: Pick<Zone, 'origins'>
  /** Of the request. */
  readonly fields: Fields
}

/**
 * Lets the page that asks read the answer, its cookie included, where the zone names its origin exactly (Fetch §3.3.3): in
 * place of what stands there for everyone. False for all other pages.
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

/** What a program in a browser may read of any answer of ours. */
export const EXPOSED_FIELDS =
  'WWW-Authenticate, Link, Retry-After, ETag, Age, Cache-Status, RateLimit, RateLimit-Policy, Server-Timing, Content-Range, Accept-Ranges, Location'
