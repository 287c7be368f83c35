import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkMembers, parseStrictJson, type StrictJsonFault } from '../../../src/meters/llm/rules/json.ts'

const encoder = new TextEncoder()
const read = (text: string) => parseStrictJson(encoder.encode(text))

type Kind = StrictJsonFault['kind']

const REFUSED: readonly (readonly [what: string, kind: Kind, text: string])[] = [
  ['nothing', 'not-an-object', ''],
  ['a list', 'not-an-object', '[{"model":"a"}]'],
  ['a text', 'not-an-object', '"model"'],
  ['null', 'not-an-object', 'null'],
  ['half an object', 'syntax', '{"model":"a"'],
  ['a comma too many', 'syntax', '{"model":"a",}'],
  ['a comment', 'syntax', '{"model":"a"/* */}'],
  ['single quotes', 'syntax', "{'model':'a'}"],
  ['a raw line break in a text', 'syntax', '{"model":"a\nb"}'],
  ['a text that never ends', 'syntax', '{"model":"a'],
  ['a name that is no text of JSON', 'syntax', '{"mod\\el":1}'],
  ['NaN', 'syntax', '{"n":NaN}'],
  ['a number with a plus', 'syntax', '{"n":+1}'],
  ['hexadecimal digits', 'syntax', '{"n":0x10}'],
  ['brackets that do not match', 'syntax', '{"a":[}'],
  ['a space that is not one of JSON', 'not-an-object', '\u00a0{}'],
  ['two objects', 'trailing-data', '{"model":"cheap"}{"model":"dear"}'],
  ['a bracket too many', 'trailing-data', '{"model":"a"}}'],
  ['a zero byte at the end', 'trailing-data', '{"model":"a"}\0'],
  ['a repeated member', 'repeated-member', '{"model":"cheap","model":"dear"}'],
  ['a repeated member far below', 'repeated-member', '{"a":[{"b":{"x":1,"y":2,"x":3}}]}'],
  ['a repeated member, once with escapes', 'repeated-member', '{"model":"cheap","mod\\u0065l":"dear"}'],
  ['a repeated empty name', 'repeated-member', '{"":1,"":2}'],
  ['a repeated member in a schema', 'repeated-member', '{"tools":[{"parameters":{"a":1,"a":2}}]}'],
  ['a repeated __proto__', 'repeated-member', '{"__proto__":1,"__proto__":2}'],
  ['lone surrogates that some servers take for one character', 'repeated-member', '{"\\ud800":1,"\\udfff":2}'],
  ['a second member in another case', 'ambiguous-member', '{"max_tokens":1,"MAX_TOKENS":2}'],
  ['the same the other way round', 'ambiguous-member', '{"Max_Tokens":1,"max_tokens":2}'],
  ['a second member with the long s', 'ambiguous-member', '{"stop":1,"\u017ftop":2}'],
  ['a second member with the Kelvin sign', 'ambiguous-member', '{"top_k":1,"top_\u212a":2}'],
  ['a second member in the other spelling', 'ambiguous-member', '{"a":{"fileData":1,"file_data":2}}'],
  ['structure in another case', 'ambiguous-member', '{"messages":[{"content":[{"type":"image_url","Image_URL":{}}]}]}'],
  ['structure in another case, far below', 'ambiguous-member', '{"messages":[{"image_url":{"URL":"http://a"}}]}'],
  ['structure in another case at the top', 'ambiguous-member', '{"Model":"a"}'],
  ['structure under a name that is free below', 'ambiguous-member', '{"input":{"x":{"FILE_ID":"a"}}}'],
  ['2^53', 'number', '{"n":9007199254740992}'],
  ['the negative of 2^53 + 1', 'number', '{"n":-9007199254740993}'],
  ['a number beyond every limit', 'number', '{"n":1e400}'],
  ['a large number in few characters', 'number', '{"n":[1,1E16]}'],
  ['a large number with a fraction', 'number', '{"n":9007199254740993.0}'],
  ['many digits', 'number', `{"n":${'9'.repeat(100_000)}}`],
  ['129 levels', 'too-deep', `{"a":${'['.repeat(128)}${']'.repeat(128)}}`],
  ['a million levels', 'too-deep', `{"a":${'{"a":'.repeat(1_000_000)}`],
  ['too many objects', 'too-many-values', `{"a":[${'{},'.repeat(131_072)}1]}`],
  ['too many members', 'too-many-values', `{${Array.from({ length: 131_073 }, (_, i) => `"${i}":1`).join()}}`],
]

const TAKEN: readonly (readonly [what: string, text: string])[] = [
  ['an empty object', '{}'],
  ['white space everywhere', ' \t\r\n{ "a" : [ 1 , { } ] } \n'],
  ['names in several objects', '{"a":{"x":1},"b":{"x":1},"c":[{"x":1},{"x":2}]}'],
  ['brackets, commas and quotes in texts', '{"a":"}],{\\"model\\":\\"b\\",\\\\","b":"\\\\\\""}'],
  ['the name of a member as a text', '{"a":"a","b":["a","b","a"]}'],
  ['the largest exact numbers', '{"n":[9007199254740991,-9007199254740991,9.007199254740991e15,1e-400,0.1]}'],
  ['a long fraction', `{"n":0.${'3'.repeat(1000)}}`],
  ['128 levels', `{"a":${'['.repeat(127)}${']'.repeat(127)}}`],
  ['two hundred thousand numbers', `{"input":[${'12345,'.repeat(200_000)}1]}`],
  ['names of the client in the call of a tool', '{"a":[{"input":{"http_proxy":"a","HTTP_PROXY":"b","Type":1}}]}'],
  ['names of the client in a schema', '{"tools":[{"function":{"parameters":{"properties":{"ID":1,"id":2,"URL":3}}}}]}'],
  ['names of the client in metadata', '{"metadata":{"Source":"a","source":"b"}}'],
  ['the spelling of Gemini', '{"contents":[{"parts":[{"inlineData":{"mimeType":"image/png"}}]}]}'],
  ['other names in another case', '{"response_format":{"Strict":true}}'],
]

