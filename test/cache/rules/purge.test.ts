import { describe, expect, it } from 'vitest'
import {
  addPurge,
  includesPurges,
  isPurged,
  mergePurges,
  NO_PURGES,
  type Purge,
  type Purges,
} from '../../../src/cache/rules/purge.ts'

const order = (part: Partial<Purge>): Purge => ({ everything: false, tags: [], pathPrefixes: [], ...part })
const at = (now: number, part: Partial<Purge>, before: Purges = NO_PURGES): Purges => addPurge(before, order(part), now)

describe('a purge', () => {
  const copy = { requestedAt: 10, path: '/a/b', tags: ['red'] }
  it.each<[string, Purges, boolean]>([
    ['of nothing', NO_PURGES, false],
    ['of everything, before', at(9, { everything: true }), false],
    ['of everything, in the same millisecond', at(10, { everything: true }), true],
    ['of its tag', at(11, { tags: ['red'] }), true],
    ['of another tag', at(11, { tags: ['blue', 'constructor'] }), false],
    ['of its path', at(11, { pathPrefixes: ['/a/b'] }), true],
    ['of a path above', at(11, { pathPrefixes: ['/a'] }), true],
    ['of the root', at(11, { pathPrefixes: [''] }), true],
    ['of half a segment', at(11, { pathPrefixes: ['/a/'] }), false],
    ['of a path below', at(11, { pathPrefixes: ['/a/b/c'] }), false],
  ])('%s', (_name, purges, hits) => {
    expect(isPurged(copy, purges)).toBe(hits)
  })

  it('hits a path of many segments as it hits a short one', () => {
    const deep = { ...copy, path: `/a/b${'/c'.repeat(100)}`, tags: [] }
    const hits = ['', '/a', '/a/b', '/a/', '/a/b/c', '/b', '/a/b/c/d', deep.path].filter((prefix) =>
      isPurged(deep, at(11, { pathPrefixes: [prefix] })),
    )
    expect(hits).toEqual(['', '/a', '/a/b', '/a/b/c', deep.path])
    expect(isPurged(deep, at(9, { pathPrefixes: ['/a'] }))).toBe(false)
  })

  it('of any tag hits what is in flight, whose tags are not known yet', () => {
    const inFlight = { ...copy, tags: undefined }
    expect(isPurged(inFlight, at(11, { tags: ['blue'] }))).toBe(true)
    expect(isPurged(inFlight, at(9, { tags: ['blue'] }))).toBe(false)
  })
})

describe('two lists of purges', () => {
  it('make one that says of each name the later time, whichever was learned first', () => {
    const one = at(5, { tags: ['a', '__proto__'] }, at(3, { pathPrefixes: ['/p'] }))
    const other = at(4, { tags: ['a', 'b'] })
    const both = {
      everythingAt: Number.NEGATIVE_INFINITY,
      tags: Object.fromEntries([
        ['a', 5],
        ['__proto__', 5],
        ['b', 4],
      ]),
      pathPrefixes: { '/p': 3 },
    }
    expect(mergePurges(one, other)).toEqual(both)
    expect(mergePurges(other, one)).toEqual(both)
    expect(includesPurges(mergePurges(one, other), one)).toBe(true)
    expect(includesPurges(one, other)).toBe(false)
  })

  it('need no names that a purge of everything covers', () => {
    const everything = at(5, { everything: true })
    expect(mergePurges(at(5, { tags: ['a'] }), everything)).toEqual(everything)
    expect(includesPurges(everything, at(5, { tags: ['a'] }))).toBe(true)
    expect(includesPurges(everything, at(6, { tags: ['a'] }))).toBe(false)
    expect(includesPurges(at(6, { tags: ['a'] }), everything)).toBe(false)
  })

  it('of more than a thousand names are a purge of everything', () => {
    const names = (count: number) => Array.from({ length: count }, (_, n) => `t${n}`)
    expect(Object.keys(at(1, { tags: names(1000) }).tags)).toHaveLength(1000)
    expect(at(2, { tags: ['one more'] }, at(1, { tags: names(1000) }))).toEqual(at(2, { everything: true }))
  })

  it('of names that are too long in all are a purge of everything', () => {
    const names = (count: number) => Array.from({ length: count }, (_, n) => `${n}`.padStart(1024, 'x'))
    expect(Object.keys(at(1, { tags: names(64) }).tags)).toHaveLength(64)
    expect(at(2, { pathPrefixes: ['/a'] }, at(1, { tags: names(64) }))).toEqual(at(2, { everything: true }))
  })

  it('survive JSON', () => {
    const purges = at(5, { tags: ['a'] })
    const read = JSON.parse(JSON.stringify(purges)) as Purges
    expect(includesPurges(read, purges)).toBe(true)
    expect(isPurged({ requestedAt: 4, path: '/', tags: ['a'] }, mergePurges(read, NO_PURGES))).toBe(true)
    expect(isPurged({ requestedAt: 4, path: '/', tags: [] }, mergePurges(read, NO_PURGES))).toBe(false)
  })
})
