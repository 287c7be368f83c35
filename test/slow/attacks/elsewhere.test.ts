import { describe, expect, it } from 'vitest'
import { DEFAULT_METERING } from '../../../src/access/limit.ts'
import { type Admission, createEffort, leadsElsewhere, namesNothing } from '../../../src/access/elsewhere.ts'
import type { Terms } from '../../../src/access/offer.ts'
import { AS_RECEIVED, buildTable, type Route } from '../../../src/access/route.ts'
import { indexEntries } from '../../../src/access/routeindex.ts'
import { secretReading } from './readers.ts'
import { hostileTargets } from './targets.ts'

const offer = { entitlements: ['premium'], price: undefined, onSale: true, title: undefined, description: undefined }

function route(path: string, kind: 'free' | 'paid'): Route {
  const paid: Terms = {
    kind: 'paid',
    offer: { ...offer, resource: path },
    metering: DEFAULT_METERING,
    observedUntilMs: undefined,
  }
  const limits = { connectMs: 1, responseMs: 1, maxSessionMs: 1, stallMs: 1 }
  return { path, methods: undefined, terms: kind === 'free' ? { kind } : paid, cache: AS_RECEIVED, limits }
}

const table = buildTable(
  [route('/articles/*', 'paid'), route('/members', 'paid'), route('/free/*', 'free')],
  route('/*', 'free'),
)
const admission: Admission = {
  table,
  method: 'GET',
  hosts: ['localhost', 'www.example.com'],
  isOpen: ({ terms }) => terms.kind === 'free',
}

describe('a field whose value is a hostile spelling of a paid page', () => {
  const targets = hostileTargets().filter((target) => secretReading(target) !== undefined)

  it.each([
    ['as it is', (target: string) => target],
    [
      'as a URL of the site',
      (target: string) => (target.startsWith('/') ? `https://www.example.com${target}` : target),
    ],
    ['without its first slash', (target: string) => target.replace(/^\/(?=[a-z])/i, '')],
    ['with a query', (target: string) => `${target}?a=1`],
    ['as a member', (target: string) => `uri=${target}`],
    ['quoted', (target: string) => `"${target}"`],
    ['of a list', (target: string) => `/free/a, ${target}`],
  ])('does not pass %s', (_how, valueOf) => {
    const passed = targets.filter(
      (target) => namesNothing(valueOf(target), table) || !leadsElsewhere(valueOf(target), admission, createEffort()),
    )
    expect(passed.slice(0, 20)).toEqual([])
    expect(targets.length).toBeGreaterThan(4800)
  })
})

describe('a field with more than a target', () => {
  const filler = 'j'.repeat(2050)

  it.each([
    ['before a long value of the same name', `/members, ${filler}`],
    ['after one', `${filler}, /members`],
    ['between two', `${filler}, /members, ${filler}`],
    ['in a long list', `x, /articles/1, ${filler}`],
    ['with a space, before a value of the same name', `/members /, ${filler}`],
  ])('does not pass a paid page %s', (_where, value) => {
    expect(leadsElsewhere(value, admission, createEffort())).toBe(true)
  })
})

describe('a reference as URL parsers read it', () => {
  const wide = buildTable([route('/*/premium', 'paid')], route('/*', 'free'))

  it.each([
    'https:news/premium',
    'https:/news/premium',
    'HTTP:news/premium',
    'https:www.example.com/news/premium',
    'https:/www.example.com/news/premium',
    'a, https:www.example.com/news/premium',
    'https:/\t/www.example.com/news/premium',
    '/news/pre\tmium',
    '/ne\tws/premium',
  ])('does not pass where it leads to a paid page: %j', (value) => {
    expect(new URL(value.split(', ').at(-1) ?? '', 'https://www.example.com/').pathname).toMatch(/premium$/)
    const passes = namesNothing(value, wide) || !leadsElsewhere(value, { ...admission, table: wide }, createEffort())
    expect(passes).toBe(false)
  })

  it.each(['mem\tbers', 'https:members', 'https:\tmembers'])('does not pass without a slash: %j', (value) => {
    expect(namesNothing(value, table) || !leadsElsewhere(value, admission, createEffort())).toBe(false)
  })

  it.each([
    'https:free/a',
    'https:',
    'http:',
    'https://other.example/news',
    'https://www.example.com/free/a',
    'http:80',
  ])('passes where it leads to none: %s', (value) => {
    expect(leadsElsewhere(value, admission, createEffort())).toBe(false)
  })
})

describe('fields that can be read in many ways', () => {
  /** The routes, and how often a reading was held against them. */
  function counted(): { admission: Admission; count: () => number } {
    let times = 0
    const byPath = table.byPath.map((entry) => {
      const test = (path: string): boolean => {
        times++
        return entry.pattern.folded.test(path)
      }
      const watched = Object.assign(new RegExp(''), { test })
      return { ...entry, pattern: { ...entry.pattern, exact: watched, folded: watched } }
    })
    return { admission: { ...admission, table: { ...table, byPath, find: indexEntries(byPath) } }, count: () => times }
  }

  it.each(['/a.b;c+d', 'a=/x%2561.b;c:d%41%C3%A9+/..;/', '/a%5Cb.c;d', 'http://www.example.com/a.b;c+d:e'])(
    'are held against the routes no more often than one long target, and do not pass then: %s',
    (unit) => {
      const { admission: watched, count } = counted()
      const effort = createEffort()
      const values = ['1', '2', '3', '4'].map((one) =>
        Array.from({ length: 16 }, (_, at) => unit + one + at + unit.repeat(3)).join(' '),
      )
      const verdicts = values.map((value) => leadsElsewhere(value, watched, effort))
      expect(verdicts.at(-1)).toBe(true)
      expect(count()).toBeLessThan(3 * 1000)
    },
  )

  it('are told apart while there are few', () => {
    const effort = createEffort()
    const verdicts = Array.from({ length: 8 }, (_, at) =>
      leadsElsewhere(`app/1.2.${at} (https://www.example.com/free/a.b;c)`, admission, effort),
    )
    expect(verdicts).not.toContain(true)
  })
})