describe('strict JSON', () => {
  it.each(REFUSED)('refuses %s', (_, kind, text) => {
    const got = read(text)
    expect(got).toEqual({
      ok: false,
      error: { kind, detail: expect.stringMatching(/^The .{20,150}\.$/) },
    })
  })

  it.each(TAKEN)('reads %s', (_, text) => {
    expect(read(text)).toEqual({ ok: true, value: JSON.parse(text) })
  })

  it.each([
    ['a byte order mark', 'byte-order-mark', [0xef, 0xbb, 0xbf, 0x7b, 0x7d]],
    ['a byte that is no UTF-8', 'not-utf8', [0x7b, 0x22, 0xff, 0x22, 0x7d]],
    ['a character cut off', 'not-utf8', [0x7b, 0x22, 0xe2, 0x82]],
    ['an overlong quote', 'not-utf8', [0x7b, 0xc0, 0xa2, 0x7d]],
    ['a surrogate in UTF-8', 'not-utf8', [0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x7d]],
    ['UTF-16', 'not-an-object', [0x00, 0x7b, 0x00, 0x7d]],
  ])('refuses %s', (_, kind, bytes) => {
    expect(parseStrictJson(Uint8Array.from(bytes))).toMatchObject({ ok: false, error: { kind } })
  })

  it('quotes no more than 64 printable characters of a client', () => {
    const name = JSON.stringify(`${'\u0007"\\é'.repeat(10)}${'a'.repeat(100)}`)
    const quoted = `"${'?'.repeat(40)}${'a'.repeat(24)}"`
    const detail = `The member ${quoted} is there twice.`
    expect(read(`{${name}:1,${name}:2}`)).toMatchObject({ error: { detail } })
  })

  it('reads what JSON.parse reads, unless two names can be taken for the same', () => {
    const key = fc.oneof(fc.constantFrom('a', 'b', 'é', '', '"', '\\', '\n', 'x_y'), fc.string())
    const property = fc.property(fc.dictionary(key, fc.jsonValue({ maxDepth: 4 })), (object) => {
      const text = JSON.stringify(object)
      const got = read(text)
      if (got.ok) expect(got.value).toEqual(JSON.parse(text))
      else expect(['ambiguous-member', 'number', 'repeated-member']).toContain(got.error.kind)
    })
    fc.assert(property)
  })

  it('is not misled about names with escapes by what was read before, as JSON.parse of V8 13 and 14 is', () => {
    read('{"h":[],"\\\\":0}')
    expect(read('{"h":1,"\\"":2,"\\n":3,"\\u00e9":4}')).toEqual({ ok: true, value: { h: 1, '"': 2, '\n': 3, é: 4 } })
  })

  it('reads names with escapes as names without', () => {
    const escape = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
    const word = fc.string({ unit: fc.constantFrom('a', 'k', 'z', 'é', '_') })
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        fc.oneof(word, fc.double({ noNaN: true, max: 1e15, min: -1e15 }), fc.constantFrom(null, true)),
        fc.array(tie('value')),
        fc.dictionary(word, tie('value')),
      ),
    }))
    const property = fc.property(fc.dictionary(word, value), (object) => {
      const text = JSON.stringify(object)
      const escaped = text.replaceAll(/"[^"]*"/g, (string) => string.replaceAll(/[kzé]/g, escape))
      expect(read(escaped)).toEqual(read(text))
    })
    fc.assert(property)
  })

  it('takes nothing that JSON.parse refuses, and throws on nothing', () => {
    const piece = fc.constantFrom(
      ...Array.from('{}[]":,\\ \n0-1e.'),
      'null',
      'true',
      '"a"',
      '"a":',
      '\\u0061',
      '\\"',
      '{"a":1}',
    )
    const property = fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const text = `{${pieces.join('')}}`
      if (read(text).ok) expect(() => JSON.parse(text)).not.toThrow()
    })
    fc.assert(property, { numRuns: 1000 })
  })
})

describe('the members of a request', () => {
  const KNOWN = ['model', 'max_tokens']

  it.each([
    ['those known', { model: 'a', max_tokens: 1 }],
    ['one that the operator allows', { model: 'a', speed: 'fast' }],
  ])('may be %s', (_, body) => {
    expect(checkMembers(body, KNOWN, ['speed'])).toBeUndefined()
  })

  it.each([
    ['unknown-member', '{"model":"a","api_base":"http://a"}', '"api_base" is not known here'],
    ['unknown-member', `{"${'x'.repeat(1000)}":1}`, `"${'x'.repeat(64)}" is not known here`],
    ['unknown-member', '{"__proto__":{}}', '"__proto__" is not known here'],
    ['ambiguous-member', '{"MODEL":"a"}', '"MODEL" is to be spelled "model"'],
    ['ambiguous-member', '{"Speed":"a"}', '"Speed" is to be spelled "speed"'],
    ['ambiguous-member', '{"max_to\u212aens":"a"}', '"max_to?ens" is to be spelled "max_tokens"'],
  ])('are refused with %s, such as %.40s', (kind, body, detail) => {
    expect(checkMembers(JSON.parse(body), KNOWN, ['speed'])).toEqual({ kind, detail: expect.stringContaining(detail) })
  })
})
