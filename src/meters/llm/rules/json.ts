/**
 * Reads the JSON of a request so that every server reads the same in it.
 *
 * The gate decides by what it reads, and the provider charges by what it reads itself. Of two members of one name some servers
 * take the first and some the last; some take `"Model"` for `"model"`; a number beyond 2^53 is rounded by one and kept by the
 * next. A request in which that matters is refused.
 *
 * One scan finds what `JSON.parse` would hide, in one pass over the text; strings are skipped by the built-in search.
 */
import type { JsonMembers } from '../../../core/json.ts'
import { endOfString, parseEscapedNames } from './escapednames.ts'
import { err, ok, type Result } from '../../../core/result.ts'

/** Why JSON is refused. `detail`: a sentence for `request-malformed`. It may quote the request. */
export interface StrictJsonFault {
  readonly kind:
    | 'not-utf8'
    | 'byte-order-mark'
    | 'not-an-object'
    | 'syntax'
    | 'trailing-data'
    | 'too-deep'
    | 'too-many-values'
    | 'number'
    | 'repeated-member'
    | 'ambiguous-member'
    | 'unknown-member'
  readonly detail: string
}

/** How many objects and arrays may be inside each other. */
const MAX_DEPTH = 128
/** How many objects, arrays and members a request may have: each takes up to 200 bytes of memory once it is read, however short. */
const MAX_VALUES = 131_072

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Returns the object that the bytes are. Errors: bytes that are not UTF-8; a byte order mark; anything but one object; a member
 * repeated in its object; two members that differ only in case or `_`; a name that is structure to a provider in another case; a
 * number beyond 2^53; more than 128 levels or 131,072 values. `free`: members whose objects have names of the client's own.
 */
export function parseStrictJson(
  bytes: Uint8Array,
  free: ReadonlySet<string> = FREE,
): Result<JsonMembers, StrictJsonFault> {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf)
    return fault('byte-order-mark', 'The JSON of the request begins with a byte order mark.')
  try {
    const text = decoder.decode(bytes)
    if (!BEGINS.test(text)) return fault('not-an-object', 'The content of the request is not a JSON object.')
    const names = { hasEscapes: false, free }
    return faultIn(text, names) ?? ok(valueOf(text, names.hasEscapes))
  } catch (error) {
    if (error instanceof SyntaxError) return fault('syntax', 'The content of the request is not JSON.')
    return fault('not-utf8', 'The content of the request is not UTF-8.')
  }
}

function valueOf(text: string, hasEscapes: boolean): JsonMembers {
  return hasEscapes ? parseEscapedNames(text) : JSON.parse(text)
}

/**
 * Returns the fault of a body that has members besides those known and those allowed; undefined without one. It names the first
 * such member.
 */
export function checkMembers(
  body: JsonMembers,
  known: readonly string[],
  allowed: readonly string[],
): StrictJsonFault | undefined {
  for (const name of Object.keys(body)) {
    if (known.includes(name) || allowed.includes(name)) continue
    const meant = [...known, ...allowed].find((other) => foldCase(other) === foldCase(name))
    if (meant !== undefined) return variant(name, meant).error
    return fault('unknown-member', `The member ${quoted(name)} is not known here, so it is not passed on.`).error
  }
  return undefined
}

function fault(
  kind: StrictJsonFault['kind'],
  sentence: string,
): { readonly ok: false; readonly error: StrictJsonFault } {
  return err({ kind, detail: sentence })
}

/** Returns at most 64 characters of a client's name, in printable ASCII. */
function quoted(name: string): string {
  return `"${name.slice(0, 64).replaceAll(/[^\x20-\x7e]|["\\]/g, '?')}"`
}

function variant(name: string, meant: string): ReturnType<typeof fault> {
  return fault('ambiguous-member', `The member ${quoted(name)} is to be spelled ${quoted(meant)}.`)
}

const BEGINS = /^[ \t\n\r]*\{/
const AFTERWARDS = /[^ \t\n\r]/g

/** An object or array that has begun. */
interface Container {
  /** Its members so far, by the form in which they must differ; undefined for an array. */
  readonly names: Map<string, string> | undefined
  /** True in what the client's own program defines, such as a schema: only exact repeats are faults there. */
  readonly isFree: boolean
}

const TOP: Container = { names: undefined, isFree: false }
const FREE_ARRAY: Container = { names: undefined, isFree: true }

const QUOTE = 0x22
const COMMA = 0x2c
const MINUS = 0x2d
const DIGIT_0 = 0x30
const DIGIT_9 = 0x39
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

/** Returns the fault of a text; undefined if it has none but, perhaps, faults of syntax. Sets `hasEscapes`. */
function faultIn(
  text: string,
  names: { hasEscapes: boolean; readonly free: ReadonlySet<string> },
): ReturnType<typeof fault> | undefined {
  const outer: Container[] = []
  let inside = TOP
  let name = ''
  let isName = false
  let values = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      const end = endOfString(text, at)
      if (isName) {
        if (++values > MAX_VALUES) return TOO_MANY
        name = text.slice(at + 1, end)
        if (name.includes('\\')) {
          names.hasEscapes = true
          name = parsedName(text.slice(at, end + 1))
        }
        const wrong = addName(inside, name)
        if (wrong !== undefined) return wrong
        isName = false
      }
      at = end
    } else if (code === COMMA) isName = inside.names !== undefined
    else if (code === OPEN_OBJECT || code === OPEN_ARRAY) {
      if (++values > MAX_VALUES) return TOO_MANY
      if (outer.push(inside) > MAX_DEPTH) return TOO_DEEP
      inside = begun(code, inside, name, outer.length, names.free)
      isName = code === OPEN_OBJECT
    } else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) {
      inside = outer.pop() ?? TOP
      isName = false
      if (outer.length === 0) return afterwards(text, at + 1)
    } else if (code === MINUS || (code >= DIGIT_0 && code <= DIGIT_9)) {
      const end = endOfNumber(text, at)
      if (end === -1) return BEYOND
      at = end - 1
    }
  }
  return undefined
}

