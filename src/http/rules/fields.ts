/** Decides by name which header fields pass the gate. */
import { isIdentity, isOverride } from './overrides.ts'

/** RFC 9110 §7.6.1, and the fields that older implementations treat alike. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authorization',
  'proxy-authenticate',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
])

/** Credentials of rails. An origin never gets them, whichever rails a zone has. */
const PAYMENT = new Set([
  'payment',
  'payment-signature',
  'payment-authorization',
  'accept-payment',
  'x-payment',
  'sign-in-with-x',
  'crawler-exact-price',
  'crawler-max-price',
])

/** Fields that frame a message, or name its sender and receiver. They pass under their exact name only. */
const FRAMING = new Set([
  'authorization',
  'content-encoding',
  'content-length',
  'content-type',
  'cookie',
  'expect',
  'host',
  'traceparent',
  'upgrade',
  'x-forwarded-for',
])

/** Folds a name as CGI-like origins do: they read `X_Original_URL` and `X.Original.URL` as `X-Original-URL`. */
function foldName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '-')
}

/**
 * Registered request fields, and those of browsers and tracing. None of them makes a server take a request for another
 * one. Fields that hold a target by definition (`Destination`, `Link`, `Content-Location`, …) are left out, except
 * `Referer`.
 */
const STANDARD = new Set(
  `accept accept-charset accept-encoding accept-language accept-datetime accept-patch accept-post access-control-request-headers
  access-control-request-method access-control-request-private-network authorization baggage b3 cache-control cdn-loop
  cf-connecting-ip cf-ipcountry cf-ray cf-visitor cf-worker content-digest content-disposition content-encoding content-language
  content-length content-range content-security-policy content-type cookie date depth device-memory dnt downlink early-data ect expect
  forwarded-for from hx-boosted hx-current-url hx-request hx-target hx-trigger idempotency-key if-match if-modified-since
  if-none-match if-range if-unmodified-since last-event-id max-forwards origin overwrite pragma prefer priority purpose range
  referer repr-digest rtt save-data sentry-trace signature signature-input timeout traceparent tracestate upgrade
  upgrade-insecure-requests user-agent via want-content-digest want-repr-digest warning x-csrf-token x-forwarded-for
  x-request-id x-requested-with`.split(/\s+/),
)
const BROWSERS_OWN = /^sec-(?:ch|fetch|gpc|purpose|websocket)(?:-[a-z0-9-]+)?$/

/** Returns true for a request field, in lower case, that passes by its name alone, with any value. */
export function isStandard(name: string): boolean {
  return STANDARD.has(name) || BROWSERS_OWN.test(name)
}

/** Returns false for a request field that must not reach an origin, whoever sent it. */
export function reachesOrigin(name: string): boolean {
  if (STANDARD.has(name)) return true
  const known = foldName(name)
  if (known !== name.toLowerCase() && FRAMING.has(known)) return false
  if (known.startsWith('faregate-') || isOverride(known) || PAYMENT.has(known)) return false
  return !HOP_BY_HOP.has(known)
}

/** The fields that the gate writes for its servers. */
export type GivenFields = readonly (readonly [name: string, value: string])[]

/**
 * Returns true if only the gate may write this field, in whatever spelling: no client speaks to the servers in its name.
 */
export function isGiven(name: string, given: GivenFields): boolean {
  return given.some(([ours]) => isSameField(ours, name))
}

/** Returns true for two names that CGI-like origins read as one. */
export function isSameField(one: string, other: string): boolean {
  return foldName(one) === foldName(other)
}

/**
 * Returns true for a request field that an operator may have the gate write for its servers. Excluded are the fields by
 * which the gate itself states the target, the client and the framing. An operator may state an identity that the servers
 * know.
 */
export function mayBeGiven(name: string): boolean {
  const known = foldName(name)
  if (PERSONAL.has(known)) return true
  return (isIdentity(known) || reachesOrigin(known)) && !FRAMING.has(known) && !FOR_ANY_COPY.has(known)
}

/** Returns true for a field, in lower case, that an operator may let pass although some servers route by it. */
export function mayBeAllowed(name: string): boolean {
  return reachesOrigin(name) || (isOverride(name) && !PAYMENT.has(name) && !HOP_BY_HOP.has(name))
}

/**
 * Fields that any request for a shared copy may carry to the origin: those on how the answer travels, and the gate's own.
 */
const FOR_ANY_COPY = new Set([
  'accept-encoding',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'range',
  'traceparent',
  'faregate-assertion',
  'faregate-entitlements',
  'faregate-plan',
  'faregate-subject',
  'x-forwarded-host',
  'x-forwarded-proto',
])

