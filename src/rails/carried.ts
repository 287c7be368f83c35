/**
 * Reads the credentials of a request, once for all rails of its site.
 *
 * Each rail names the places of its credentials. If each also read them, one field would be parsed several times, and two
 * rails could take two credentials of one request for the account's. So all places are read here, in one order: first those
 * that clients fill on purpose, then those that browsers and proxies fill. The first credential counts, whichever rail it
 * belongs to.
 */
import { type Authority, authorityOf, type Carrier } from '../access/authority.ts'
import type { TokenKind } from '../access/issuer.ts'
import { readBearer } from '../http/rules/authorization.ts'
import type { Exchange } from '../http/rules/exchange.ts'
import { refusal, type Refusal } from '../core/problem.ts'
import { err, type Result } from '../core/result.ts'
import { EXPOSED, isExposed } from '../tokens/bearer.ts'
import { kindOf, takesReceipts } from '../tokens/kind.ts'
import type { Zone } from '../zone.ts'
import { inReadingOrder, isTokenLike, type PlaceReader } from './places.ts'
import type { Carried, Rail, SentCredential, SentKind } from './rail.ts'

/** How the credentials of a site are read. */
export interface CredentialReading {
  readonly zone: Zone
  /** The places of all rails, in the order of reading. */
  readonly places: readonly PlaceReader[]
  /** True if a credential may be sent twice: in `Authorization`, and in a place beside it. */
  readonly isBesideBearer: boolean
  /** Of the rails whose credentials the gate itself issues. */
  readonly recognise: readonly NonNullable<Rail['recognise']>[]
}

type RailPlaces = Pick<Rail, 'places' | 'recognise'>

/** Returns how the credentials of these rails are read. */
export function readingOf(zone: Zone, rails: readonly RailPlaces[]): CredentialReading {
  return {
    zone,
    isBesideBearer: rails.some(({ places = [] }) => places.some((place) => place.isBesideBearer === true)),
    // Two rails may share a place.
    places: inReadingOrder([...new Set(rails.flatMap(({ places = [] }) => places))]),
    recognise: rails.flatMap(({ recognise }) => recognise ?? []),
  }
}

/** Returns the kind of a token that was verified before and is remembered. Such a token is not decoded again. */
export type RememberedKind = (token: string, zone: Zone) => TokenKind | undefined

/** Finds the credentials of a request. */
export function readCredentials(
  exchange: Exchange,
  reading: CredentialReading,
  rememberedKind?: RememberedKind,
): Pick<Carried, 'receipt' | 'sent'> {
  const bearer = bearerIn(exchange, reading, rememberedKind)
  if (bearer === undefined || bearer.kind === 'payment')
    return { receipt: bearer, sent: inPlaces(exchange, reading, rememberedKind) }
  return { receipt: undefined, sent: isExposed(exchange) ? { ...bearer, token: err(EXPOSED) } : besides(bearer) }

  /** Returns the bearer token, unless a place beside it holds another: then that if the first is a placeholder, or else neither. */
  function besides(first: SentCredential): SentCredential {
    if (!reading.isBesideBearer) return first
    const other = inPlaces(exchange, reading, rememberedKind, isDeliberate)
    if (other === undefined || !other.token.ok || !first.token.ok || other.token.value === first.token.value)
      return first
    const isPlaceholder = first.kind === 'entitlement' && !isTokenLike(first.token.value)
    return isPlaceholder ? other : { ...first, token: err(TWO_TOKENS) }
  }
}

const isDeliberate = ({ carrier, field }: PlaceReader): boolean => carrier === undefined && field !== 'Authorization'

const TWO_TOKENS = refusal('credential-ambiguous', 'The request has two different credentials, in two fields.', {
  check: 'spelling',
})

function bearerIn(
  { fields }: Exchange,
  reading: CredentialReading,
  rememberedKind: RememberedKind | undefined,
): SentCredential | undefined {
  const token = readBearer(fields.get('authorization'))
  if (token === undefined) return undefined
  const kind = issuedKind(token, reading) ?? signedKind(token, reading, rememberedKind)
  return { token, kind, field: 'Authorization', authority: undefined }
}

function issuedKind(token: Result<string, Refusal>, { recognise }: CredentialReading): SentKind | undefined {
  if (!token.ok) return undefined
  for (const look of recognise) {
    const kind = look(token.value)
    if (kind !== undefined) return kind
  }
  return undefined
}

function signedKind(
  token: Result<string, Refusal>,
  { zone }: CredentialReading,
  rememberedKind: RememberedKind | undefined,
): SentKind {
  return token.ok && takesReceipts(zone) ? kindOf(token.value, rememberedKind?.(token.value, zone)) : 'entitlement'
}

/**
 * Reads the places in order. Skips a receipt, which its rail takes from elsewhere; the gate's own cookie holds nothing but
 * accounts' credentials. Refuses everything that came over plain http.
 */
function inPlaces(
  exchange: Exchange,
  reading: CredentialReading,
  rememberedKind: RememberedKind | undefined,
  isMeant: (place: PlaceReader) => boolean = () => true,
): SentCredential | undefined {
  for (const place of reading.places) {
    if (!isMeant(place)) continue
    const token = place.find(exchange)
    if (token === undefined) continue
    const isOwn = place.carrier === 'host-cookie'
    const kind = issuedKind(token, reading) ?? (isOwn ? 'entitlement' : signedKind(token, reading, rememberedKind))
    if (kind === 'payment') continue
    const found = { field: place.field, kind, ...boundTo(place.carrier, token, exchange, reading.zone) }
    return isExposed(exchange) ? { ...found, token: err(EXPOSED) } : found
  }
  return undefined
}

/** Limits an ambient token to the request's authority. Refuses the token if there is none. */
function boundTo(
  carrier: Carrier | undefined,
  token: Result<string, Refusal>,
  exchange: Exchange,
  zone: Zone,
): { readonly token: Result<string, Refusal>; readonly authority: Authority | undefined; readonly carrier?: Carrier } {
  if (carrier === undefined) return { token, authority: undefined }
  const authority = authorityOf(exchange, carrier, zone.origins)
  return { token: token.ok && authority === undefined ? err(FROM_ELSEWHERE) : token, authority, carrier }
}

const FROM_ELSEWHERE = refusal(
  'payment-required',
  'The credential was sent from another site, where it authorises neither this method nor an upgrade.',
  { check: 'presented' },
)
