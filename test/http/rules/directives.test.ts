import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FOREVER_SECONDS, parseCacheControl, parseTargeted, secondsOf } from '../../../src/http/rules/directives.ts'

describe('Cache-Control', () => {
  it.each([
    ['max-age=60', { 'max-age': '60' }],
    ['Max-Age=60, NO-CACHE', { 'max-age': '60', 'no-cache': undefined }],
    ['max-age="60"', { 'max-age': '60' }],
    [' ,, max-age=60 ,,public, ', { 'max-age': '60', public: undefined }],
    ['max-age=60, max-age=5', { 'max-age': '60' }],
    ['max-age=', { 'max-age': '' }],
    ['private="set-cookie, x"', { private: 'set-cookie, x' }],
    ['a="x, no-store", max-age=1', { a: 'x, no-store', 'max-age': '1' }],
    ['a="\\"x\\\\", public', { a: '"x\\', public: undefined }],
    ['max-age =60, public', { public: undefined }],
    ['max-age= 60, public', { public: undefined }],
    ['max-age=60 public', {}],
    ['max-age=60; public', {}],
    ['=60, public', { public: undefined }],
    ['', {}],
  ])('%j is %o', (field, expected) => {
    expect(Object.fromEntries(parseCacheControl(field))).toEqual(expected)
  })

  it.each([
    'private; max-age=60',
    'max-age=60; private',
    'max-age=60 private',
    'max-age=60, private=a b',
    'max-age=60, "private"',
    'max-age=60, a="x, private',
  ])('%j is private, though it is badly put', (field) => {
    expect(parseCacheControl(field).has('private')).toBe(true)
  })

  it.each(['a="x, no-store"', 'x-no-store', 'no-storest', 'no-store-x=1', 'is-private; x'])(
    '%j bars nothing',
    (field) => {
      const said = parseCacheControl(field)
      expect([said.has('no-store'), said.has('private')]).toEqual([false, false])
    },
  )

  it('that is longer than any is meant says no-store, and is not read', () => {
    const field = `${'a,'.repeat(4096)}max-age=60`
    expect([parseCacheControl(field), parseTargeted(field)].map((said) => [...(said ?? [])])).toEqual([
      [['no-store', undefined]],
      [['no-store', undefined]],
    ])
  })

  it('never throws, and no name in it has a capital', () => {
    const text = fc.stringMatching(/^[aZ=",;\\ 01\t-]*$/)
    fc.assert(
      fc.property(text, (field) => {
        for (const name of parseCacheControl(field).keys()) expect(name).toBe(name.toLowerCase())
      }),
    )
  })
})

describe('a targeted field (RFC 9213)', () => {
  it.each([
    ['max-age=60', { 'max-age': '60' }],
    ['max-age=60, no-store', { 'max-age': '60', 'no-store': undefined }],
    ['max-age=60, no-store=?0', { 'max-age': '60' }],
    ['max-age=60;x=1', { 'max-age': '60' }],
    ['private="x"', { private: undefined }],
    ['', undefined],
    ['max-age="60"', undefined],
    ['max-age=1.5', undefined],
    ['max-age', undefined],
    ['Max-Age=60', undefined],
    ['max-age=60,', undefined],
    ['max-age=60 private', undefined],
  ])('%j is %o', (field, expected) => {
    const parsed = parseTargeted(field)
    expect(parsed === undefined ? undefined : Object.fromEntries(parsed)).toEqual(expected)
  })
})

describe('a number of seconds', () => {
  it.each([
    ['max-age=60', 60],
    ['max-age="60"', 60],
    ['max-age=060', 60],
    ['max-age=-1', 0],
    ['max-age=1.5', 0],
    ['max-age=x', 0],
    ['max-age=', 0],
    ['max-age', 0],
    ['max-age=99999999999999999999', FOREVER_SECONDS],
    ['public', undefined],
  ])('of %j is %s', (field, expected) => {
    expect(secondsOf(parseCacheControl(field), 'max-age')).toBe(expected)
  })
})
