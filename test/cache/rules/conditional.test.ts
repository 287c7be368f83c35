import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isNotModified, needsOrigin, byteSpanOf, validatorsOf } from '../../../src/cache/rules/conditional.ts'
import { AS_RECEIVED } from '../../../src/access/route.ts'
import { store, type Stored } from '../../../src/cache/rules/stored.ts'

const NOW = Date.UTC(2026, 9, 25, 12)
const date = (seconds: number): string => new Date(NOW + seconds * 1000).toUTCString()
const reader = (fields: Record<string, string>) => (name: string) => fields[name] ?? null

function stored(fields: Record<string, string>, status = 200): Stored {
  const all = { 'cache-control': 'max-age=60', ...fields }
  const received = { status, read: reader(all), requestedAt: NOW, respondedAt: NOW }
  const place = { zone: 'news', path: '/' }
  const made = store(received, Object.entries(all), () => null, place, AS_RECEIVED)
  if (made === undefined) throw new Error('not stored')
  return made
}

type Fields = Record<string, string>

describe('a condition', () => {
  const page = { etag: '"xyzzy"', 'last-modified': date(-3600) }

  // RFC 9110 §8.8.3.2, §13.1.2, §13.1.3.
  it.each<[Fields, Fields, boolean]>([
    [page, {}, false],
    [page, { 'if-none-match': '"xyzzy"' }, true],
    [page, { 'if-none-match': 'W/"xyzzy"' }, true],
    [page, { 'if-none-match': '"xyzzy", "r2d2xxxx", "c3piozzzz"' }, true],
    [page, { 'if-none-match': 'W/"xyzzy", W/"r2d2xxxx"' }, true],
    [page, { 'if-none-match': '*' }, true],
    [page, { 'if-none-match': ' * ' }, true],
    [page, { 'if-none-match': '"other"' }, false],
    [page, { 'if-none-match': 'xyzzy' }, false],
    [page, { 'if-none-match': '' }, false],
    [page, { 'if-none-match': '"a, xyzzy"' }, false],
    [page, { 'if-none-match': '"XYZZY"' }, false],
    [{ etag: 'W/"1"' }, { 'if-none-match': '"1"' }, true],
    [{ etag: '"a,b"' }, { 'if-none-match': '"x", "a,b"' }, true],
    [{}, { 'if-none-match': '"1"' }, false],
    [{}, { 'if-none-match': '*' }, true],
    [page, { 'if-modified-since': date(-3600) }, true],
    [page, { 'if-modified-since': date(-3601) }, false],
    [page, { 'if-modified-since': date(0) }, true],
    [page, { 'if-modified-since': 'yesterday' }, false],
    [{ date: date(-10) }, { 'if-modified-since': date(-10) }, true],
    [{ date: date(-10) }, { 'if-modified-since': date(-11) }, false],
    [{}, { 'if-modified-since': date(0) }, false],
    [page, { 'if-none-match': '"other"', 'if-modified-since': date(0) }, false],
    [page, { 'if-none-match': '"xyzzy"', 'if-modified-since': date(-9999) }, true],
  ])('of %o on %o holds: %s', (response, request, expected) => {
    expect(isNotModified({ status: 200, read: reader(response) }, reader(request), NOW)).toBe(expected)
    expect(isNotModified({ status: 404, read: reader(response) }, reader(request), NOW)).toBe(false)
  })

  it.each([
    ['if-match', true],
    ['if-unmodified-since', true],
    ['if-none-match', false],
    ['if-modified-since', false],
    ['if-range', false],
  ])('%s is for the origin alone: %s', (name, expected) => {
    expect(needsOrigin(reader({ [name]: 'x' }))).toBe(expected)
  })

  it('of ours asks with the validators that there are', () => {
    expect(validatorsOf(stored({}))).toEqual([])
    expect(validatorsOf(stored(page))).toEqual([
      ['if-none-match', '"xyzzy"'],
      ['if-modified-since', date(-3600)],
    ])
  })
})

describe('a part of ten thousand bytes', () => {
  const page = stored({ etag: '"1"', 'last-modified': date(-3600) })

  // RFC 9110 §14.1.2.
  it.each<[Fields, readonly [number, number] | 'unsatisfiable' | undefined]>([
    [{}, undefined],
    [{ range: 'bytes=0-499' }, [0, 499]],
    [{ range: 'bytes=500-999' }, [500, 999]],
    [{ range: 'bytes=-500' }, [9500, 9999]],
    [{ range: 'bytes=9500-' }, [9500, 9999]],
    [{ range: 'bytes=0-0' }, [0, 0]],
    [{ range: 'bytes=-1' }, [9999, 9999]],
    [{ range: 'BYTES=0-0' }, [0, 0]],
    [{ range: 'bytes=0-99999' }, [0, 9999]],
    [{ range: 'bytes=-99999' }, [0, 9999]],
    [{ range: 'bytes=9999-9999' }, [9999, 9999]],
    [{ range: 'bytes=10000-' }, 'unsatisfiable'],
    [{ range: 'bytes=99999999999999999999999-' }, 'unsatisfiable'],
    [{ range: 'bytes=-0' }, 'unsatisfiable'],
    [{ range: 'bytes=500-499' }, undefined],
    [{ range: 'bytes=0-0,-1' }, undefined],
    [{ range: 'bytes=' }, undefined],
    [{ range: 'bytes=-' }, undefined],
    [{ range: 'bytes=a-b' }, undefined],
    [{ range: 'bytes 0-1' }, undefined],
    [{ range: 'lines=0-1' }, undefined],
    [{ range: 'bytes=+1-2' }, undefined],
    [{ range: 'bytes=0-1', 'if-range': '"1"' }, [0, 1]],
    [{ range: 'bytes=0-1', 'if-range': '"2"' }, undefined],
    [{ range: 'bytes=0-1', 'if-range': 'W/"1"' }, undefined],
    [{ range: 'bytes=0-1', 'if-range': date(-3600) }, [0, 1]],
    [{ range: 'bytes=0-1', 'if-range': date(-3599) }, undefined],
    [{ range: 'bytes=0-1', 'if-range': '' }, undefined],
  ])('asked for with %o is %o', (request, expected) => {
    const found = byteSpanOf(page, 10_000, reader(request))
    expect(typeof found === 'object' ? [found.first, found.last] : found).toEqual(expected)
  })

  it('is of no other status than 200', () => {
    expect(byteSpanOf(stored({}, 404), 10, reader({ range: 'bytes=0-1' }))).toBeUndefined()
  })

  it('is no part for a weak tag, even the same', () => {
    const weak = stored({ etag: 'W/"1"' })
    expect(byteSpanOf(weak, 10, reader({ range: 'bytes=0-1', 'if-range': 'W/"1"' }))).toBeUndefined()
  })

  it('never lies outside the content, whatever is asked for', () => {
    const number = fc.oneof(fc.constant(''), fc.nat().map(String), fc.bigInt({ min: 0n }).map(String))
    const range = fc.oneof(
      fc.tuple(number, number).map(([first, last]) => `bytes=${first}-${last}`),
      fc.string().map((text) => `bytes=${text}`),
      fc.string(),
    )
    fc.assert(
      fc.property(range, fc.nat({ max: 5000 }), (asked, length) => {
        const found = byteSpanOf(page, length, reader({ range: asked }))
        if (typeof found !== 'object') return
        expect(found.first).toBeGreaterThanOrEqual(0)
        expect(found.last).toBeGreaterThanOrEqual(found.first)
        expect(found.last).toBeLessThan(length)
      }),
    )
  })
})
