/**
 * Reads tokens from places that the operator names.
 *
 * WebSockets in browsers and old API clients cannot set `Authorization: Bearer`. Each of them can send a token somewhere else. Every place here can be found, can be removed from the request to the origin, and says
 * whether browsers and proxies fill it in by themselves. Only deliberate places count as the client's own act.
 */
import type { Carrier } from '../access/authority.ts'
import { type Exchange, type Fields, isUpgrade } from '../http/rules/exchange.ts'
import { isSameField } from '../http/rules/fields.ts'
import { refusal, type Refusal } from '../core/problem.ts'
import { err, ok, type Result } from '../core/result.ts'

/**
 * A place for a token besides `Authorization: Bearer` and the gate's cookie, for clients that can send a token nowhere else.
 * The operator names the places; their content is the gate's and does not reach the origin.
 */
export type TokenPlace =
  /** The whole of a field: `X-Api-Key`. */
  | { readonly field: string }
  /** `Authorization` under another scheme: `Token`. */
  | { readonly scheme: string }
  /** The password of `Authorization: Basic`, with any user name. */
  | { readonly basic: 'password' }
  /** Another cookie. */
  | { readonly cookie: string }
  /** The subprotocol that a WebSocket asks for after this one: `new WebSocket(url, ['bearer', token])`. */
  | { readonly webSocketProtocol: string }

/** Finds and removes the token in one place. */
export interface PlaceReader {
  /** The field that the place is in. */
  readonly field: string
  /** Present if browsers or proxies send the place by themselves, whichever site caused the request. */
  readonly carrier?: Carrier
  /** Returns undefined if the place holds no token. */
  find(exchange: Exchange): Result<string, Refusal> | undefined
  /** Removes the token from `fields`. */
  strip(fields: Headers): void
  /** Returns the subprotocol that answers the handshake. */
  protocolOf?(exchange: Exchange): string | undefined
  /** True for a place that clients fill beside `Authorization`, with the same key or with a placeholder. */
  readonly isBesideBearer?: true
}

/**
 * Sorts readers: those that clients fill on purpose come before the gate's own cookie, and ambient ones come last. Among
 * equals the order stays.
 */
export function inReadingOrder(places: readonly PlaceReader[]): readonly PlaceReader[] {
  const rank = ({ carrier }: PlaceReader): number => (carrier === undefined ? 0 : carrier === 'host-cookie' ? 1 : 2)
  return places.toSorted((one, other) => rank(one) - rank(other))
}

/** Returns the reader of a place. */
export function placeOf(place: TokenPlace): PlaceReader {
  if ('field' in place) return fieldPlace(place.field)
  if ('scheme' in place) return schemePlace(place.scheme)
  if ('cookie' in place) return cookiePlace(place.cookie)
  return 'basic' in place ? BASIC : protocolPlace(place.webSocketProtocol)
}

/** The fields that proxies add for every browser with a cookie of theirs. */
const WRITTEN_BY_PROXIES = new Set(['cf-access-jwt-assertion'])

function fieldPlace(field: string): PlaceReader {
  return {
    field,
    ...(WRITTEN_BY_PROXIES.has(field.toLowerCase()) && { carrier: 'other' as const }),
    find: ({ fields }) => tokenIn(fields.get(field) ?? '', field),
    strip(fields) {
      for (const name of Array.from(fields.keys())) if (isSameField(name, field)) fields.delete(name)
    },
  }
}

function schemePlace(scheme: string): PlaceReader {
  const read = (fields: Fields): string | undefined => afterScheme(fields.get('authorization'), scheme)
  return {
    field: 'Authorization',
    find: ({ fields }) => tokenIn(read(fields) ?? '', 'Authorization'),
    strip(fields) {
      if (read(fields) !== undefined) fields.delete('authorization')
    },
  }
}

