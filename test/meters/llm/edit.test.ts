import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JsonMembers } from '../../../src/core/json.ts'
import { applyEdits } from '../../../src/meters/llm/rules/edit.ts'
import { parseStrictJson } from '../../../src/meters/llm/rules/json.ts'
import type { JsonEdit } from '../../../src/meters/llm/rules/request.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()
const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(encoder.encode(text))
const edited = (text: string, ...edits: JsonEdit[]): string => decoder.decode(applyEdits(bytesOf(text), edits))
const put = (path: JsonEdit['path'], text: string): JsonEdit => ({ path, text })
const cut = (...path: JsonEdit['path']): JsonEdit => ({ path, text: undefined })

describe('editing JSON in place', () => {
  it.each<readonly [what: string, before: string, edits: JsonEdit[], after: string]>([
    ['puts a value in place', '{ "model" : "a" , "n":1}', [put(['model'], '"b"')], '{ "model" : "b" , "n":1}'],
    ['finds a name with escapes', '{"mod\\u0065l":"a","n":1}', [put(['model'], '"b"')], '{"mod\\u0065l":"b","n":1}'],
    ['finds a name beyond ASCII', '{"é\\ud83d\\ude00":"a"}', [put(['é😀'], '1')], '{"é\\ud83d\\ude00":1}'],
    ['replaces an object', '{"a":{"b":[1,{"c":"}"}]},"d":2}', [put(['a'], 'null')], '{"a":null,"d":2}'],
    ['replaces the whole', ' {"a":1} ', [put([], '2')], ' 2 '],
    ['adds a member at the end', '{"a":1 }', [put(['b'], 'true')], '{"a":1,"b":true }'],
    ['adds to an empty object', '{ }', [put(['b'], 'true')], '{"b":true }'],
    ['adds members in order', '{"a":1}', [put(['c'], '3'), put(['b'], '2')], '{"a":1,"c":3,"b":2}'],
    ['adds objects on the way', '{"a":1}', [put(['b', 'c', 'd'], '2')], '{"a":1,"b":{"c":{"d":2}}}'],
    ['adds to an object that is there', '{"s":{"x":1},"a":2}', [put(['s', 'y'], '3')], '{"s":{"x":1,"y":3},"a":2}'],
    ['puts an object in place of null', '{"s":null}', [put(['s', 'y'], '3')], '{"s":{"y":3}}'],
    ['puts an object in place of a list', '{"s":[1]}', [put(['s', 'y'], '3')], '{"s":{"y":3}}'],
    ['removes the only member', '{ "a" : 1 }', [cut('a')], '{  }'],
    ['removes the first member', '{"a":1, "b":2}', [cut('a')], '{"b":2}'],
    ['removes the last member', '{"a":1, "b":2 }', [cut('b')], '{"a":1 }'],
    ['removes one in the middle', '{"a":1, "b":2, "c":3}', [cut('b')], '{"a":1, "c":3}'],
    ['removes several', '{"a":1,"b":2,"c":3,"d":4}', [cut('a'), cut('b'), cut('d')], '{"c":3}'],
    ['removes all and adds one', '{"a":1,"b":2}', [cut('a'), cut('b'), put(['c'], '3')], '{"c":3}'],
    ['removes the last and adds one', '{"a":1,"b":2}', [cut('b'), put(['c'], '3')], '{"a":1,"c":3}'],
    ['removes below', '{"m":[{"a":1,"b":2},{"a":3}]}', [cut('m', 0, 'a'), cut('m', 1, 'a')], '{"m":[{"b":2},{}]}'],
    ['removes elements by their first positions', '[1,2,3,4]', [cut(0), cut(2)], '[2,4]'],
    ['appends elements', '{"m":[1]}', [put(['m', 1], '2'), put(['m', 2], '3')], '{"m":[1,2,3]}'],
    ['leaves what is not there', '{"a":1}', [cut('b'), cut('b', 'c'), cut('a', 'x')], '{"a":1}'],
    ['takes the last of two edits', '{"a":1}', [put(['a'], '2'), put(['a'], '3')], '{"a":3}'],
    ['edits what it has put', '{"a":1}', [put(['a'], '{"x":1}'), put(['a', 'y'], '2')], '{"a":{"x":1,"y":2}}'],
    ['removes what it has put', '{"a":1}', [put(['a', 'y'], '2'), cut('a')], '{}'],
    ['puts again what it removed', '{"s":{"x":1}}', [cut('s'), put(['s', 'y'], '2')], '{"s":{"y":2}}'],
    ['is not misled by texts', '{"a":"\\"b\\":1,}","b":1}', [put(['b'], '2')], '{"a":"\\"b\\":1,}","b":2}'],
    ['is not misled by backslashes', '{"a":"\\\\","b":1}', [put(['b'], '2')], '{"a":"\\\\","b":2}'],
    ['knows a name from a value', '{"a":"b","b":"a"}', [put(['b'], '2')], '{"a":"b","b":2}'],
    ['writes names as JSON', '{}', [put(['"\\\n'], '2')], '{"\\"\\\\\\n":2}'],
    ['takes __proto__ for a name', '{"a":{}}', [put(['a', '__proto__'], '2')], '{"a":{"__proto__":2}}'],
  ])('%s: %s', (_, before, edits, after) => {
    expect(edited(before, ...edits)).toBe(after)
    expect(() => JSON.parse(after)).not.toThrow()
  })

  it('returns the very bytes if there are no edits', () => {
    const bytes = bytesOf('{"a":1}')
    expect(applyEdits(bytes, [])).toBe(bytes)
  })

  it.each([
    ['a position beyond an array', '{"m":[1]}', put(['m', 2], '1')],
    ['a position in an object', '{"m":{}}', put(['m', 0], '1')],
    ['a position in nothing', '{}', put(['m', 0], '1')],
  ])('throws on %s', (_, text, edit) => {
    expect(() => edited(text, edit)).toThrow(RangeError)
  })
})

