import { describe, expect, it } from 'vitest'
import { countedQuery } from '../../src/cache/rules/key.ts'
import { match, routeName } from '../../src/access/route.ts'
import { readTarget } from '../../src/http/rules/target.ts'
import type { RouteOptions } from '../../src/index.ts'
import { zoneFaults, zoneOf } from '../support/compiled.ts'

const API: RouteOptions = { path: '/*', query: { rest_route: true }, requires: 'api', cache: 'off' }
const ROUTES: RouteOptions[] = [
  { path: '/', free: true },
  { path: '/about', free: true },
  { path: '/free/*', free: true },
  { path: '/articles/*', requires: 'premium' },
  API,
  { path: '/articles/*', query: { format: 'pdf' }, requires: 'pdf' },
  { path: '/articles/*', query: { preview: '1' }, free: true },
  { path: '/reports/*', requires: 'premium' },
  { path: '/reports/*', query: { format: 'csv' }, methods: ['GET'], requires: 'csv' },
  { path: '/reports/*', query: { format: 'csv', all: true }, requires: 'all' },
]

function matched(sent: string, method = 'GET', routes: RouteOptions[] = ROUTES): string {
  const mark = sent.indexOf('?')
  const target = mark === -1 ? readTarget(sent, '') : readTarget(sent.slice(0, mark), sent.slice(mark))
  if (!target.ok) return target.error.reason
  const found = match(zoneOf({ routes, unmatched: 'free' }).routes, target.value, method)
  return found.ok ? `${routeName(found.value)} ${found.value.terms.kind}` : found.error.reason
}

describe('a route that names a parameter', () => {
  it.each([
    ['/', '/ free'],
    ['/?a=1', '/ free'],
    ['/?rest_route=/wp/v2/posts', '/*?rest_route paid'],
    ['/about?rest_route=/wp/v2/posts', '/*?rest_route paid'],
    ['/index.php?rest_route=/', '/*?rest_route paid'],
    ['/other?x=1&rest_route=', '/*?rest_route paid'],
    ['/articles/1', '/articles/* paid'],
    ['/articles/1?format=html', '/articles/* paid'],
    ['/articles/1?format=pdf', '/articles/*?format=pdf paid'],
    ['/articles/1?preview=1', '/articles/*?preview=1 free'],
    ['/articles/1?preview=2', '/articles/* paid'],
    ['/reports/1?format=csv', '/reports/*?format=csv paid'],
    ['/reports/1?format=csv&all', '/reports/*?format=csv&all paid'],
    ['/reports/1?all', '/reports/* paid'],
  ])('decides where the query has it: %s falls on %s', (sent, expected) => {
    expect(matched(sent)).toBe(expected)
    expect(matched(sent, 'GET', ROUTES.toReversed())).toBe(expected)
  })

  it.each([
    '/?rest%5froute=/wp/v2/posts',
    '/?rest%255froute=/wp/v2/posts',
    '/?rest.route=/wp/v2/posts',
    '/?rest_route[]=/wp/v2/posts',
    '/?REST_ROUTE=/wp/v2/posts',
    '/?a;rest_route=/wp/v2/posts',
    '/?rest_route=x&rest_route=/wp/v2/posts',
    '/%3Frest_route=/wp/v2/posts',
    '/about;rest_route=/wp/v2/posts',
    '/About?rest_route=/',
    '/x/..%2fabout?rest_route=/',
    '/about.json?rest_route=/',
  ])('asks to be paid by whatever reading the query has it: %s', (sent) => {
    expect(matched(sent)).toBe('/*?rest_route paid')
  })

  it.each([
    '/articles/1?preview=0&preview=1',
    '/articles/1?preview=1&preview=0',
    '/articles/1?preview=1&preview[]=0',
    '/articles/1?Preview=1',
    '/articles/1?preview=01',
    '/articles/1?preview=%2531',
    '/articles/1?a=1;preview=1',
    '/articles/1%3Fpreview=1',
    '/articles/1;preview=1',
    '/free/..%2farticles/1?preview=1',
  ])('opens nothing where only some servers read the query so: %s', (sent) => {
    expect(matched(sent)).toBe('/articles/* paid')
  })

  it('makes no sense beside other terms where the query is read in two ways, and nothing is let through', () => {
    for (const sent of [
      '/articles/1?Format=pdf',
      '/articles/1?format=html&format=pdf',
      '/articles/1?rest_route=/wp/v2/posts',
      '/articles/1?format=pdf&rest_route=/wp/v2/posts',
      '/articles/1?preview=1&format=pdf&rest.route=x',
    ])
      expect(matched(sent), sent).toBe('target-ambiguous')
  })

  it('with a method that it does not list is closed', () => {
    expect(matched('/reports/1?format=csv', 'POST')).toBe('/reports/*?format=csv closed')
    expect(matched('/reports/1?format=csv&all', 'POST')).toBe('/reports/*?format=csv&all paid')
  })

  it('names what a copy is kept under, whatever the policy of its query', () => {
    for (const policy of [{ ignore: ['*'] }, { only: ['page'] }]) {
      const routes = [API, { path: '/articles/*', requires: 'premium', cache: { query: policy } }]
      const entry = zoneOf({ routes }).routes.entries.find(({ route }) => route.path === '/articles/*')
      const counted = countedQuery('?utm=1&rest%5Froute=/x&Rest.Route[]=y', entry?.route.cache.query)
      expect(counted).toBe('?rest%5Froute=/x&Rest.Route[]=y')
    }
  })
})

describe('a query that a route names', () => {
  it.each([
    ['nothing', {}, 'query'],
    ['a list', ['a'], 'query'],
    ['a value that is no string', { a: 1 }, 'query.a'],
    ['absence', { a: false }, 'query.a'],
    ['an empty value', { a: '' }, 'query.a'],
    ['a name with a space', { 'a b': true }, 'query.a b'],
    ['two names that are one to PHP', { 'a.b': true, A_b: true }, 'query'],
  ])('is a fault with %s', (_name, query, path) => {
    const [fault, ...more] = zoneFaults({ routes: [{ path: '/x', requires: 'x', query }] })
    expect(more).toEqual([])
    expect(fault?.path).toBe(`zones[0].routes[0].${path}`)
  })

  it('tells two routes of one path apart, unless it is the same', () => {
    const route = (query?: object) => ({ path: '/x', requires: 'x', ...(query && { query }) })
    expect(
      zoneFaults({ routes: [route(), route({ a: true }), route({ a: '1' }), route({ a: true, b: true })] }),
    ).toEqual([])
    expect(zoneFaults({ routes: [route({ a: true, b: '1' }), route({ B: '1', A: true })] })).toEqual([
      { path: 'zones[0].routes[1].path', message: 'the same as zones[0].routes[0].path' },
    ])
  })
})

it('reads what many readings of a path repeat once', () => {
  const { routes } = zoneOf({ routes: [API], unmatched: 'free' })
  let times = 0
  const byQuery = routes.byQuery.map((entry) => ({
    ...entry,
    query: entry.query.map((wanted) => {
      const names = Object.assign([...wanted.names], { includes: () => (times++, false) })
      return { ...wanted, names }
    }),
  }))
  const target = readTarget(`/x/${'a%3Fb.;'.repeat(1000)}`, '')
  if (!target.ok) throw new Error(target.error.detail)
  expect(target.value.interpretations.length).toBeGreaterThan(10)
  expect(match({ ...routes, byQuery }, target.value, 'GET').ok).toBe(true)
  expect(times).toBeLessThan(100)
})
