import { OVERRIDES, spellingsOf } from '../attacks/smuggled.ts'
import { CREDENTIALS, UNKEYED } from './poisoning-names.ts'

/** Stands in all that an attacker says, and nowhere else. */
export const MARK = 'zqxjk'

/** What a client asks that would like the next one to get something else than he asks for. */
export type Attack = {
  readonly by: string
  readonly method?: string
  readonly fields?: readonly string[]
  readonly body?: string
  /** The line of the `Host` field; `''` for none. */
  readonly host?: string
  /** The target as it is written, where it is not the plain one. */
  readonly target?: (plain: string) => string
}

/** A field of any name, and what its value looks like in earnest. */
function valueOf(name: string): string {
  if (/^(?:if-modified|if-unmodified|accept-datetime|last-mod|expires)/i.test(name))
    return 'Sun, 01 Nov 2026 00:00:00 GMT'
  if (/^(?:if-none-match|if-match|etag)$/i.test(name)) return `"${MARK}", "tag", *`
  if (/^(?:if-range)$/i.test(name)) return `"${MARK}"`
  if (/^range$/i.test(name)) return 'bytes=0-1'
  if (/scheme|proto(?:col)?$|https$|ssl$/i.test(name)) return `${MARK}s`
  if (/ip$|-for$|addr$/i.test(name)) return `127.0.0.1, ${MARK}`
  if (/method/i.test(name)) return 'DELETE'
  if (/host|server|domain|origin|referer|url$|uri$|path|prefix|destination/i.test(name)) return `//${MARK}.example/a`
  return `${MARK}<script>alert(1)</script>`
}

function single(): Attack[] {
  const names = [...new Set([...UNKEYED, ...OVERRIDES.flatMap(spellingsOf)])]
  return names.map((name) => ({ by: name, fields: [`${name}: ${valueOf(name)}`] }))
}

function credentials(): Attack[] {
  return CREDENTIALS.map((field) => ({ by: field, fields: [`${field} ${MARK}`] }))
}

/** Values that a parser trips over, under names that often matter. */
function odd(): Attack[] {
  const values: Readonly<Record<string, string>> = {
    nothing: '',
    blanks: '   ',
    'a control': `${MARK}\x07`,
    'a vertical tab': `${MARK}\x0b`,
    'a no-break space': `${MARK}\xa0`,
    'latin letters': `${MARK}\xe9\xff`,
    'UTF-8': `${MARK}\xc3\xa9`,
    'eight kilobytes': MARK + 'x'.repeat(8192),
    'sixteen kilobytes': MARK + 'x'.repeat(16_384),
    'a list': `${MARK}, ${MARK}, ${MARK}`,
    'a template': `${MARK}{{7*7}}\${7*7}<%=7*7%>`,
    'an escaped line break': `${MARK}%0d%0aSet-Cookie: ${MARK}=1`,
  }
  const names = [
    'Accept',
    'Accept-Language',
    'User-Agent',
    'Referer',
    'Origin',
    'X-Oversized',
    'X-Forwarded-For',
    'Content-Language',
  ]
  return Object.entries(values).flatMap(([what, value]) =>
    names.map((name) => ({ by: `${name} of ${what}`, fields: [`${name}: ${value}`] })),
  )
}

function several(): Attack[] {
  const lines = (count: number, bytes: number): string[] =>
    Array.from({ length: count }, (_, index) => `X-${MARK}-${index}: ${'x'.repeat(bytes)}`)
  return [
    { by: 'a hundred fields', fields: lines(100, 10) },
    { by: 'thirty kilobytes of fields', fields: lines(30, 1000) },
    { by: 'the same field twice', fields: [`X-Forwarded-For: ${MARK}`, `X-Forwarded-For: b${MARK}`] },
    {
      by: 'folded names',
      fields: [`X_Forwarded_Host: ${MARK}`, `X.Forwarded.Host: ${MARK}`, `X-Forwarded_Host: ${MARK}`],
    },
    { by: 'host and scheme', fields: [`X-Forwarded-Host: ${MARK}`, 'X-Forwarded-Scheme: nothttps'] },
    {
      by: 'a field that Connection ends',
      fields: ['Connection: x-forwarded-host, x-forwarded-proto, traceparent, accept-encoding', `X-A: ${MARK}`],
    },
    { by: 'a nominated field', fields: [`Connection: keep-alive, ${MARK}`, `X-A: ${MARK}`] },
    { by: 'TE', fields: [`TE: trailers, ${MARK}`] },
    { by: 'Trailer', fields: [`Trailer: ${MARK}`] },
    {
      by: 'Upgrade to h2c',
      fields: ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', `HTTP2-Settings: ${MARK}`],
    },
    { by: 'Upgrade to something', fields: ['Connection: Upgrade', `Upgrade: ${MARK}`] },
    {
      by: 'the trace of a client',
      fields: ['traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', `tracestate: ${MARK}=1`],
    },
    { by: 'a baggage', fields: [`baggage: ${MARK}=1`] },
    { by: 'no-store', fields: ['Cache-Control: no-store', `X-A: ${MARK}`] },
    { by: 'no-cache', fields: ['Cache-Control: no-cache', 'Pragma: no-cache', `X-A: ${MARK}`] },
    { by: 'max-age=0', fields: ['Cache-Control: max-age=0', `X-A: ${MARK}`] },
    { by: 'a part', fields: ['Range: bytes=0-0', `If-Range: "${MARK}"`] },
    { by: 'many parts', fields: ['Range: bytes=0-0,1-1,2-2'] },
    { by: 'a part past the end', fields: ['Range: bytes=999999-'] },
    { by: 'a wrong tag', fields: [`If-Match: "${MARK}"`] },
    { by: 'any tag', fields: ['If-None-Match: *'] },
    { by: 'a future date', fields: ['If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT'] },
    { by: 'no coding at all', fields: ['Accept-Encoding: identity;q=0, *;q=0'] },
    { by: 'codings that no one has', fields: [`Accept-Encoding: ${MARK}, br`] },
    {
      by: 'several of ours',
      fields: [`X-Forwarded-Proto: ${MARK}`, `x-forwarded-host: ${MARK}`, `Traceparent: ${MARK}`],
    },
  ]
}

