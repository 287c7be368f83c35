import { describe, expect, it } from 'vitest'
import type { Stored } from '../../../src/cache/rules/stored.ts'
import { isJudgeable, unreadableAfter, unreadableOf } from '../../../src/cache/rules/unreadable.ts'
import { isSelected } from '../../../src/cache/rules/vary.ts'

// As JavaScript sees a field whose bytes are no UTF-8.
const LOST = 'na\uFFFDve'

function storedOf(fields: Record<string, string>): Stored {
  const freshness = { initialAgeMs: 0, lifetimeMs: 0, isUnproven: false, staleWhileRevalidateMs: 0, staleIfErrorMs: 0 }
  const times = { requestedAt: 0, respondedAt: 0, freshness: { ...freshness, coversServerErrors: false } }
  return { status: 200, fields: Object.entries(fields), ...times, selection: [], zone: '', path: '', tags: [] }
}

const entries = (headers: Headers | 'mixed' | undefined) => (headers instanceof Headers ? [...headers] : headers)

describe('the fields that cannot be read', () => {
  it('are those alone, of what is stored', () => {
    const headers = new Headers({ 'x-a': LOST, 'x-b': 'b', 'x-c': LOST })
    expect(entries(unreadableOf(storedOf({ 'x-a': LOST, 'x-b': 'b' }), headers))).toEqual([['x-a', LOST]])
    expect(unreadableOf(storedOf({ 'x-b': 'b' }), headers)).toBeUndefined()
  })

  it.each([
    ['stay where a 304 does not name them', { 'x-a': LOST }, {}, [['x-a', LOST]]],
    ['are gone where a 304 has others', { 'x-a': 'now' }, { 'x-a': 'now' }, undefined],
    ['are those of a 304 that names them', { 'x-a': LOST }, { 'x-a': LOST }, [['x-a', LOST]]],
    ['are mixed where some are new and some are not', { 'x-a': LOST, 'x-b': LOST }, { 'x-b': LOST }, 'mixed'],
  ])('%s', (_name, merged, news, expected) => {
    expect(entries(unreadableAfter(storedOf(merged), new Headers({ 'x-a': LOST }), new Headers(news)))).toEqual(
      expected,
    )
  })

  it('keep a response from being stored where it would be judged by them', () => {
    expect(isJudgeable(new Headers({ etag: '"1"', 'x-a': LOST }))).toBe(true)
    for (const name of ['etag', 'vary', 'cache-control']) expect(isJudgeable(new Headers({ [name]: LOST }))).toBe(false)
  })

  it('select no variant', () => {
    expect(isSelected([['x-tier', `=${LOST}`]], () => LOST)).toBe(false)
    expect(isSelected([['x-tier', '=a']], () => 'a')).toBe(true)
  })
})
