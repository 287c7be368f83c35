import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { codeFrom, foldedEmail, inHalves, readCode, readEmail } from '../../../src/login/emailcode/rules/code.ts'

describe('a code', () => {
  it('has eight characters, none of which looks like another, and says all of its bytes', () => {
    const bytes = fc.uint8Array({ minLength: 5, maxLength: 5 })
    fc.assert(
      fc.property(bytes, bytes, (one, other) => {
        expect(codeFrom(one)).toMatch(/^[0-9A-HJKMNP-TV-Z]{8}$/)
        expect(codeFrom(one) === codeFrom(other)).toBe(String(one) === String(other))
      }),
    )
    expect(codeFrom(new Uint8Array(5))).toBe('00000000')
    expect(codeFrom(new Uint8Array(5).fill(255))).toBe('ZZZZZZZZ')
    expect(codeFrom(Uint8Array.of(0, 0, 0, 0, 33))).toBe('00000011')
  })

  it.each([
    ['0123-ABCZ', '0123ABCZ'],
    [' o1l3 abcz ', '0113ABCZ'],
    ['OIL0OIL0', '01100110'],
  ])('is read as people type it: %j', (typed, code) => {
    expect(readCode(typed)).toBe(code)
    expect(readCode(inHalves(code))).toBe(code)
  })

  it.each(['', '0123456', '012345678', '0123456U', '0123456é', `${' '.repeat(40)}01234567`])('is not %j', (typed) => {
    expect(readCode(typed)).toBeUndefined()
  })
})

describe('an email address', () => {
  it.each([
    ['ada@example.com', 'ada@example.com'],
    [' Ada.L+news@Example.co.uk\n', 'Ada.L+news@Example.co.uk'],
    ['jörg@exämple.de', 'jörg@exämple.de'],
  ])('is read from %j', (typed, email) => {
    expect(readEmail(typed)).toBe(email)
  })

  it.each([
    '',
    'ada',
    '@example.com',
    'ada@',
    'a@b@c',
    'a b@example.com',
    'ada@example.com,eve@example.com',
    'ada@example.com\r\nBcc: eve@example.com',
    'Ada <ada@example.com>',
    '"a"@example.com',
    'ada@example.com\u0000',
    'a\u202e@example.com',
    'ada@\ud800',
    `${'a'.repeat(250)}@example.com`,
  ])('is not %j', (typed) => {
    expect(readEmail(typed)).toBeUndefined()
  })

  it('counts in any case in ASCII alone: other letters fold to some that are not theirs', () => {
    expect(foldedEmail('Ada@Example.COM')).toBe('ada@example.com')
    expect(foldedEmail('\u212Aim@example.com')).toBe('\u212Aim@example.com')
  })
})
