import { describe, expect, it } from 'vitest'
import { DEFAULT_METERING } from '../../src/access/limit.ts'
import type { Terms } from '../../src/access/offer.ts'
import { buildTable, match, type Route } from '../../src/access/route.ts'
import { readTarget } from '../../src/http/rules/target.ts'
import { OFF } from '../support/policy.ts'

function route(path: string, kind: Terms['kind'], methods?: string[]): Route {
  const offer = {
    entitlements: [path],
    price: undefined,
    onSale: true,
    title: undefined,
    description: undefined,
    resource: path,
  }
  return {
    path,
    methods,
    terms: kind === 'paid' ? { kind, offer, metering: DEFAULT_METERING, observedUntilMs: undefined } : { kind },
    cache: OFF,
    limits: { connectMs: 1, responseMs: 1, maxSessionMs: 1, stallMs: 1 },
  }
}

function matched(routes: Route[], unmatched: Terms['kind'], sent: string, method = 'GET'): string {
  const target = readTarget(sent, '')
  if (!target.ok) return target.error.reason
  const found = match(buildTable(routes, route('/*', unmatched)), target.value, method)
  return found.ok ? `${found.value.path} ${found.value.terms.kind}` : found.error.reason
}

describe('the most specific route decides', () => {
  const routes = [
    route('/*', 'paid'),
    route('/a/*', 'free'),
    route('/a/b/*', 'paid'),
    route('/a/b', 'closed'),
    route('/a/*/c', 'closed'),
    route('/', 'free'),
  ]

  it.each([
    ['/', '/ free'],
    ['/x', '/* paid'],
    ['/a', '/a/* free'],
    ['/a/', '/a/* free'],
    ['/a/x', '/a/* free'],
    ['/ab', '/* paid'],
    ['/a/b', '/a/b closed'],
    ['/a/b/', '/a/b closed'],
    ['/a/b/x', '/a/b/* paid'],
    ['/a/x/c', '/a/*/c closed'],
  ])('of %j: %s', (sent, expected) => {
    expect(matched(routes, 'free', sent)).toBe(expected)
    expect(matched(routes.toReversed(), 'free', sent)).toBe(expected)
  })
})

describe('the strictest reading decides', () => {
  const routes = [
    route('/free/*', 'free'),
    route('/articles/*', 'paid'),
    route('/api/*', 'paid'),
    route('/members', 'paid'),
    route('/robots.txt', 'free'),
  ]

  it.each([
    ['/Articles/1', 'free', '/articles/* paid'],
    ['/ARTICLES/1', 'closed', 'target-ambiguous'],
    ['/free/..%2farticles/1', 'free', '/articles/* paid'],
    ['/articles/../free/1', 'free', '/articles/* paid'],
    ['/articles/..%2fapi/1', 'free', 'target-ambiguous'],
    ['/members.json', 'free', '/members paid'],
    ['/members%20', 'free', '/members paid'],
    ['/robots.txt', 'paid', '/robots.txt free'],
    ['/free/1.html', 'paid', '/free/* free'],
    ['/FREE/1', 'paid', '/* paid'],
    ['/free/a%20b;c/caf%C3%A9.tar.gz', 'closed', '/free/* free'],
  ] as const)('of %j, with unmatched %s: %s', (sent, unmatched, expected) => {
    expect(matched(routes, unmatched, sent)).toBe(expected)
  })

  it('and a wide paid route does not close a narrow free one', () => {
    expect(matched([route('/*', 'paid'), route('/robots.txt', 'free')], 'free', '/robots.txt')).toBe('/robots.txt free')
  })

  it('whichever way a pattern is spelt', () => {
    for (const pattern of ['/café/*', '/caf%C3%A9/*', '/CAFÉ/*']) {
      for (const sent of ['/caf%c3%a9/1', '/café/1', '/CAF%C3%89/1'])
        expect(matched([route(pattern, 'paid')], 'free', sent), `${pattern} ${sent}`).toBe(`${pattern} paid`)
    }
  })
})

describe('a method', () => {
  const routes = [route('/a/*', 'paid', ['GET']), route('/a/*', 'free', ['POST']), route('/*', 'free')]

  it.each([
    ['GET', '/a/* paid'],
    ['HEAD', '/a/* paid'],
    ['POST', '/a/* free'],
    ['DELETE', '/a/* closed'],
    ['get', '/a/* closed'],
  ])('%s: %s', (method, expected) => {
    expect(matched(routes, 'free', '/a/1', method)).toBe(expected)
  })
})

describe('routes of one path, one for each method', () => {
  it.each([
    ['/café', '/caf%C3%A9'],
    ['/a', '/A'],
    ['/a', '/a/'],
  ])('are found together however the path is spelt: %s and %s', (one, other) => {
    const routes = [route(one, 'free', ['GET']), route(other, 'paid', ['POST'])]
    expect(matched(routes, 'free', one, 'GET')).toBe(`${one} free`)
    expect(matched(routes, 'free', one, 'POST')).toBe(`${other} paid`)
    expect(matched(routes, 'free', one, 'PUT')).toBe(`${one} closed`)
  })
})

describe('a path that has a route of its own', () => {
  const routes = [
    route('/app/*', 'paid'),
    route('/app.js', 'free'),
    route('/articles/*', 'paid'),
    route('/articles.rss', 'free'),
    route('/feeds/*', 'paid'),
    route('/feeds.xml', 'paid'),
    route('/Docs.pdf', 'free', ['GET']),
    route('/docs/*', 'paid'),
  ]

  it.each([
    ['/app.js', '/app.js free'],
    ['/app%2ejs', '/app.js free'],
    ['/x/../app.js', '/app.js free'],
    ['/articles.rss', '/articles.rss free'],
    ['/feeds.xml', '/feeds.xml paid'],
    ['/Docs.pdf', '/Docs.pdf free'],
  ])('is decided on by it, whatever it is without its format suffix: %s', (sent, expected) => {
    expect(matched(routes, 'free', sent)).toBe(expected)
  })

  it.each([
    ['/app.JS', '/app/* paid'],
    ['/App.js', '/app/* paid'],
    ['/app.js/', '/app/* paid'],
    ['/app.js.json', '/app/* paid'],
    ['/app.json', '/app/* paid'],
    ['/app.js;x', '/app/* paid'],
    ['/app.js%20', '/app/* paid'],
    ['/app.js.', '/app/* paid'],
    ['/app.js%2f..%2fapp%2f1', '/app/* paid'],
    ['/app.js/..;/app/1', '/app/* paid'],
    ['/app.js/..%5c/app/1', '/app/* paid'],
    ['/app/app.js', '/app/* paid'],
    ['/app;/app.js', '/app/* paid'],
    ['/ａpp.js', '/app/* paid'],
    ['/docs.pdf', '/docs/* paid'],
  ])('says nothing of another spelling: %s', (sent, expected) => {
    expect(matched(routes, 'free', sent)).toBe(expected)
  })

  it('is paid all the same where it can be read as a paid page by more than its suffix', () => {
    const sold = [route('/members', 'paid')]
    for (const path of ['/members.', '/members%20', '/%C3%BCx/../members%3Fx', '/Members::$DATA', '/MEMBERS']) {
      const target = readTarget(path, '')
      if (!target.ok) continue
      expect(matched([...sold, route(target.value.path, 'free')], 'free', path), path).not.toMatch(/free$/)
    }
  })
})
