import { type Exchange, type Fields, isSafe, isUpgrade } from '../http/rules/exchange.ts'

/**
 * What a browser or a proxy adds to a request by itself (every cookie, `Authorization: Basic`, `Cf-Access-Jwt-Assertion`)
 * travels without its owner's will: another site may have had the request made. How the request came about says how far such
 * a credential goes: by Fetch Metadata (`Sec-Fetch-Site`, `-Mode`, `-Dest`), which no page can write, and in browsers that do
 * not send it by `Origin`, else `Referer`. What a client sends of its own, as a bearer token, goes as far as it says.
 */

/**
 * How far it goes, each as far as those before it. `read`: to what costs nothing. `count`: to quotas. `tell`: to what only the
 * account is told. `spend`: to prices.
 */
export type Authority = 'read' | 'count' | 'tell' | 'spend'

/** `host-cookie`: a cookie whose name begins with `__Host-`. Any other may have been set by another host of the site. */
export type Carrier = 'host-cookie' | 'other'

/**
 * How far a credential goes that came by itself; undefined where it authorises nothing: an unsafe method or an upgrade that no
 * page of ours began, nor for a `host-cookie` the address bar. `origins`: whose pages the operator lets read.
 */
export function authorityOf(exchange: Exchange, carrier: Carrier, origins: ReadonlySet<string>): Authority | undefined {
  const { method, fields } = exchange
  const isHarmless = isSafe(method) && !isUpgrade(fields)
  if (isFromHere(exchange, carrier)) return isHarmless && !hasMetadata(fields) ? 'tell' : 'spend'
  if (!isHarmless) return undefined
  return isOpened(fields) || isNamed(fields, origins) || isUnknown(fields) ? 'count' : 'read'
}

/** True where a page of ours, the address bar or a bookmark began the request. What cannot be known is not from here. */
export function isFromHere({ fields, origin }: Exchange, carrier: Carrier): boolean {
  if (hasMetadata(fields)) {
    const site = fields.get('sec-fetch-site')
    return site === 'same-origin' || (site === 'none' && carrier === 'host-cookie')
  }
  const sent = fields.get('origin')
  return sent === null ? fields.get('referer')?.startsWith(`${origin}/`) === true : sent === origin
}

function hasMetadata(fields: Fields): boolean {
  return METADATA.some((name) => fields.get(name) !== null)
}

const METADATA = ['sec-fetch-site', 'sec-fetch-mode', 'sec-fetch-dest'] as const

/**
 * A page is opened where its reader sees it, from whatever site. A frame is never a `document`. `Sec-Fetch-User` is not asked
 * for: a redirect by script or `<meta>` loses it.
 */
function isOpened(fields: Fields): boolean {
  return fields.get('sec-fetch-mode') === 'navigate' && fields.get('sec-fetch-dest') === 'document'
}

/** No page can write `Origin`: this one's may read. */
function isNamed(fields: Fields, origins: ReadonlySet<string>): boolean {
  return origins.size > 0 && origins.has(fields.get('origin') ?? '')
}

function isUnknown(fields: Fields): boolean {
  return !hasMetadata(fields) && fields.get('origin') === null && fields.get('referer') === null
}
