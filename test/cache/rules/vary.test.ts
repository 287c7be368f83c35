import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isSelected, normaliseEncoding, normaliseLanguage, select, varyNames } from '../../../src/cache/rules/vary.ts'

const reader = (fields: Record<string, string>) => (name: string) => fields[name] ?? null

describe('Vary', () => {
  it.each([
    [null, []],
    ['', []],
    ['Accept-Encoding', ['accept-encoding']],
    ['b, A ,, B', ['a', 'b']],
    ['*', undefined],
    ['a, *', undefined],
    [' * ', undefined],
    ['a b', undefined],
    ['é', undefined],
    [Array.from({ length: 65 }, (_, at) => `a${at}`).join(), undefined],
    [`a,${' '.repeat(5000)}`, undefined],
  ])('%j names %o', (field, expected) => {
    expect(varyNames(field)).toEqual(expected)
  })
})

describe('Accept-Encoding', () => {
  it.each([
    [null, ''],
    ['', ''],
    ['identity', ''],
    ['gzip, deflate, br, zstd', 'br, gzip, zstd'],
    ['GZIP', 'gzip'],
    ['gzip;q=0', ''],
    ['gzip;q=0.000', ''],
    ['gzip; q=0.001', 'gzip'],
    ['gzip;q=x', 'gzip'],
    ['*', 'br, gzip, zstd'],
    ['*;q=0', ''],
    ['br;q=0, *', 'gzip, zstd'],
    ['gzip;q=0, gzip', ''],
    ['x-gzip', ''],
  ])('%j means %j', (field, expected) => {
    expect(normaliseEncoding(field)).toBe(expected)
  })
})

describe('Accept-Language', () => {
  it.each([
    ['de', 'de'],
    ['DE, en', 'de,en'],
    ['en, de', 'de,en'],
    ['en;q=0.8, de;q=0.9', 'de,en'],
    ['de-CH, de;q=0.9, en;q=0.8, *;q=0.5', 'de-ch,de,en,*'],
    ['de;q=0, en', 'en'],
    ['', ''],
  ])('%j means %j', (field, expected) => {
    expect(normaliseLanguage(field)).toBe(expected)
  })

  it('means the same in whatever order equals are written', () => {
    const tag = fc.constantFrom('de', 'en', 'fr', 'it', 'de-CH')
    fc.assert(
      fc.property(fc.uniqueArray(tag), (tags) => {
        expect(normaliseLanguage(tags.join(', '))).toBe(normaliseLanguage(tags.toReversed().join(',')))
      }),
    )
  })
})

describe('a selection', () => {
  const names = ['accept-encoding', 'accept-language', 'x-tier']
  const value = fc.constantFrom('', '-', '=', 'gzip', 'de', 'a, b', 'null')
  const fields = fc.dictionary(fc.constantFrom(...names), value)

  it('is that of the request that it was made from', () => {
    fc.assert(
      fc.property(fields, (request) => {
        expect(isSelected(select(names, reader(request)), reader(request))).toBe(true)
      }),
    )
  })

  it('is not that of a request in which a field has another value, or none', () => {
    fc.assert(
      fc.property(fc.option(value, { nil: undefined }), fc.option(value, { nil: undefined }), (one, other) => {
        const request = (tier: string | undefined) => reader(tier === undefined ? {} : { 'x-tier': tier })
        expect(isSelected(select(['x-tier'], request(one)), request(other))).toBe(one === other)
      }),
    )
  })

  it.each([
    ['a,b', 'a, b', true],
    ['a , b', 'a,b', true],
    ['a b', 'a  b', false],
    ['a', 'A', false],
  ])('of %j suits %j: %s', (one, other, expected) => {
    expect(isSelected(select(['x-tier'], reader({ 'x-tier': one })), reader({ 'x-tier': other }))).toBe(expected)
  })
})
