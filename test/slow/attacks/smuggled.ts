/** Requests that try to pass something by the gate: in the fields, or behind the end of a message. */

/** A field that a proxy, a framework or an application may take for the target, the host or the method. */
export const OVERRIDES = [
  'X-Original-URL',
  'X-Original-URI',
  'X-Original-Path',
  'X-Original-Host',
  'X-Original-Method',
  'X-Rewrite-URL',
  'X-Rewrite-URI',
  'X-Override-URL',
  'X-Request-URI',
  'Request-URI',
  'X-Forwarded-Host',
  'X-Forwarded-Proto',
  'X-Forwarded-Scheme',
  'X-Forwarded-Server',
  'X-Forwarded-URI',
  'X-Forwarded-URL',
  'X-Forwarded-Path',
  'X-Forwarded-Prefix',
  'X-Forwarded-Port',
  'X-Forwarded-Method',
  'X-Forwarded',
  'X-Envoy-Original-Path',
  'X-Replaced-Path',
  'X-MS-Original-URL',
  'X-URL-Scheme',
  'X-Proxy-URL',
  'Proxy-URL',
  'Proxy-Host',
  'Base-URL',
  'Http-URL',
  'URL',
  'URI',
  'X-Accel-Redirect',
  'X-Host',
  'X-Backend-Host',
  'X-HTTP-Method',
  'X-HTTP-Method-Override',
  'X-HTTP-DestinationURL',
  'X-HTTP-Host-Override',
  'X-HTTP-Path-Override',
  'X-Method-Override',
  'X-Path-Info',
  'Forwarded',
  'Proxy',
  'X-Route-Request',
  'X-Request-Path',
  'X-Requested-URL',
  'X-Matched-Path',
  'X-Middleware-Rewrite',
  'X-Middleware-Subrequest',
  'X-Sendfile',
  'X-Forwarded-User',
  'X-Remote-User',
  'Remote-User',
  'Script-Name',
] as const

/** What only the gate may say of a reader. */
export const IDENTITY = [
  'Faregate-Subject',
  'Faregate-Plan',
  'Faregate-Entitlements',
  'Faregate-Anything',
  'Faregate-Failure',
] as const

/** Credentials of any rail, which end at the gate whether they are good or not. */
export const PAYMENT = [
  'Payment',
  'Payment-Signature',
  'Payment-Authorization',
  'X-Payment',
  'Sign-In-With-X',
  'Crawler-Exact-Price',
  'Crawler-Max-Price',
  'Proxy-Authorization',
] as const

/** A name as it is spelt by clients, and by those who know that CGI turns everything but letters and digits into `_`. */
export function spellingsOf(name: string): string[] {
  const mixed = Array.from(name, (letter, index) =>
    index % 2 === 0 ? letter.toLowerCase() : letter.toUpperCase(),
  ).join('')
  return [
    name,
    mixed,
    name.toUpperCase(),
    name.replaceAll('-', '_'),
    name.replace('-', '_'),
    name.replaceAll('-', '.'),
    name.replaceAll('-', '~'),
  ]
}

export type Smuggle = {
  /** What is tried, as the end of "… by". */
  readonly by: string
  /** The bytes after which the client says no more. */
  readonly bytes: string
}

const HIDDEN = 'GET /articles/1 HTTP/1.1\r\nHost: localhost\r\nX-Hidden: 1\r\n\r\n'

function post(fields: readonly string[], body: string, target = '/free/form'): string {
  return [`POST ${target} HTTP/1.1`, 'Host: localhost', ...fields, '', body].join('\r\n')
}

