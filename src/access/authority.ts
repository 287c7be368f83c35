import { type Exchange, type Fields, isSafe, isUpgrade } from '../http/rules/exchange.ts'

/**
 * Bounds the credentials that a browser or a proxy adds by itself: every cookie, `Authorization: Basic`,
 * `Cf-Access-Jwt-Assertion`.
 *
 * Such a credential travels without its owner's will: another site may have caused the request, and could so spend the
 * owner's money (CSRF). The circumstances of the request therefore bound the credential: Fetch Metadata (`Sec-Fetch-Site`,
 * `-Mode`, `-Dest`), which no page can write; in browsers that do not send it, `Origin`, else `Referer`. A credential that a
 * client sends on purpose, as a bearer token, has no such bound.
 */

/**
 * The bound of such a credential; each level includes those before it. `read`: free content. `count`: quotas. `tell`: facts
 * that only the account may learn. `spend`: prices.
 */
export type Authority = 'read' | 'count' | 'tell' | 'spend'

/** `host-cookie`: a cookie whose name begins with `__Host-`. Another host of the site may have set any other cookie. */
export type Carrier = 'host-cookie' | 'other'

/**
 * Returns how far a credential goes that a browser or proxy added. Undefined if it authorises nothing: for an unsafe method
 * or an upgrade that no page of ours began; a `host-cookie` may also come from the address bar. `origins` are other sites
 * whose pages the operator allows to read.
 */
export function authorityOf(exchange: Exchange, carrier: Carrier, origins: ReadonlySet<string>): Authority | undefined {
  const { method, fields } = exchange
  const isHarmless = isSafe(method) && !isUpgrade(fields)
  if (isFromHere(exchange, carrier)) return isHarmless && !hasMetadata(fields) ? 'tell' : 'spend'
  if (!isHarmless) return undefined
  return isOpened(fields) || isNamed(fields, origins) || isUnknown(fields) ? 'count' : 'read'
}

/**
 * Returns true if a page of ours began the request or, for a `host-cookie`, the address bar or a bookmark did. Returns false
 * if the origin of the request is unknown.
 */
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
 * Returns true if the reader opens the page in view, from any site. A frame is never a `document`. `Sec-Fetch-User` is not
 * required: a redirect by script or `<meta>` loses it.
 */
function isOpened(fields: Fields): boolean {
  return fields.get('sec-fetch-mode') === 'navigate' && fields.get('sec-fetch-dest') === 'document'
}

/** Returns true if the page of another site that the operator named sent the request: no page can write `Origin`. */
function isNamed(fields: Fields, origins: ReadonlySet<string>): boolean {
  return origins.size > 0 && origins.has(fields.get('origin') ?? '')
}

function isUnknown(fields: Fields): boolean {
  return !hasMetadata(fields) && fields.get('origin') === null && fields.get('referer') === null
}
