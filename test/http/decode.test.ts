import { describe, expect, it } from 'vitest'
import { codingOf } from '../../src/http/decode.ts'
import { holdDecodingToContract } from '../support/decoding.ts'

holdDecodingToContract()

describe('the coding of content', () => {
  it.each([
    [undefined, 'identity'],
    ['', 'identity'],
    ['identity', 'identity'],
    ['gzip', 'gzip'],
    [' GZIP ', 'gzip'],
    ['x-gzip', 'gzip'],
    ['deflate', 'deflate'],
    ['br', undefined],
    ['zstd', undefined],
    ['gzip, gzip', undefined],
    ['identity, gzip', undefined],
    ['constructor', undefined],
  ])('%s is read as %s', (field, coding) => {
    expect(codingOf(new Headers(field === undefined ? {} : { 'content-encoding': field }))).toBe(coding)
  })
})
