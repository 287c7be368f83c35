import { NO_VERDICTS } from '../../support/verdicts.ts'
import { NO_STORES } from '../../support/stores.ts'
import { isNotModified, byteSpanOf } from '../../../src/cache/rules/conditional.ts'
import { confirmationsIn } from '../../../src/access/confirmation.ts'
import { countedQuery } from '../../../src/cache/rules/key.ts'
import { parseCacheControl, parseTargeted } from '../../../src/http/rules/directives.ts'
import { createEffort, leadsElsewhere, namesNothing } from '../../../src/access/elsewhere.ts'
import type { Exchange } from '../../../src/http/rules/exchange.ts'
import { nominated } from '../../../src/http/rules/fields.ts'
import { assess } from '../../../src/cache/rules/freshness.ts'
import { parseHttpDate } from '../../../src/core/httpdate.ts'
import { takeParameter, withoutMatches, withoutMatchesIn, withoutParameter } from '../../../src/http/rules/parameter.ts'
import { BEGINNING, IN_TEXT } from '../../../src/feeds/token.ts'
import { isPrefetch } from '../../../src/http/rules/prefetch.ts'
import { refusal } from '../../../src/core/problem.ts'
import { isPurged } from '../../../src/cache/rules/purge.ts'
import { cookieAtGate, referenceAtGate, textAtGate } from '../../../src/origin/rules/reference.ts'
import { compileParameter, findParameters, readParameters } from '../../../src/http/rules/query.ts'
import { compileResource } from '../../../src/access/resource.ts'
import { err } from '../../../src/core/result.ts'
import { AS_RECEIVED, match } from '../../../src/access/route.ts'
import { setsOurCookie } from '../../../src/http/rules/setcookie.ts'
import { freshen, store, type Stored } from '../../../src/cache/rules/stored.ts'
import { readTarget } from '../../../src/http/rules/target.ts'
import { continueTrace } from '../../../src/http/rules/trace.ts'
import { normaliseEncoding, normaliseLanguage, select, varyNames } from '../../../src/cache/rules/vary.ts'
import { hasNoTrips, tripsSent } from '../../../src/login/jar.ts'
import { isHinted } from '../../../src/login/rules/hint.ts'
import { readTo } from '../../../src/login/rules/to.ts'
import { received } from '../../../src/http/received.ts'
import { capture } from '../../../src/http/capture.ts'
import { atTheGate } from '../../../src/origin/redirect.ts'
import { answerPreflight, refuse } from '../../../src/refusals/respond.ts'
import { forPlatform } from '../../../src/platform/cloudflare/workerscache.ts'
import { html } from '../../../src/refusals/html.ts'
import { readCredentials, readingOf } from '../../../src/rails/carried.ts'
import { stripBearer } from '../../../src/tokens/bearer.ts'
import { bearer } from '../../../src/rails/bearer.ts'
import { receipt } from '../../../src/rails/receipt.ts'
import { readCompact } from '../../../src/tokens/jws.ts'
import type { Verifiers } from '../../../src/tokens/verify.ts'
import { zoneOf } from '../../support/compiled.ts'
import { AGENT_PARSERS } from './agents.ts'
import { LIST, PATH, QUERY, TOKEN, ADDRESS, HEADS, type Parser } from './pieces.ts'

const bearerRail = bearer({ from: [{ basic: 'password' }, { cookie: 'session' }, { webSocketProtocol: 'bearer' }] })
const rails = [bearerRail, receipt()]
const zone = zoneOf({
  rails,
  routes: ['/paid/*/x/*', '/paid/a.php', '/a/*', '/index.a', '/*/b'].map((path) => ({ path, requires: 'premium' })),
})
const reading = readingOf(zone, rails)
const ORIGIN = 'https://o.test'
const addresses = { servers: [{ hostname: 'o.test', port: '443', base: '/base' }], hosts: zone.hosts }

const call = { now: 0, waitUntil: () => undefined }
const NONE = err(refusal('credential-invalid', ''))
const verifiers: Verifiers = {
  verify: () => NONE,
  verifyAs: () => NONE,
  verifyOnce: async () => NONE,
  rememberedKind: () => undefined,
  verdicts: NO_VERDICTS,
}

function asking(fields: Readonly<Record<string, string>>): Exchange {
  const read = new Map(Object.entries(fields))
  return {
    ...capture(new Request('https://a.test/a'), 0),
    fields: { get: (name) => read.get(name.toLowerCase()) ?? null },
  }
}

const KEPT_PARAMETERS = [compileParameter({ name: 'rest_route', value: '/a' })]
const ADMISSION = { table: zone.routes, method: 'GET', hosts: zone.hosts, isOpen: () => false }
const TAGGED = { zone: 'a', path: '/', policy: AS_RECEIVED, isShared: true, requestedAt: 0 }
const PURGES = { everythingAt: -1, tags: {}, pathPrefixes: { '/b': 1, '/a/b': 1 } }

