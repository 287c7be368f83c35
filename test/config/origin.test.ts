import { describe, expect, it } from 'vitest'
import type { OriginOptions } from '../../src/config/options.ts'
import { zoneFaults, zoneOf } from '../support/compiled.ts'

const SECRET = 'Basic c2VjcmV0LW9mLXRoZS1nYXRl'
const env = { READER_KEY: SECRET, BROKEN: 'two\r\nlines: c2VjcmV0', EMPTY: '', SPACED: ' c2VjcmV0' }

describe('origin.host', () => {
  const askedAs = (url: string, hosts: string[], host?: 'zone' | 'server'): string | undefined => {
    const change = { origin: { servers: [{ url }], ...(host === undefined ? {} : { host }) } }
    const server = zoneOf({ ...change, hosts: [...hosts, 'a.test'] }).pool?.members[0]?.server
    return server?.kind === 'url' ? server.as : undefined
  }

  it.each<[string, string[], string | undefined]>([
    ['https://origin.site.test', ['www.site.test'], 'zone where possible'],
    ['https://origin.site.test', ['site.test'], 'zone where possible'],
    ['https://a.b.site.test:8443/base', ['www.site.test'], 'zone where possible'],
    // The very host of the zone, or one that no zone of the platform has beside it.
    ['https://www.site.test', ['www.site.test'], undefined],
    ['https://origin.test', ['www.site.test'], undefined],
    ['https://site.test.host.test', ['www.site.test'], undefined],
    ['https://notsite.test', ['site.test'], undefined],
    ['http://127.0.0.1:8788', ['localhost'], undefined],
    ['http://origin.localhost:8788', ['localhost'], undefined],
    ['http://[::1]:8788', ['www.site.test'], undefined],
  ])('left out, has %s before %j asked as: %s', (url, hosts, as) => {
    expect(askedAs(url, hosts)).toBe(as)
    expect(askedAs(url, hosts, 'server')).toBeUndefined()
    expect(askedAs(url, hosts, 'zone')).toBe('zone')
  })

  it('is one of two', () => {
    expect(zoneFaults({ origin: { servers: [{ url: 'https://o.test' }], host: 'public' } }, env)).toEqual([
      { path: 'zones[0].origin.host', message: 'expected "zone" or "server"' },
    ])
  })
})

const withFields = (fields: unknown) => ({ origin: { servers: [{ url: 'https://o.test' }], fields } })

describe('origin.fields', () => {
  it('are read from the environment, or stand in the configuration', () => {
    const fields: OriginOptions['fields'] = { Authorization: { secret: 'READER_KEY' }, 'User-Agent': 'Gate/1.0 (paid)' }
    expect(zoneOf(withFields(fields), env).originFields).toEqual([
      ['authorization', SECRET],
      ['user-agent', 'Gate/1.0 (paid)'],
    ])
    expect(zoneOf({}, env).originFields).toEqual([])
  })

  it.each<[string, unknown, string]>([
    ['a secret that is not there', { 'x-key': { secret: 'ABSENT' } }, 'x-key.secret'],
    ['an empty secret', { 'x-key': { secret: 'EMPTY' } }, 'x-key.secret'],
    ['a secret of two lines', { 'x-key': { secret: 'BROKEN' } }, 'x-key.secret'],
    ['a secret with space before it', { 'x-key': { secret: 'SPACED' } }, 'x-key.secret'],
    ['a value of two lines', { 'x-key': 'c2VjcmV0\r\nx: y' }, 'x-key'],
    ['a value that is not ASCII', { 'x-key': 'c2VjcmV0é' }, 'x-key'],
    ['an empty value', { 'x-key': '' }, 'x-key'],
    ['a value of another kind', { 'x-key': 7 }, 'x-key'],
    ['a name that is none', { 'x key': 'c2VjcmV0' }, 'x key'],
    ...[
      'host',
      'Content-Length',
      'transfer-encoding',
      'connection',
      'upgrade',
      'range',
      'if-none-match',
      'accept-encoding',
      'traceparent',
      'x-forwarded-host',
      'X-Original-URL',
      'x_original_url',
      'x-http-method-override',
      'faregate-subject',
      'Faregate-Assertion',
    ].map((name): [string, unknown, string] => [`the name ${name}`, { [name]: 'c2VjcmV0' }, name]),
  ])('with %s is a fault, and tells nothing of the value', (_name, fields, path) => {
    const found = zoneFaults(withFields(fields), env)
    expect(found.map((fault) => fault.path)).toEqual([`zones[0].origin.fields.${path}`])
    expect(JSON.stringify(found)).not.toContain('c2VjcmV0')
  })
})