/** Bodies whose end two readers would see in two places, each with a request hidden behind one of them. */
export function framings(): readonly Smuggle[] {
  const chunkedEnd = `0\r\n\r\n${HIDDEN}`
  const length = `Content-Length: ${chunkedEnd.length}`
  const coded = 'Transfer-Encoding: chunked'
  const fields: readonly (readonly string[])[] = [
    [length, coded],
    [coded, length],
    ['Content-Length: 5', coded],
    [length, 'Transfer-Encoding : chunked'],
    [length, 'Transfer-Encoding:\tchunked'],
    [length, 'Transfer-Encoding: \x0bchunked'],
    [length, ' Transfer-Encoding: chunked'],
    [length, 'X: y\r\n Transfer-Encoding: chunked'],
    [length, 'Transfer-Encoding:\r\n chunked'],
    [length, 'Transfer-Encoding: xchunked'],
    [length, 'Transfer-Encoding: chunked, identity'],
    [length, 'Transfer-Encoding: identity, chunked'],
    [length, 'Transfer-Encoding: gzip, chunked'],
    [length, coded, 'Transfer-Encoding: x'],
    [length, 'Transfer-Encoding: x', coded],
    [length, 'Transfer_Encoding: chunked'],
    [length, 'Transfer-Encoding: CHUNKED'],
    [length, 'Transfer-Encoding: "chunked"'],
    [length, 'Transfer-Encoding: chunked;x=1'],
    [length, 'Transfer-Encoding:\xa0chunked'],
    [length, 'Transfer-Encoding: chunked\0'],
    [length, 'X: y\rTransfer-Encoding: chunked'],
    [length, 'X: y\nTransfer-Encoding: chunked'],
    [length, coded, 'Connection: transfer-encoding'],
    [length, coded, 'Connection: content-length'],
    ['Content-Length: 0', length],
    [length, 'Content-Length: 0'],
    ['Content-Length: 5, 5'],
    ['Content-Length: +5'],
    ['Content-Length: 0x5'],
    ['Content-Length: 5 5'],
    ['Content-Length: 05'],
    ['Content-Length: -1'],
    ['Content-Length: 18446744073709551621'],
    ['Content-Length : 5'],
    ['Content_Length: 5'],
    ['Content-Length:'],
    ['Content-Length: 5\0'],
    [],
    ['Connection: close'],
    [
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    ],
    ['Upgrade: h2c', 'Connection: Upgrade, HTTP2-Settings', 'HTTP2-Settings: AAMAAABkAAQAAP__'],
    ['Expect: 100-continue', 'Content-Length: 5'],
  ]
  return [
    ...fields.map((lines) => ({ by: JSON.stringify(lines), bytes: post(lines, chunkedEnd) })),
    ...chunkings(coded),
  ]
}

function chunkings(coded: string): Smuggle[] {
  const bodies = [
    `0\r\n${HIDDEN}`,
    `0\n\n${HIDDEN}`,
    `0;x=y\r\n\r\n${HIDDEN}`,
    `0;\n\r\n${HIDDEN}`,
    `0x0\r\n\r\n${HIDDEN}`,
    `00000000000000000\r\n\r\n${HIDDEN}`,
    `1\r\nab\r\n0\r\n\r\n${HIDDEN}`,
    `2\r\nab0\r\n\r\n${HIDDEN}`,
    `+1\r\na\r\n0\r\n\r\n${HIDDEN}`,
    `-1\r\na\r\n0\r\n\r\n${HIDDEN}`,
    `10000000000000001\r\na\r\n0\r\n\r\n${HIDDEN}`,
    `1 \r\na\r\n0\r\n\r\n${HIDDEN}`,
    `1\ra\r\n0\r\n\r\n${HIDDEN}`,
    `0\r\nX-Trailer: 1\r\nFaregate-Subject: "spoofed"\r\n\r\n${HIDDEN}`,
    `0\r\nContent-Length: 60\r\n\r\n${HIDDEN}`,
    `\r\n0\r\n\r\n${HIDDEN}`,
  ]
  return bodies.map((body) => ({ by: `chunks ${JSON.stringify(body.slice(0, 24))}`, bytes: post([coded], body) }))
}

