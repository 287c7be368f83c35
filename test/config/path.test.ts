import { describe, expect, it } from 'vitest'
import { match } from '../../src/access/route.ts'
import { readTarget } from '../../src/http/rules/target.ts'
import type { ZoneOptions } from '../../src/index.ts'
import { ZONE, zoneFaults, zoneOf } from '../support/compiled.ts'

const ofPath = (path: string) => zoneFaults({ routes: [{ path, requires: 'x' }] })
const ofRoute = (route: object) => zoneFaults({ routes: [{ path: '/x', ...route }] })

describe('a placeholder of another router is a fault that says how to write it', () => {
  const written: [path: string, wanted: string][] = [
    ['/articles/:slug', '/articles/*'],
    ['/articles/:slug?', '/articles/*'],
    ['/articles/:path*', '/articles/*'],
    ['/articles/:path+', '/articles/*'],
    ['/articles/:id(\\d+)', '/articles/*'],
    ['/articles/:id{[0-9]+}', '/articles/*'],
    ['/users/:id/posts', '/users/*/posts'],
    ['/users/:id/posts/:post', '/users/*/posts/*'],
    ['/books/{id}', '/books/*'],
    ['/books/{id:\\d+}', '/books/*'],
    ['/books/{id:int}/pages', '/books/*/pages'],
    ['/books/{id?}', '/books/*'],
    ['/books/{*rest}', '/books/*'],
    ['/books/{proxy+}', '/books/*'],
    ['/books/{{id}}', '/books/*'],
    ['/books/${id}', '/books/*'],
    ['/posts{/:page}?', '/posts/*'],
    ['/posts(/page)?', '/posts/*'],
    ['/posts/[id]', '/posts/*'],
    ['/posts/[...slug]', '/posts/*'],
    ['/posts/[[...slug]]', '/posts/*'],
    ['/posts/<id>', '/posts/*'],
    ['/posts/<int:id>/edit', '/posts/*/edit'],
    ['/posts/(.*)', '/posts/*'],
    ['/posts/(?<id>.*)', '/posts/*'],
    ['/posts/**', '/posts/*'],
    ['/a/**/b', '/a/*/b'],
    ['/posts/*rest', '/posts/*'],
    ['/posts/$id', '/posts/*'],
    ['/posts/$', '/posts/*'],
    ['/posts/%s', '/posts/*'],
    ['/posts/.*', '/posts/*'],
    ['/posts/.+', '/posts/*'],
    ['/posts/\\d+', '/posts/*'],
    ['/posts/[0-9]+', '/posts/*'],
    ['/posts/[^/]+', '/posts/*'],
    ['/posts/+', '/posts/*'],
    ['/posts/...', '/posts/*'],
    ['/posts/...rest', '/posts/*'],
    ['^/posts/(.*)$', '/posts/*'],
    ['^/posts$', '/posts'],
    ['/posts$', '/posts'],
    ['/:slug', '/*/'],
    ['/[id]', '/*/'],
    ['/:path*', '/*'],
    ['/**', '/*'],
    ['/(.*)', '/*'],
  ]

  it.each(written)('%s is %s', (path, wanted) => {
    const [fault, ...more] = ofPath(path)
    expect(more).toEqual([])
    expect(fault).toEqual({ path: 'zones[0].routes[0].path', message: expect.stringContaining(`write '${wanted}'`) })
    expect(ofPath(wanted)).toEqual([])
  })

  it.each([
    '/posts/*.php',
    '/*.js',
    '/post-:id',
    '/posts/:from-:to',
    '/@:handle',
    '/v:version',
    '/posts/{id}.json',
    '/posts/[id].tsx',
    '/posts?',
    '/colou?r?/x?',
    '/(group)/x',
    '/posts/@(a|b)',
    '/posts/!(x)',
    '/a|b',
    '/posts/%(id)s',
    '/posts/%{id}',
    '/posts/#{id}',
    '/posts/%',
    '/posts/`x`',
    '/posts/"x"',
  ])('%s has no whole segment, and nothing is proposed that would cover more', (path) => {
    const [fault, ...more] = ofPath(path)
    expect(more).toEqual([])
    expect(fault?.message).toMatch(/is no pattern here/)
    expect(fault?.message).not.toMatch(/write '/)
  })
})

describe('a path that no request can have is a fault', () => {
  const wrong: [path: string, message: RegExp][] = [
    ['articles', /begins with "\/"/],
    ['*', /begins with "\/"/],
    ['~ ^/articles', /begins with "\/"/],
    ['GET /articles', /begins with "\/"/],
    ['https://www.example.com/articles/*', /"hosts"/],
    ['//www.example.com/articles', /"hosts"/],
    ['/articles?page=1', /query/],
    ['/articles#top', /fragment/],
    ['/articles;v=1', /";"/],
    ['/my articles', /white space/],
    ['/a//b', /"\/\/"/],
    ['/a/../b', /segments/],
    ['/a/%2e%2E/b', /segments/],
    ['/a/%ff', /UTF-8/],
    ['/a%2fb', /divide/],
    ['/a%00', /no request/],
    ['/a%0Ab', /no request/],
    [`/${'a%20'.repeat(3000)}`, /no request/],
    ['/__faregate/x', /__faregate/],
    ['/%5f_faregate/x', /__faregate/],
  ]

  it.each(wrong)('%.40s', (path, message) => {
    expect(ofPath(path)).toEqual([{ path: 'zones[0].routes[0].path', message: expect.stringMatching(message) }])
  })
})

describe('a path that is meant as it stands', () => {
  it.each([
    '/',
    '/*',
    '/*/',
    '/articles/*',
    '/a/*/b',
    '/wiki/Mercury_(planet)',
    '/wiki/St._John_(St._Louis)',
    '/Products(1)',
    '/@user',
    '/~user/*',
    '/12:30',
    '/C++',
    '/a+b',
    '/café/*',
    '/caf%C3%A9',
    '/.well-known/*',
    '/app.v1.2.js',
    '/a,b',
    '/!important',
  ])('has no fault: %s', (path) => {
    expect(ofPath(path)).toEqual([])
  })

  it.each([
    ['/v1/m%3Agenerate', '/v1/m:generate'],
    ['/%3Aid', '/:id'],
    ['/x%28y%29', '/x(y)'],
    ['/%24id', '/$id'],
    ['/%7Bid%7D', '/{id}'],
    ['/%5Bid%5D', '/[id]'],
    ['/a%7Cb', '/a|b'],
    ['/x%2A', '/x*'],
  ])('is written %s, and covers %s', (path, sent) => {
    expect(ofPath(path)).toEqual([])
    const { routes } = zoneOf({ routes: [{ path, requires: 'x' }] })
    for (const spelt of [sent, path]) {
      const target = readTarget(spelt, '')
      expect(target.ok && match(routes, target.value, 'GET')).toMatchObject({ value: { path } })
    }
  })
})

describe('what asks for nothing, or counts nothing, is a fault', () => {
  const price = { amount: '0.25', currency: 'USD' }
  it.each([
    ['a price of zero', { price: { ...price, amount: '0' } }, 'zones[0].routes[0].price'],
    ['a price of zero in decimals', { price: { ...price, amount: '0.000' } }, 'zones[0].routes[0].price'],
    [
      'a price of zero beside an entitlement',
      { requires: 'x', price: { ...price, amount: '0' } },
      'zones[0].routes[0].price',
    ],
    [
      'a price per what is not counted',
      { price: { ...price, per: 'pages' }, counts: { pages: 0 } },
      'zones[0].routes[0]',
    ],
    [
      'a prefix of fields',
      { requires: 'x', cache: { requestFields: ['x-*'] } },
      'zones[0].routes[0].cache.requestFields[0]',
    ],
    [
      'an expression for parameters',
      { requires: 'x', cache: { query: { ignore: ['utm_.*'] } } },
      'zones[0].routes[0].cache.query.ignore[0]',
    ],
  ])('%s', (_name, route, path) => {
    expect(ofRoute(route).map((fault) => fault.path)).toEqual([path])
  })
})

describe('two paths that matching does not tell apart', () => {
  it.each([
    ['/a', '/A/'],
    ['/caf%C3%A9', '/café'],
    ['/%61bc', '/abc'],
    ['/a%3Ab', '/a%3ab'],
    ['/ı/*', '/I/*'],
  ])('are a fault: %s and %s', (one, other) => {
    const routes = [one, other].map((path) => ({ path, requires: 'x' }))
    expect(zoneFaults({ routes })).toEqual([
      { path: 'zones[0].routes[1].path', message: 'the same as zones[0].routes[0].path' },
    ])
  })

  it('are not those of which one is a segment, and the other all below', () => {
    expect(
      zoneFaults({
        routes: [
          { path: '/a/*', requires: 'x' },
          { path: '/a/*/', free: true },
        ],
      }),
    ).toEqual([])
  })
})

describe('placeholders elsewhere', () => {
  const remedies = (checkout: string): Partial<ZoneOptions> => ({ remedies: { ...ZONE.remedies, checkout } })
  it.each([':return', '$return', '[return]', '%s'])('in a remedy: %s', (placeholder) => {
    const found = zoneFaults(remedies(`https://d.test/buy?to=${placeholder}`))
    expect(found.map(({ path }) => path)).toEqual(['zones[0].remedies.checkout'])
  })
  it('and a remedy may have escapes', () => {
    expect(zoneFaults(remedies('https://d.test/buy%20now?to={return}&at=12:30'))).toEqual([])
  })

  it.each([':id', '[id]', '$id'])('in the URL of a status list: %s', (placeholder) => {
    const statusLists = { allow: [`https://i.test/status/${placeholder}`] }
    const issuers = ZONE.issuers.map((issuer) => ({ ...issuer, statusLists }))
    expect(zoneFaults({ issuers }).map(({ path }) => path)).toEqual(['zones[0].issuers[0].statusLists.allow[0]'])
  })
})