function readAndMatch(path: string, query: string): void {
  const target = readTarget(path, query)
  if (target.ok) match(zone.routes, target.value, 'GET')
}

function withUrl(url: string): unknown {
  return capture({ method: 'GET', url, headers: new Headers() } as Request, 0)
}

function accept(text: string): unknown {
  return refuse(REFUSED, asking({ accept: text }), { site: { zone, rails, refusals: [html()] }, route })
}

function preflight(text: string): unknown {
  return answerPreflight(asking({ 'access-control-request-headers': text }))
}

/** Fields in which an origin may name itself. */
function ofOrigin(text: string): void {
  for (const name of ['location', 'link', 'refresh', 'x-other'])
    atTheGate(new Response(null, { headers: [[name, text]] }), 'https://a.test/', addresses)
}

/** Presents and looks for what is in this field, and takes it off. */
function present(name: string, text: string): void {
  const exchange = asking({ [name]: text, upgrade: 'websocket' })
  const found = readCredentials(exchange, reading)
  const carried = { exchange, zone, ...found, verifiers, stores: NO_STORES, logins: [], call }
  for (const rail of rails) {
    void rail.present(carried)
    rail.peek(carried)
    rail.strip(new Headers([[name, text]]))
  }
  stripBearer(new Headers([[name, text]]), zone)
}

const route = zone.routes.entries[0]?.route
const REFUSED = refusal('payment-required', 'It is for sale.')

const STORED: Stored = {
  status: 200,
  fields: [['etag', '"a"']],
  freshness: {
    initialAgeMs: 0,
    lifetimeMs: 1,
    isUnproven: false,
    staleWhileRevalidateMs: 0,
    staleIfErrorMs: 0,
    coversServerErrors: false,
  },
  requestedAt: 0,
  respondedAt: 0,
  selection: [],
  zone: 'a',
  path: '/',
  tags: [],
}

/** Stores a response with this field to a request with the same, and freshens it. */
function keep(name: string, text: string): void {
  const read = (asked: string): string | null => (asked === name ? text : asked === 'etag' ? '"a"' : null)
  const answer = { status: 200, read, requestedAt: 0, respondedAt: 0 }
  const place = { zone: 'a', path: '/' }
  store(answer, [[name, text]], read, place, AS_RECEIVED)
  freshen(STORED, answer, [[name, text]], read, AS_RECEIVED)
  const asked = { ...place, policy: AS_RECEIVED, isShared: true, requestedAt: 0 }
  forPlatform(received(new Response(null, { headers: [[name, text]] }), 0), asked, 0)
}

const KEPT = [
  'cache-control',
  'cdn-cache-control',
  'vary',
  'connection',
  'cache-tag',
  'etag',
  'age',
  'date',
  'expires',
  'last-modified',
  'content-length',
]

