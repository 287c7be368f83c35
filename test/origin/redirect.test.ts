import { describe, expect, it } from 'vitest'
import { addressesOf } from '../../src/origin/rules/reference.ts'
import { atTheGate } from '../../src/origin/redirect.ts'
import { compiled } from '../support/compiled.ts'
import config from '../cache/config.ts'

const AT = 'https://news.test/articles/1'

const pool = compiled(config).sites.get('news.test')?.zone.pool
if (pool === undefined) throw new Error('no pool')
const [member] = pool.members
if (member === undefined) throw new Error('no member')
const second = { ...member, server: { kind: 'url', url: 'http://10.0.0.7:8080', host: '10.0.0.7:8080' } } as const
const ADDRESSES = addressesOf({ ...pool, members: [member, second] }, ['news.test'])

function shown(fields: readonly (readonly [string, string])[], status = 200): Headers {
  const headers = new Headers()
  for (const [name, value] of fields) headers.append(name, value)
  return atTheGate(new Response(null, { status, headers }), AT, ADDRESSES).headers
}

/** What an origin says in a field, and what its client is told; nothing where the field is taken off. */
const FIELDS: readonly (readonly [name: string, said: string, told?: string | undefined])[] = [
  ['location', 'https://origin.test/x?a#b', '/x?a#b'],
  ['location', '//10.0.0.7:8080/x', '/x'],
  ['location', 'http://10.0.0.7:8080:/', undefined],
  ['content-location', 'https://origin.test/x', '/x'],
  ['refresh', '5; url=https://origin.test/x', '5; url=/x'],
  ['refresh', '0;URL="//10.0.0.7:8080/x"', '0;URL="/x"'],
  ['refresh', '5', '5'],
  ['link', '<https://origin.test/x>; rel="next", </y>; rel="prev"', '</x>; rel="next", </y>; rel="prev"'],
  ['link', '</y>; rel="next"; anchor="https://origin.test/x"', '</y>; rel="next"; anchor="https://news.test/x"'],
  ['sourcemap', 'http://10.0.0.7:8080/a.map', '/a.map'],
  ['x-sourcemap', 'https://origin.test/a.map', '/a.map'],
  ['x-pingback', 'https://origin.test/xmlrpc.php', 'https://news.test/xmlrpc.php'],
  ['alt-svc', 'h3=":443"; ma=86400', undefined],
  ['alt-svc', 'h2="origin.test:8443"', undefined],
  ['access-control-allow-origin', 'https://origin.test', 'https://news.test'],
  ['timing-allow-origin', 'https://origin.test, https://cdn.test', 'https://news.test, https://cdn.test'],
  [
    'content-security-policy',
    "default-src 'self' https://origin.test; report-uri /r",
    "default-src 'self' https://news.test; report-uri /r",
  ],
  ['content-security-policy-report-only', 'report-uri https://origin.test/r', 'report-uri https://news.test/r'],
  ['x-frame-options', 'ALLOW-FROM https://origin.test/', 'ALLOW-FROM https://news.test/'],
  [
    'report-to',
    '{"group":"g","max_age":1,"endpoints":[{"url":"https://origin.test/r"}]}',
    '{"group":"g","max_age":1,"endpoints":[{"url":"https://news.test/r"}]}',
  ],
  ['reporting-endpoints', 'g="http://10.0.0.7:8080/r"', 'g="https://news.test/r"'],
  ['expect-ct', 'max-age=1, report-uri="https://origin.test/r"', 'max-age=1, report-uri="https://news.test/r"'],
  [
    'www-authenticate',
    'Bearer realm="origin.test", resource_metadata="https://origin.test/m"',
    'Bearer realm="news.test", resource_metadata="https://news.test/m"',
  ],
  ['speculation-rules', '"https://origin.test/rules.json"', '"https://news.test/rules.json"'],
  ['server-timing', 'db;desc="10.0.0.7:8080"', 'db;desc="news.test"'],
  ['via', '1.1 origin.test', '1.1 news.test'],
  ['x-next-page', 'https://origin.test/x?page=2', 'https://news.test/x?page=2'],
  ['hx-redirect', 'https://origin.test/x', 'https://news.test/x'],
  ['set-cookie', 'a=1; Domain=origin.test; Path=/', 'a=1; Path=/'],
  // Opaque, or no address of a server's.
  ['etag', '"https://origin.test"', '"https://origin.test"'],
  ['set-cookie', 'to=https://origin.test; Path=/', 'to=https://origin.test; Path=/'],
  ['access-control-allow-origin', 'https://partner.test', 'https://partner.test'],
  [
    'location',
    'https://partner.test/?to=https%3A%2F%2Forigin.test',
    'https://partner.test/?to=https%3A%2F%2Forigin.test',
  ],
]

const ROWS = FIELDS.map(([name, said, told]) => ({ name, said, told }))

describe('a field of a response', () => {
  it.each(ROWS)('$name: $said is sent as $told', ({ name, said, told }) => {
    expect(shown([[name, said]]).get(name)).toBe(told ?? null)
  })

  it('keeps its lines where it is a cookie', () => {
    const headers = shown([
      ['set-cookie', 'a=1; Domain=origin.test; Expires=Thu, 01 Dec 2044 16:00:00 GMT'],
      ['set-cookie', 'b=2; Path=/'],
    ])
    expect(headers.getSetCookie()).toEqual(['a=1; Expires=Thu, 01 Dec 2044 16:00:00 GMT', 'b=2; Path=/'])
  })

  it('stays in the very same response where it names no server', () => {
    const response = new Response('x', { headers: { location: '/x', link: '</y>; rel=next', via: '1.1 cdn.test' } })
    expect(atTheGate(response, AT, ADDRESSES)).toBe(response)
  })
})