/**
 * Returns true for a field that may go with any request for a shared copy: one reader cannot change the copy of all by
 * it.
 */
export function suitsAnyCopy(name: string): boolean {
  return FOR_ANY_COPY.has(name)
}

/** Fields that identify the reader. No shared copy may depend on them. */
const PERSONAL = new Set(['authorization', 'cookie'])

/** Returns true for a request field, in lower case, that a route may let pass to the origin of a shared copy. */
export function mayBeListed(name: string): boolean {
  return !PERSONAL.has(name) && reachesOrigin(name)
}

const FIELD_NAME = /^[\w!#$%&'*+.^`|~-]+$/

/** Returns true for a token (RFC 9110 §5.1). `Headers` throws when asked for any other name. */
export function isFieldName(name: string): boolean {
  return FIELD_NAME.test(name)
}

/** Trims OWS (RFC 9110 §5.6.3) at both ends. Other characters that JavaScript trims may mean something here. */
export function trimOws(text: string): string {
  return trimOwsEnd(text).replace(/^[ \t]+/, '')
}

/** Trims OWS at the end, in linear time. A pattern such as /x+$/ would scan n spaces n times. */
export function trimOwsEnd(text: string): string {
  let end = text.length
  while (end > 0 && (text[end - 1] === ' ' || text[end - 1] === '\t')) end--
  return text.slice(0, end)
}

/** Returns the fields named by a `Connection` field, which end at the next hop (RFC 9110 §7.6.1). */
export function nominated(connection: string | null): ReadonlySet<string> {
  if (connection === null) return NONE
  const names = connection.split(',').map((name) => name.trim().toLowerCase())
  return new Set(names.filter((name) => name !== 'close' && name !== 'upgrade' && isFieldName(name)))
}

const NONE: ReadonlySet<string> = new Set()

/** Returns all fields of a message with this `Connection` that end at the next hop. */
export function ending(connection: string | null): readonly string[] {
  return [...HOP_BY_HOP, ...nominated(connection)]
}

/** Response fields for caches below the gate. They do not leave the gate. */
export const CACHE_ONLY_FIELDS = [
  'cdn-cache-control',
  'cloudflare-cdn-cache-control',
  'surrogate-control',
  'surrogate-key',
  'cache-tag',
  // Fields that caches of other makes obey before `Cache-Control`.
  'netlify-cdn-cache-control',
  'vercel-cdn-cache-control',
  'akamai-cache-control',
  'edge-control',
  'edge-cache-tag',
  'x-accel-expires',
  'x-litespeed-cache-control',
  'x-litespeed-tag',
  'cf-cache-status',
  'faregate-cache-control',
  'faregate-age',
] as const

/** Registered response fields, beside those that a request may have too and those that end at the next hop. */
const STANDARD_OF_RESPONSE = new Set(
  `accept-ranges accept-query age allow alt-svc authentication-info cache-status clear-site-data content-location content-range
  etag expires last-modified link location nel preference-applied proxy-authentication-info proxy-status ratelimit
  ratelimit-policy refresh report-to reporting-endpoints retry-after server server-timing set-cookie sourcemap
  strict-transport-security timing-allow-origin vary www-authenticate x-content-type-options x-dns-prefetch-control
  x-frame-options x-powered-by x-robots-tag x-xss-protection`.split(/\s+/),
)
const OF_FAMILIES = /^(?:access-control|content|cross-origin|permissions|sec|referrer)-/

/** The `faregate-` fields that an origin may report with. All other `faregate-` fields belong to the gate. */
const USAGE = 'faregate-usage'

/**
 * Returns true for a response field by which an origin may report to the gate: neither a standard nor the gate gives it a
 * meaning.
 */
export function mayBeReported(name: string): boolean {
  const known = name.toLowerCase()
  if (!isFieldName(name) || foldName(name) !== known || isStandard(known) || OF_FAMILIES.test(known)) return false
  if (known.startsWith('faregate-') && !known.startsWith(USAGE)) return false
  return !TAKEN.some((names) => names.has(known))
}

const TAKEN: readonly ReadonlySet<string>[] = [
  STANDARD_OF_RESPONSE,
  HOP_BY_HOP,
  PAYMENT,
  FRAMING,
  FOR_ANY_COPY,
  new Set(CACHE_ONLY_FIELDS),
]

/** Returns true for server-sent events (HTML §9.2). Such a response goes on until one side ends it. */
export function isEventStream(headers: Headers): boolean {
  return headers.get('content-type')?.toLowerCase().startsWith('text/event-stream') ?? false
}