/** Other methods, and content where none belongs. */
function methods(): Attack[] {
  const form = `utm_source=${MARK}&id=${MARK}`
  const length = `Content-Length: ${form.length}`
  const found: Attack[] = [
    { by: 'HEAD', method: 'HEAD', fields: [`X-A: ${MARK}`] },
    { by: 'HEAD with a part', method: 'HEAD', fields: ['Range: bytes=0-0'] },
    { by: 'HEAD that revalidates', method: 'HEAD', fields: ['Cache-Control: no-cache', `X-A: ${MARK}`] },
    { by: 'OPTIONS', method: 'OPTIONS', fields: [`Origin: https://${MARK}.example`] },
    {
      by: 'a preflight',
      method: 'OPTIONS',
      fields: [`Origin: https://${MARK}.example`, 'Access-Control-Request-Method: PUT'],
    },
    { by: 'a fat GET', fields: [length, 'Content-Type: application/x-www-form-urlencoded'], body: form },
    { by: 'a fat GET in JSON', fields: [length, 'Content-Type: application/json'], body: form },
    {
      by: 'a fat GET in chunks',
      fields: ['Transfer-Encoding: chunked'],
      body: `${form.length.toString(16)}\r\n${form}\r\n0\r\n\r\n`,
    },
    { by: 'a fat HEAD', method: 'HEAD', fields: [length], body: form },
    {
      by: 'a fat GET that is a POST',
      fields: [length, 'X-HTTP-Method-Override: POST', 'Content-Type: text/plain'],
      body: form,
    },
    { by: 'Expect', fields: ['Expect: 100-continue', length], body: form },
  ]
  for (const method of [
    'POST',
    'PUT',
    'PATCH',
    'DELETE',
    'PURGE',
    'PROPFIND',
    'QUERY',
    'REPORT',
    'SEARCH',
    'LOCK',
    'MOVE',
  ])
    found.push({ by: method, method, fields: [length, `Content-Type: text/${MARK}`], body: form })
  return found
}

/** Other names for the site, and targets that bring their own. */
function hosts(): Attack[] {
  const named = [
    'LOCALHOST',
    'localhost.',
    'localhost:80',
    'localhost:8443',
    'one.localhost',
    'One.Localhost.',
    'two.localhost',
  ]
  const wrong = [
    `${MARK}.example`,
    `localhost@${MARK}`,
    `localhost#${MARK}`,
    `localhost/${MARK}`,
    `localhost:${MARK}`,
    `localhost ${MARK}`,
  ]
  const absolute = [
    'http://localhost',
    'https://localhost',
    'http://localhost:8443',
    'http://ONE.localhost',
    'http://two.localhost',
    `http://${MARK}.example`,
    `http://${MARK}@localhost`,
  ]
  return [
    ...[...named, ...wrong].map((host) => ({ by: `Host ${host}`, host: `Host: ${host}` })),
    { by: 'no Host', host: '' },
    { by: 'two Hosts', host: `Host: localhost\r\nHost: ${MARK}.example` },
    { by: 'two Hosts, the other way', host: `Host: ${MARK}.example\r\nHost: localhost` },
    ...absolute.map((start) => ({ by: `a target at ${start}`, target: (plain: string) => `${start}${plain}` })),
    {
      by: 'a target of another host than Host',
      host: 'Host: two.localhost',
      target: (plain: string) => `http://localhost${plain}`,
    },
  ]
}

/** Queries that one server reads as the plain page and another does not. */
function queries(): Attack[] {
  const tails = [
    '?',
    `?${MARK}`,
    `?a=${MARK}`,
    `?utm_source=${MARK}`,
    `?utm_source=x;id=${MARK}`,
    `?;id=${MARK}`,
    `?%23${MARK}`,
    `#${MARK}`,
    `?_method=POST&${MARK}`,
    `?callback=${MARK}`,
    `%3f${MARK}`,
    `;${MARK}`,
    `/;/${MARK}/..`,
    `?cb=1\t${MARK}`,
  ]
  return tails.map((tail) => ({ by: `a target with ${tail}`, target: (plain: string) => `${plain}${tail}` }))
}

/** Every attack whose victim asks for the plain page. */
export function attacks(): readonly Attack[] {
  return [...single(), ...credentials(), ...odd(), ...several(), ...methods(), ...hosts(), ...queries()]
}
