import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Terms } from '../../src/access/offer.ts'
import { buildTable, match, type Route } from '../../src/access/route.ts'
import { indexEntries } from '../../src/access/routeindex.ts'
import { compilePattern, fold, isPathPattern } from '../../src/http/rules/pattern.ts'
import { readTarget } from '../../src/http/rules/target.ts'
import { OFF } from '../support/policy.ts'

/** Few, so that patterns and targets meet; some change length, case or spelling when they are folded. */
const NAMES = ['a', 'A', 'b', 'é', 'É', '%C3%A9', '%c3%89', 'ß', 'SS', 'ı', 'I', 'K', 'k', 'Σ', 'oΣ', 'Σ.x', 'ς', 'σ.x']
NAMES.push('a%20b', 'a.json', 'a.b', 'x$', '(a)', '%28a%29', 'ﬁ', 'fi', '日本')
const MORE = ['', '.', '..', 'a;b', 'a%2Fb', 'A.JSON', 'a+b', 'a ', '%61', '%2e%2e', 'a%3Fb', 'a%5cb', 'index.php']

const pattern = fc
  .tuple(fc.array(fc.constantFrom(...NAMES, '*'), { maxLength: 4 }), fc.constantFrom('', '/', '/*'))
  .map(([segments, end]) => `${segments.map((segment) => `/${segment}`).join('')}${end}` || '/')
  .filter(isPathPattern)
const target = fc
  .array(fc.constantFrom(...NAMES, ...NAMES, ...MORE), { maxLength: 5 })
  .map((all) => `/${all.join('/')}`)
const kind = fc.constantFrom<Terms['kind'][]>('free', 'closed')
const methods = fc.constantFrom(undefined, undefined, ['GET'], ['POST'])
const route = fc.record({ path: pattern, kind, methods }).map(
  ({ path, kind: of, methods: only }): Route => ({
    path,
    methods: only,
    terms: of === 'free' ? { kind: 'free' } : { kind: 'closed' },
    cache: OFF,
    limits: { connectMs: 1, responseMs: 1, maxSessionMs: 1, stallMs: 1 },
  }),
)

describe('a table of routes that is indexed', () => {
  it('gives every target the route that it has when each pattern is tried', () => {
    fc.assert(
      fc.property(fc.array(route, { maxLength: 12 }), route, target, fc.constantFrom('GET', 'POST'), (...drawn) => {
        const [routes, unmatched, sent, method] = drawn
        const table = buildTable(routes, { ...unmatched, path: '/*' })
        const read = readTarget(sent, '')
        if (!read.ok) return
        expect(match(table, read.value, method)).toEqual(
          match({ ...table, find: () => table.byPath }, read.value, method),
        )
      }),
      { numRuns: 3000 },
    )
  })

  it('finds every pattern that a path matches, as written or folded, in the order of the list', () => {
    fc.assert(
      fc.property(fc.array(pattern, { maxLength: 12 }), target, (patterns, path) => {
        const entries = patterns.map((source) => ({ pattern: compilePattern(source) }))
        const found = indexEntries(entries)(fold(path))
        expect(found).toEqual(entries.filter((entry) => found.includes(entry)))
        for (const entry of entries)
          if (entry.pattern.exact.test(path) || entry.pattern.folded.test(fold(path))) expect(found).toContain(entry)
      }),
      { numRuns: 3000 },
    )
  })

  it('tries a few of thousands', () => {
    const paths = Array.from({ length: 5000 }, (_, at) => `/section-${at % 50}/topic-${at}/*`)
    const find = indexEntries([...paths, '/*', '/*/topic-7/x'].map((path) => ({ pattern: compilePattern(path) })))
    expect(find('/section-7/topic-7/x').map((entry) => entry.pattern.source)).toEqual([
      '/section-7/topic-7/*',
      '/*',
      '/*/topic-7/x',
    ])
  })
})