/** Request lines and field lines that are not quite HTTP. */
export function malformations(): readonly Smuggle[] {
  const get = (...lines: string[]): string => [...lines, '', ''].join('\r\n')
  const heads = [
    get('GET /free/a HTTP/1.1', 'Host: localhost/articles/1?'),
    get('GET /free/a HTTP/1.1', 'Host: localhost/articles/1#'),
    get('GET /free/a HTTP/1.1', 'Host: localhost#/articles/1'),
    get('GET /articles/1 HTTP/1.1', 'Host: localhost/free/?'),
    get('GET /articles/1 HTTP/1.1', 'Host: localhost/free?x='),
    get('GET /articles/1 HTTP/1.1', 'Host: localhost#'),
    get('GET /articles/1 HTTP/1.1', 'Host: localhost?'),
    get('GET /articles/1 HTTP/1.1', 'Host: localhost/free/..;'),
    get('GET /articles/1 HTTP/1.1', 'Host: localhost\\free\\..'),
    get('GET /articles/1 HTTP/1.1', 'Host: user@localhost'),
    get('GET /articles/1 HTTP/1.1', 'Host: localhost@evil.example'),
    get('GET /articles/1 HTTP/1.1', 'Host: localhost:80:80'),
    get('GET /articles/1 HTTP/1.1', 'Host: localhost:80/free/'),
    get('GET /articles/1 HTTP/1.1', 'Host: evil.example'),
    get('GET /articles/1 HTTP/1.1', 'Host: '),
    get('GET /articles/1 HTTP/1.1', 'Host: localhost.'),
    get('GET /articles/1 HTTP/1.1', 'Host: LOCALHOST:80'),
    get('GET /articles/1 HTTP/1.1', 'Host: loc%61lhost'),
    get('GET /articles/1 HTTP/1.1', 'Host: localhost, evil.example'),
    get('GET /articles/1 HTTP/1.1', 'Host: localhost', 'Host: evil.example'),
    get('GET /articles/1 HTTP/1.1', 'Host: evil.example', 'Host: localhost'),
    get('GET /articles/1 HTTP/1.1', 'Host: localhost/free/', 'Host: localhost'),
    get('GET /articles/1 HTTP/1.1', ' Host: localhost'),
    get('GET /articles/1 HTTP/1.1', 'Host : localhost'),
    get('GET /articles/1 HTTP/1.1'),
    get('GET /articles/1 HTTP/1.0'),
    get('GET /articles/1 HTTP/1.0', 'Host: localhost', 'Connection: keep-alive'),
    get('GET /articles/1 HTTP/1.1', 'Host: localhost', 'Connection: host'),
    get('GET /articles/1'),
    get('GET /articles/1 HTTP/0.9', 'Host: localhost'),
    get('GET /articles/1 HTTP/2.0', 'Host: localhost'),
    get('GET /articles/1 HTTP/1.1 HTTP/1.1', 'Host: localhost'),
    get('GET /free/a HTTP/1.1\n', HIDDEN),
    get('GET /free/a HTTP/1.1', 'Host: localhost', 'X: a\r\n b'),
    get('GET /free/a HTTP/1.1', 'Host: localhost', 'X: a\0b'),
    get('GET /free/a HTTP/1.1', 'Host: localhost', 'X: a\rFaregate-Subject: spoofed'),
    get('GET /free/a HTTP/1.1', 'Host: localhost', 'X: a\nFaregate-Subject: spoofed'),
    get('GET /free/a HTTP/1.1', 'Host: localhost', 'X Faregate-Subject: spoofed'),
    get('GET /free/a HTTP/1.1', 'Host: localhost', 'Faregate-Subject : spoofed'),
    get('GET /free/a HTTP/1.1', 'Host: localhost', ': spoofed'),
    get('GET /free/a HTTP/1.1', 'Host: localhost', 'spoofed'),
    get('\r\n\r\nGET /articles/1 HTTP/1.1', 'Host: localhost'),
    get(' GET /articles/1 HTTP/1.1', 'Host: localhost'),
    get('GET\t/articles/1\tHTTP/1.1', 'Host: localhost'),
    get('PRI * HTTP/2.0', '', 'SM'),
    `GET /free/a HTTP/1.1\r\nHost: localhost\r\n\r\n${HIDDEN}`,
    ...[
      'HEAD',
      'OPTIONS',
      'TRACE',
      'TRACK',
      'DEBUG',
      'CONNECT',
      'PROPFIND',
      'SEARCH',
      'PURGE',
      'MOVE',
      'COPY',
      'LOCK',
      'PATCH',
      'DELETE',
      'PUT',
      'POST',
      'QUERY',
      'get',
      'Get',
      'GETS',
      'X',
      'G\0ET',
      'BREW',
    ].map((method) => get(`${method} /articles/1 HTTP/1.1`, 'Host: localhost', 'Content-Length: 0')),
  ]
  return heads.map((bytes) => ({ by: JSON.stringify(bytes.slice(0, 90)), bytes }))
}