/** `JSON.parse` of some releases of V8 confuses names with escapes. */
function parsed(text: string): JsonMembers {
  const read = parseStrictJson(bytesOf(text))
  if (!read.ok) throw new Error(read.error.detail)
  return read.value
}

type Tree = { [name: string]: unknown } | unknown[]

const REMOVED = Symbol('removed')

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null

/** Makes one edit in a parsed value; what is removed from an array is only marked, so that positions stay. */
function simple(value: unknown, [step, ...rest]: JsonEdit['path'], text: string | undefined): unknown {
  if (step === undefined) return text === undefined ? REMOVED : parsed(`{"v":${text}}`)['v']
  const isFit = isTree(value) && (Array.isArray(value) ? typeof step === 'number' : true)
  if (!isFit && text === undefined) return value
  const copy = (isFit ? (Array.isArray(value) ? [...value] : { ...value }) : {}) as Record<string | number, unknown>
  const inner = Object.hasOwn(copy, step) ? copy[step] : undefined
  if (inner === undefined && text === undefined) return value
  const made = simple(inner === REMOVED ? undefined : inner, rest, text)
  Object.defineProperty(copy, step, { value: made, enumerable: true, configurable: true, writable: true })
  return copy
}

function withoutRemoved(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((each) => each !== REMOVED).map(withoutRemoved)
  if (!isTree(value)) return value
  const kept = Object.entries(value).filter(([, each]) => each !== REMOVED)
  return Object.fromEntries(kept.map(([name, each]) => [name, withoutRemoved(each)]))
}

const NAMES = ['a', 'b', 'model', 'é', '"', '\\', '', 'x y']
const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.constantFrom<unknown>(null, true, 0, -1.5e-7, '', 'text', 'é😀\u2028', '}],"a":', '\\', '\\"', '\u0000'),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...NAMES), tie('value'), { maxKeys: 5 }),
  ),
})).value

/** Paths to what is in a value, and to what is not. */
function pathsOf(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  if (!isTree(value)) return [path, [...path, 'new', 'b']]
  if (Array.isArray(value)) return [path, ...value.flatMap((each, index) => pathsOf(each, [...path, index]))]
  const below = Object.entries(value).flatMap(([name, each]) => pathsOf(each, [...path, name]))
  return [path, [...path, 'new'], ...below]
}

/** White space, and letters written as escapes, that change nothing. */
const dressed = (text: string, choice: number): string =>
  choice === 0 ? text : choice === 1 ? text.replaceAll('a', '\\u0061').replaceAll('é', '\\u00e9') : text

const requests = fc
  .tuple(fc.dictionary(fc.constantFrom(...NAMES), json), fc.constantFrom(undefined, 1, '\t'), fc.nat(2))
  .chain(([object, space, choice]) => {
    const paths = pathsOf(object).filter((path) => path.length > 0)
    const edit = fc.record({
      path: fc.constantFrom(...paths, ['z']),
      text: fc.option(
        json.map((value) => JSON.stringify(value)),
        { nil: undefined },
      ),
    })
    const text = dressed(JSON.stringify(object, undefined, space), choice)
    return fc.tuple(fc.constant(text), fc.array(edit, { maxLength: 5 }))
  })

/** True if an edit leads below a list that another edit removes elements of, or replaces: positions are of the list as it came. */
const isClear = (edits: readonly JsonEdit[]): boolean =>
  edits.every(({ path }, index) =>
    edits.every((other, at) => at === index || !path.every((step, depth) => other.path[depth] === step)),
  )

describe('edited JSON', () => {
  it('is the value with each edit made', () => {
    const property = fc.property(requests, ([text, edits]) => {
      fc.pre(isClear(edits))
      const wanted = edits.reduce((value, edit) => simple(value, edit.path, edit.text), parsed(text) as unknown)
      expect(parsed(edited(text, ...edits))).toEqual(withoutRemoved(wanted))
    })
    fc.assert(property, { numRuns: 200 })
  })

  it('keeps every byte before and after the one value that is replaced', () => {
    const property = fc.property(requests, json, ([text], value) => {
      const paths = pathsOf(parsed(text)).filter((path) => !path.includes('new'))
      for (const path of paths) {
        const mark = `[${JSON.stringify('\u0001mark')}]`
        const marked = edited(text, put(path, mark))
        const begin = marked.indexOf(mark)
        const [before, after] = [marked.slice(0, begin), marked.slice(begin + mark.length)]
        expect(text.startsWith(before) && text.endsWith(after)).toBe(true)
        const replaced = text.slice(before.length, text.length - after.length)
        const was = path.reduce<unknown>(
          (inner, step) => (inner as Record<string | number, unknown>)[step],
          parsed(text),
        )
        expect(parsed(`{"v":${replaced}}`)).toEqual({ v: was })
        expect(edited(text, put(path, JSON.stringify(value)))).toBe(`${before}${JSON.stringify(value)}${after}`)
      }
    })
    fc.assert(property, { numRuns: 30 })
  })
})