export const PARSERS: readonly Parser[] = [
  {
    name: 'a path',
    runs: 10,
    characters: 3000,
    pieces: PATH,
    heads: [''],
    tails: ['', '/..', '!.php'],
    read: (text) => readAndMatch(`/${text}`, ''),
  },
  { name: 'a path of the plain kind', pieces: ['/', 'a', 'b', '-', '!'], read: (text) => readAndMatch(`/${text}`, '') },
  {
    name: 'a page to come back to',
    runs: 10,
    characters: 3000,
    pieces: [...PATH, ...QUERY],
    heads: ['/', ORIGIN],
    read: (text) => readTo(text, ORIGIN),
  },
  { name: 'a query', pieces: QUERY, read: (text) => readAndMatch('/a', `?${text}`) },
  {
    name: 'a query of which parameters count',
    pieces: QUERY,
    read: (text) => [
      countedQuery(`?${text}`, { kind: 'ignore', names: ['utm_*', 'a'], kept: KEPT_PARAMETERS }),
      countedQuery(`?${text}`, { kind: 'only', names: ['utm_*', 'é'], kept: [] }),
    ],
  },
  {
    name: 'a query of which a route names parameters',
    pieces: [...QUERY, '[', '.', '%2566', '%25'],
    read: (text) => findParameters(KEPT_PARAMETERS, readParameters(text)),
  },
  { name: 'a query with a token', pieces: QUERY, read: (text) => takeParameter(`?${text}`, 'a') },
  {
    name: 'a URL that may have a feed token anywhere',
    runs: 10,
    pieces: [...QUERY, ...PATH, BEGINNING, '%65', '%2565'],
    heads: ['/', BEGINNING],
    read: (text) => [
      withoutMatches({ path: text, query: `?${text}`, interpretations: [] }, IN_TEXT),
      withoutMatchesIn(text, IN_TEXT, ''),
    ],
  },
  {
    name: 'a URL that may have a token, as a Referer',
    runs: 10,
    pieces: [...QUERY, ...PATH],
    heads: ['https://a.test/a', 'https://a.test/a?a='],
    read: (text) => withoutParameter(text, { parameter: 'a', route: '/a/*' }),
  },
  {
    name: 'a cookie that confirms',
    pieces: ['__Host-faregate-confirm=', '|', '~', 'a', '1', 'EUR', ';', ',', ' '],
    heads: ['', '__Host-faregate-confirm='],
    read: (text) => confirmationsIn(asking({ cookie: text }).fields),
  },
  {
    name: 'cookies of trips, and the hint',
    pieces: ['__Host-faregate-trip-', 'faregate-hint=1', 'faregate-', 'aaaaaaaa', '=', ';', ' ', '\t'],
    heads: ['', '__Host-faregate-trip-aaaaaaaa=', 'faregate-hint='],
    read: (text) => {
      const { fields } = asking({ cookie: text })
      return [hasNoTrips(fields) || tripsSent(fields), isHinted(fields)]
    },
  },
  {
    name: 'a field that may name a target',
    runs: 10,
    pieces: [...PATH, ',', '=', '"', '<', 'https://'],
    heads: ['/'],
    read: (text) => namesNothing(text, zone.routes) || leadsElsewhere(text, ADMISSION, createEffort()),
  },
  { name: 'Host', pieces: ['a', '.', ':', '1', '[', ']', '-', ','], read: (text) => withUrl(`https://a${text}/`) },
  { name: "a receipt's resource", pieces: [...PATH, '*'], read: (text) => compileResource(`/${text}`) },
  {
    name: 'a path that may have been purged',
    pieces: ['/', 'a', 'b'],
    read: (path) => isPurged({ ...STORED, path: `/${path}` }, PURGES),
  },
  {
    name: 'a path that is tagged for the platform',
    pieces: ['/', 'a', 'b'],
    read: (path) => forPlatform(new Response(), { ...TAGGED, path: `/${path}` }, 0),
  },
  ...['Authorization', 'Cookie', 'Faregate-Receipt', 'Sec-WebSocket-Protocol'].map((name) => ({
    name,
    pieces: TOKEN,
    heads: HEADS[name] ?? ['', 'a'],
    read: (text: string) => present(name.toLowerCase(), text),
  })),
  { name: 'a token', pieces: TOKEN, read: (text) => readCompact(text) },
  { name: 'Cache-Control', pieces: LIST, read: parseCacheControl },
  ...AGENT_PARSERS,
  { name: 'a targeted Cache-Control', pieces: [...LIST, '(', ')', '%"'], read: parseTargeted },
  { name: 'Vary', pieces: LIST, read: varyNames },
  { name: 'Connection', pieces: LIST, read: nominated },
  { name: 'Accept', pieces: [...LIST, 'html'], read: accept },
  { name: 'Accept-Encoding', pieces: [...LIST, 'gzip'], read: normaliseEncoding },
  { name: 'Accept-Language', pieces: LIST, read: normaliseLanguage },
  { name: 'a field that selects', pieces: LIST, read: (text) => select(['x'], () => text) },
  { name: 'Access-Control-Request-Headers', pieces: LIST, read: preflight },
  { name: 'traceparent', pieces: ['0', 'f', '-', 'a', ' '], read: (text) => continueTrace(text, crypto.randomUUID()) },
  {
    name: 'Sec-Purpose',
    pieces: [...LIST, 'prefetch', 'pre'],
    read: (text) => isPrefetch(asking({ 'sec-purpose': text }).fields),
  },
  { name: 'Range', pieces: ['bytes=', '0', '-', ',', ' '], read: (text) => byteSpanOf(STORED, 9, () => text) },
  {
    name: 'an HTTP-date',
    pieces: ['Sun', ',', ' ', '06', 'Nov', '1994', ':', 'GMT', '-'],
    read: (text) => parseHttpDate(text, 0),
  },
  {
    name: 'If-None-Match',
    pieces: ['"', 'W/', ',', ' ', 'a', '*'],
    read: (text) => isNotModified({ status: 200, read: () => '"b"' }, () => text, 0),
  },
  {
    name: 'If-None-Match, of an ETag that is as long',
    pieces: ['"', 'W/', ',', ' ', 'a', '*'],
    read: (text) => isNotModified({ status: 200, read: () => text }, () => text, 0),
  },
  ...KEPT.map((name) => ({ name: `${name} of a response`, pieces: LIST, read: (text: string) => keep(name, text) })),
  {
    name: 'freshness',
    pieces: LIST,
    read: (text) => assess({ status: 200, read: () => text, requestedAt: 0, respondedAt: 0 }, AS_RECEIVED),
  },
  {
    name: 'Set-Cookie',
    pieces: [...LIST, 'domain', '__host-faregate'],
    read: (text) => [setsOurCookie(text), cookieAtGate(text, ORIGIN, addresses)],
  },
  { name: 'a reference', pieces: ADDRESS, read: (text) => referenceAtGate(text, 'https://a.test/', addresses) },
  { name: 'a text with addresses', pieces: ADDRESS, read: (text) => textAtGate(text, 'https://a.test/', addresses) },
  { name: 'the fields of an origin', pieces: ADDRESS, read: (text) => ofOrigin(text) },
]
