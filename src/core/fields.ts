/** Which header fields pass the gate, by name. */

/** Fields by which a client could tell an origin another target, host or method than the one that was decided on. */
const OVERRIDES = new Set([
  'x-original-url',
  'x-original-uri',
  'x-original-host',
  'x-original-method',
  'x-rewrite-url',
  'x-override-url',
  'x-request-uri',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-forwarded-scheme',
  'x-forwarded-server',
  'x-forwarded-uri',
  'x-forwarded-url',
  'x-forwarded-path',
  'x-forwarded-prefix',
  'x-forwarded-port',
  'x-forwarded-method',
  'x-url-scheme',
  'x-proxy-url',
  'x-accel-redirect',
  'x-host',
  'x-http-method',
  'x-http-method-override',
  'x-http-destinationurl',
  'x-http-host-override',
  'x-method-override',
  'x-original-path',
  'x-rewrite-uri',
  'x-forwarded',
  'x-envoy-original-path',
  'x-replaced-path',
  'x-ms-original-url',
  'x-backend-host',
  'x-http-path-override',
  'x-path-info',
  'request-uri',
  'proxy-url',
  'proxy-host',
  'base-url',
  'http-url',
  'url',
  'uri',
  'forwarded',
  'proxy',
])

/** RFC 9110 §7.6.1, and what older implementations treat so. */
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

/** Other rails' credentials: whoever takes them, the origin never does. */
const PAYMENT = new Set([
  'payment',
  'payment-signature',
  'payment-authorization',
  'x-payment',
  'sign-in-with-x',
  'crawler-exact-price',
  'crawler-max-price',
])

/** Fields that say where a message ends, who sends it and to whom: they pass under their own name only. */
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

/** CGI-like origins read `X_Original_URL` and `X.Original.URL` as `X-Original-URL`. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '-')
}

/** False for a request field that must not reach an origin, whoever sent it. */
export function reachesOrigin(name: string): boolean {
  const known = plain(name)
  if (known !== name.toLowerCase() && FRAMING.has(known)) return false
  if (known.startsWith('faregate-') || OVERRIDES.has(known) || PAYMENT.has(known)) return false
  return !HOP_BY_HOP.has(known)
}

/** What the gate writes for its servers, by name. */
export type GivenFields = readonly (readonly [name: string, value: string])[]

/** True for a field that is the gate's to write, in whatever spelling: no client speaks to the servers in its name. */
export function isGiven(name: string, given: GivenFields): boolean {
  return given.some(([ours]) => plain(ours) === plain(name))
}

/**
 * True for a request field that the operator may have the gate write for its servers: none by which the gate itself says
 * what is asked for, by whom, and how it travels. An identity that the servers know is the operator's to give.
 */
export function mayBeGiven(name: string): boolean {
  const known = plain(name)
  if (PERSONAL.has(known)) return true
  return reachesOrigin(known) && !FRAMING.has(known) && !FOR_ANY_COPY.has(known)
}

/**
 * What a request for a shared copy always carries to the origin: what says how the answer travels, and what the gate
 * itself writes.
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

/** True for a field that may go with any request for a shared copy: none by which one reader could change it for all. */
export function suitsAnyCopy(name: string): boolean {
  return FOR_ANY_COPY.has(name)
}

/** Tell who asks, so that no shared copy may depend on them. */
const PERSONAL = new Set(['authorization', 'cookie'])

/** True for a request field, in lower case, that a route may let pass to the origin of a shared copy. */
export function mayBeListed(name: string): boolean {
  return !PERSONAL.has(name) && reachesOrigin(name)
}

/** The fields that a `Connection` field names, which end at the next hop (RFC 9110 §7.6.1). */
export function nominated(connection: string | null): string[] {
  if (connection === null) return []
  return connection
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '' && name !== 'close' && name !== 'upgrade')
}

/** The fields of a message with this `Connection` that end at the next hop. */
export function ending(connection: string | null): readonly string[] {
  return [...HOP_BY_HOP, ...nominated(connection)]
}

/** Response fields that are for caches below the gate, and do not leave it. */
export const CACHE_ONLY_FIELDS = [
  'cdn-cache-control',
  'cloudflare-cdn-cache-control',
  'surrogate-control',
  'surrogate-key',
  'cache-tag',
  // What caches of other makes listen to before `Cache-Control`.
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