const TOO_DEEP = fault('too-deep', `The JSON of the request has more than ${MAX_DEPTH} levels.`)
const TOO_MANY = fault('too-many-values', `The JSON of the request has more than ${MAX_VALUES} values.`)
const BEYOND = fault('number', 'The JSON of the request has a number beyond 2^53.')

function begun(code: number, inside: Container, name: string, depth: number, free: ReadonlySet<string>): Container {
  const { names, isFree } = inside
  if (code === OPEN_ARRAY) return isFree ? FREE_ARRAY : TOP
  return {
    names: new Map(),
    isFree: isFree || (names !== undefined && (free.has(name) || (depth > 2 && FREE_BELOW.has(name)))),
  }
}

function afterwards(text: string, from: number): ReturnType<typeof fault> | undefined {
  AFTERWARDS.lastIndex = from
  return AFTERWARDS.test(text) ? fault('trailing-data', 'The JSON of the request is followed by something.') : undefined
}

/** Throws SyntaxError if it is no string of JSON. */
function parsedName(string: string): string {
  const name: string = JSON.parse(string)
  return name.toWellFormed()
}

/** Fifteen characters without an exponent are below 2^53. */
const SHORT_DIGITS = 15
const EXPONENT = 0x65

/** Returns the position after the number, or -1 if it is beyond 2^53. */
function endOfNumber(text: string, begin: number): number {
  let end = begin + 1
  let hasExponent = false
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end)
    if (code === COMMA || code === CLOSE_ARRAY || code === CLOSE_OBJECT || code <= 0x20) break
    hasExponent ||= (code | 0x20) === EXPONENT
  }
  if (end - begin <= SHORT_DIGITS && !hasExponent) return end
  // What is no number at all is found by the parser.
  return Math.abs(Number(text.slice(begin, end))) > Number.MAX_SAFE_INTEGER ? -1 : end
}

const SNAKE_CASE = /^[a-z0-9_]*$/
const PLAIN = /^[a-z0-9]*$/

/** Folds case as lenient servers do: the long s and the Kelvin sign are letters too. */
function foldCase(name: string): string {
  return SNAKE_CASE.test(name) ? name : name.toWellFormed().toUpperCase().toLowerCase()
}

/** Adds a member's name to its object. Returns the fault if it does not differ enough from the others. */
function addName({ names, isFree }: Container, name: string): ReturnType<typeof fault> | undefined {
  if (names === undefined) return undefined
  const key = isFree || PLAIN.test(name) ? name : foldCase(name).replaceAll('_', '')
  const other = names.get(key)
  if (other === name) return fault('repeated-member', `The member ${quoted(name)} is there twice.`)
  if (other !== undefined)
    return fault('ambiguous-member', `The members ${quoted(other)} and ${quoted(name)} can be taken for the same.`)
  names.set(key, name)
  if (isFree || SNAKE_CASE.test(name) || SPELLINGS.has(name)) return undefined
  const meant = STRUCTURE.get(foldCase(name))
  return meant === undefined ? undefined : variant(name, meant)
}

/** Members that say what a part of a request is, or point at what is not in it: nowhere are they spelled in another case. */
const POINTING =
  'cached_content container content data detail file file_data file_id file_uri file_url image_url inline_data input_audio model parts role source text tool_choice tools type uri url video_url'.split(
    ' ',
  )

/** How they are spelled: some providers take `fileData` beside `file_data`. */
const SPELLINGS = new Set(
  POINTING.flatMap((name) => [name, name.replaceAll(/_(.)/g, (_, next: string) => next.toUpperCase())]),
)
const STRUCTURE = new Map([...SPELLINGS].map((name) => [foldCase(name), name]))

/** Members whose objects have names of the client's own. */
const FREE = new Set(['metadata', 'labels', 'logit_bias'])
/** The same, below the first level: schemas of tools and answers, and what tools are given and return. */
const FREE_BELOW = new Set(
  'parameters properties schema input input_schema args arguments response responseSchema response_schema responseJsonSchema response_json_schema parametersJsonSchema parameters_json_schema'.split(
    ' ',
  ),
)