const BASIC: PlaceReader = {
  field: 'Authorization',
  carrier: 'other',
  find({ fields }) {
    const password = passwordIn(fields)
    // Any other password is the origin's.
    return password !== undefined && isTokenLike(password) ? tokenIn(password, 'Authorization') : undefined
  },
  strip(fields) {
    const password = passwordIn(fields)
    if (password !== undefined && isTokenLike(password)) fields.delete('authorization')
  },
}

function passwordIn(fields: Fields): string | undefined {
  const credentials = afterScheme(fields.get('authorization'), 'basic')
  if (credentials === undefined) return undefined
  try {
    const pair = atob(credentials)
    const colon = pair.indexOf(':')
    return colon < 0 ? undefined : pair.slice(colon + 1)
  } catch {
    return undefined
  }
}

/** Returns true for a text of three parts, as a compact JWS has. */
export function isTokenLike(text: string): boolean {
  return text.split('.', 4).length === 3
}

/** Returns the credentials of this scheme, or undefined for another. Schemes ignore case (RFC 9110 §11.1). */
function afterScheme(authorization: string | null, scheme: string): string | undefined {
  if (authorization === null || authorization[scheme.length] !== ' ') return undefined
  if (authorization.slice(0, scheme.length).toLowerCase() !== scheme.toLowerCase()) return undefined
  return authorization.slice(scheme.length).trim()
}

function cookiePlace(cookie: string): PlaceReader {
  const hasName = (pair: string): boolean => pair.slice(0, Math.max(0, pair.indexOf('='))).trim() === cookie
  return {
    field: 'Cookie',
    carrier: 'other',
    find({ fields }) {
      const field = fields.get('cookie')
      if (field === null || !field.includes(cookie)) return undefined
      const values = field
        .split(';')
        .flatMap((pair) => (hasName(pair) ? [pair.slice(pair.indexOf('=') + 1).trim()] : []))
      return values.length > 1 ? ambiguous('Cookie') : tokenIn(values[0] ?? '', 'Cookie')
    },
    strip(fields) {
      const field = fields.get('cookie')
      if (field === null || !field.includes(cookie)) return
      const rest = field.split(';').filter((pair) => !hasName(pair))
      if (rest.length === 0) fields.delete('cookie')
      else fields.set('cookie', rest.join(';').trim())
    },
  }
}

const PROTOCOLS = 'Sec-WebSocket-Protocol'

function protocolPlace(protocol: string): PlaceReader {
  const isAsked = ({ fields }: Exchange): boolean => isUpgrade(fields) && offered(fields).includes(protocol)
  return {
    field: PROTOCOLS,
    find(exchange) {
      if (!isAsked(exchange)) return undefined
      const items = offered(exchange.fields)
      const at = items.indexOf(protocol)
      if (items.includes(protocol, at + 1)) return ambiguous(PROTOCOLS)
      return tokenIn(items[at + 1] ?? '', PROTOCOLS) ?? malformed(PROTOCOLS)
    },
    strip(fields) {
      const items = offered(fields)
      const rest = items.filter((item, at) => item !== protocol && items[at - 1] !== protocol)
      if (rest.length === items.length) return
      if (rest.length === 0) fields.delete(PROTOCOLS)
      else fields.set(PROTOCOLS, rest.join(', '))
    },
    protocolOf: (exchange) => (isAsked(exchange) ? protocol : undefined),
  }
}

function offered(fields: Fields): readonly string[] {
  const items = fields.get(PROTOCOLS)?.split(',') ?? []
  return items.map((item) => item.trim())
}

/** Reads one token, without commas or white space. An empty text is no credential. */
function tokenIn(text: string, field: string): Result<string, Refusal> | undefined {
  if (text === '') return undefined
  if (text.includes(',')) return ambiguous(field)
  return /\s/.test(text) ? malformed(field) : ok(text)
}

function ambiguous(field: string): Result<never, Refusal> {
  return err(
    refusal('credential-ambiguous', `The request has more than one value in "${field}".`, { check: 'spelling' }),
  )
}

function malformed(field: string): Result<never, Refusal> {
  return err(refusal('credential-malformed', `The "${field}" field is not one token.`, { check: 'spelling' }))
}
