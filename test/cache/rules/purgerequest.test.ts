import { describe, expect, it } from 'vitest'
import { readPurge } from '../../../src/cache/rules/purgerequest.ts'

const NOTHING = { everything: false, tags: [], pathPrefixes: [] }

describe('what an operator orders', () => {
  it.each([
    [{ everything: true }, { everything: true }],
    [{ tags: ['A', 'a', 'b!~+-.'] }, { tags: ['a', 'b!~+-.'] }],
    [{ tags: ['__proto__', 'constructor'] }, { tags: ['__proto__', 'constructor'] }],
    [{ tags: ['x'.repeat(1024)], pathPrefixes: [] }, { tags: ['x'.repeat(1024)] }],
    [{ pathPrefixes: ['/a', '/a/', '/a/*', '/%61'] }, { pathPrefixes: ['/a'] }],
    [{ pathPrefixes: ['/Talk:Main', '/a:b/12:30'] }, { pathPrefixes: ['/Talk:Main', '/a:b/12:30'] }],
    [{ pathPrefixes: ['/', '/*'] }, { pathPrefixes: [''] }],
    [{ pathPrefixes: ['/a/../B/./c', '/é'] }, { pathPrefixes: ['/B/c', '/%C3%A9'] }],
    [
      { everything: true, tags: ['t'], pathPrefixes: ['/p'] },
      { everything: true, tags: ['t'], pathPrefixes: ['/p'] },
    ],
  ])('%j is understood', (body, purge) => {
    expect(readPurge(body)).toEqual({ ok: true, value: { ...NOTHING, ...purge } })
  })

  it.each([
    [null, 'not an object'],
    [[], 'not an object'],
    ['/a', 'not an object'],
    [{}, 'names nothing'],
    [{ tags: [], pathPrefixes: [] }, 'names nothing'],
    [{ everything: false, tags: ['a'] }, 'everything: '],
    [{ everything: 1 }, 'everything: '],
    [{ tags: ['a'], Tags: ['b'] }, 'Tags: not one of'],
    [JSON.parse('{"__proto__": 1, "tags": ["a"]}'), '__proto__: not one of'],
    [{ tags: 'a' }, 'tags: expected a list'],
    [{ tags: null }, 'tags: expected a list'],
    [{ tags: ['a', 1] }, 'tags[1]: expected a string'],
    [{ tags: [''] }, 'tags[0]: '],
    [{ tags: ['a b'] }, 'tags[0]: '],
    [{ tags: ['a,b'] }, 'tags[0]: '],
    [{ tags: ['é'] }, 'tags[0]: '],
    [{ tags: ['a\n'] }, 'tags[0]: '],
    [{ tags: ['x'.repeat(1025)] }, 'tags[0]: '],
    [{ pathPrefixes: ['/a', 'b'] }, 'pathPrefixes[1]: expected a path that begins'],
    [{ pathPrefixes: ['https://news.test/a'] }, 'pathPrefixes[0]: expected a path that begins'],
    [{ pathPrefixes: ['/a?b'] }, 'pathPrefixes[0]: expected a path without query'],
    [{ pathPrefixes: ['/a#b'] }, 'pathPrefixes[0]: expected a path without query'],
    [{ pathPrefixes: ['/a*'] }, 'pathPrefixes[0]: expected "*" at the end'],
    [{ pathPrefixes: ['/*/b'] }, 'pathPrefixes[0]: expected "*" at the end'],
    ...['/a/:id', '/a/{id}/b', '/[id]', '/a/[...slug]', '/<id>', '/:path+'].map((path): [unknown, string] => [
      { pathPrefixes: [path] },
      'pathPrefixes[0]: expected no placeholder',
    ]),
    [{ pathPrefixes: ['/%'] }, 'pathPrefixes[0]: expected a path that every server'],
    [{ pathPrefixes: ['/%00'] }, 'pathPrefixes[0]: expected a path that every server'],
    [{ tags: Array.from({ length: 60 }, (_, n) => `t${n}`), pathPrefixes: manyPaths(41) }, '101 names; at most 100'],
  ])('%j is not', (body, fault) => {
    const read = readPurge(body)
    expect(read.ok ? read.value : read.error).toContain(fault)
  })

  it('may have a hundred names', () => {
    expect(readPurge({ tags: ['t'], pathPrefixes: manyPaths(99) })).toMatchObject({ ok: true })
  })
})

function manyPaths(count: number): string[] {
  return Array.from({ length: count }, (_, n) => `/p${n}`)
}
