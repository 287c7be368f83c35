import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { claimedIssuer, MAX_TOKEN_BYTES, readCompact } from '../../src/tokens/jws.ts'
import { encode } from '../support/issuer.ts'
import { anyText } from '../support/anytext.ts'

const HEADER = encode('{"alg":"ES256"}')
const PAYLOAD = encode('{"iss":"https://billing.example"}')

const good: [name: string, token: string][] = [
  ['of empty objects', `${encode('{}')}.${encode('{}')}.AA`],
  ['whose signature is two characters', `${HEADER}.${PAYLOAD}.AA`],
  ['whose signature is three characters', `${HEADER}.${PAYLOAD}.AAA`],
  ['whose signature is four characters', `${HEADER}.${PAYLOAD}.____`],
  ['of the largest size', `${HEADER}.${PAYLOAD}.`.padEnd(MAX_TOKEN_BYTES, 'A')],
]

const bad: [name: string, token: string][] = [
  ['that is empty', ''],
  ['that is white space', '   '],
  ['of two dots', '..'],
  ['of one part', HEADER],
  ['of two parts', `${HEADER}.${PAYLOAD}`],
  ['of four parts', `${HEADER}.${PAYLOAD}.AA.AA`],
  ['of five parts', `${HEADER}.${PAYLOAD}.AA.AA.AA`],
  ['with an empty header', `.${PAYLOAD}.AA`],
  ['with an empty payload', `${HEADER}..AA`],
  ['with an empty signature', `${HEADER}.${PAYLOAD}.`],
  ['with a signature of one character', `${HEADER}.${PAYLOAD}.A`],
  ['with a signature of five characters', `${HEADER}.${PAYLOAD}.AAAAA`],
  ['with two unused bits set', `${HEADER}.${PAYLOAD}.AAB`],
  ['with four unused bits set', `${HEADER}.${PAYLOAD}.AB`],
  ['with padding', `${HEADER}.${PAYLOAD}.AA==`],
  ['with + in it', `${HEADER}.${PAYLOAD}.+AAA`],
  ['with / in it', `${HEADER}.${PAYLOAD}./AAA`],
  ['with a line feed after it', `${HEADER}.${PAYLOAD}.AA\n`],
  ['with a line feed before it', `\n${HEADER}.${PAYLOAD}.AA`],
  ['folded as in a letter', `${HEADER}.\r\n ${PAYLOAD}.AA`],
  ['with a space in it', `${HEADER}. ${PAYLOAD}.AA`],
  ['with a tab in it', `${HEADER}.${PAYLOAD}\t.AA`],
  ['with a no-break space in it', `${HEADER}\u00a0.${PAYLOAD}.AA`],
  ['with NUL after it', `${HEADER}.${PAYLOAD}.AA\0`],
  ['with a byte order mark before it', `\ufeff${HEADER}.${PAYLOAD}.AA`],
  ['with a letter that looks like one', `${HEADER}.${PAYLOAD}.\u0410\u0410`],
  ['with full-width dots', `${HEADER}\uff0e${PAYLOAD}\uff0eAA`],
  ['whose header is an array', `${encode('[]')}.${PAYLOAD}.AA`],
  ['whose payload is null', `${HEADER}.${encode('null')}.AA`],
  ['whose payload begins with a byte order mark', `${HEADER}.${encode('\ufeff{}')}.AA`],
  ['whose payload is not UTF-8', `${HEADER}.${encode(new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))}.AA`],
  ['whose payload ends early', `${HEADER}.${encode('{"a":')}.AA`],
  ['of one byte too many', `${HEADER}.${PAYLOAD}.`.padEnd(MAX_TOKEN_BYTES + 1, 'A')],
  ['of a megabyte', 'A'.repeat(1 << 20)],
  ['of a megabyte of dots', '.'.repeat(1 << 20)],
]

describe('a compact token', () => {
  it.each(good)('%s is read', (_name, token) => expect(readCompact(token)).toMatchObject({ ok: true }))

  it.each(bad)('%s is malformed', (_name, token) =>
    expect(readCompact(token)).toMatchObject({
      ok: false,
      error: { reason: 'credential-malformed', check: 'spelling' },
    }),
  )

  it('is read whole: header and payload as they stand', () => {
    const token = `${encode('{"alg":"ES256","x":[1]}')}.${encode('{"sub":"\u00e9","exp":1}')}.AA`
    expect(readCompact(token)).toEqual({
      ok: true,
      value: { header: { alg: 'ES256', x: [1] }, payload: { sub: '\u00e9', exp: 1 } },
    })
  })

  it('says why it is malformed without quoting it', () => {
    for (const [, token] of bad) {
      const read = readCompact(token)
      const detail = read.ok ? '' : read.error.detail
      for (const part of token.split('.')) if (part.length > 8) expect(detail).not.toContain(part.slice(0, 9))
    }
  })
})

describe('the issuer that a token claims', () => {
  const claiming: [name: string, token: string, issuer: string | undefined][] = [
    ['is read from a good token', `${HEADER}.${PAYLOAD}.AA`, 'https://billing.example'],
    ['is read from one with padding', `${HEADER}.${btoa('{"iss":"x"}')}==.AA`, 'x'],
    ['is read from one with white space', `${HEADER}. ${PAYLOAD} .AA`, 'https://billing.example'],
    ['is read without a signature', `.${PAYLOAD}`, 'https://billing.example'],
    ['is not there in a word', 'abc', undefined],
    ['is not there in nothing', '', undefined],
    ['is not a number', `${HEADER}.${encode('{"iss":1}')}.AA`, undefined],
  ]
  it.each(claiming)('%s', (_name, text, issuer) => expect(claimedIssuer(text)).toBe(issuer))

  it('is read from anything without throwing', () => {
    fc.assert(fc.property(anyText, (text) => void claimedIssuer(text)))
  })
})
