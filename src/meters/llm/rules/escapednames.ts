import type { Json, JsonMembers } from '../../../core/json.ts'

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

type Building = Json[] | Record<string, Json>

/**
 * Returns the object of a JSON text with escapes in names. Slower than `JSON.parse`, which in V8 12.8 to 14.6 gives some of these
 * names another text, by what was parsed before (nodejs/node#63785): a client could hide a member from the gate that its provider
 * reads. Here `JSON.parse` reads what has no names: texts, numbers and words, one by one. Throws SyntaxError for what is no JSON.
 */
export function parseEscapedNames(text: string): JsonMembers {
  JSON.parse(text)
  const top: Json[] = []
  const outer: Building[] = []
  let inside: Building = top
  let name: string | undefined
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code <= 0x20 || code === COMMA || code === COLON) continue
    if (code === CLOSE_ARRAY || code === CLOSE_OBJECT) {
      inside = outer.pop() ?? top
      continue
    }
    const isOpening = code === OPEN_ARRAY || code === OPEN_OBJECT
    const end = isOpening ? at : code === QUOTE ? endOfString(text, at) : endOfWord(text, at)
    const value = isOpening ? opened(code) : parsedScalar(text.slice(at, end + 1))
    if (name === undefined && !Array.isArray(inside)) name = typeof value === 'string' ? value : ''
    else {
      put(inside, name ?? '', value)
      name = undefined
    }
    if (typeof value === 'object' && value !== null) {
      outer.push(inside)
      inside = value
    }
    at = end
  }
  return top[0] as JsonMembers
}

function opened(code: number): Building {
  return code === OPEN_ARRAY ? [] : {}
}

function parsedScalar(text: string): string | number | boolean | null {
  return JSON.parse(text)
}

/** Not by assignment: `__proto__` is a name like others. */
function put(inside: Building, name: string, value: Json): void {
  if (Array.isArray(inside)) inside.push(value)
  else Object.defineProperty(inside, name, { value, enumerable: true, configurable: true, writable: true })
}

/** Returns the position of the quote that ends a string of JSON, or the length of the text. */
export function endOfString(text: string, begin: number): number {
  for (let end = text.indexOf('"', begin + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let escapes = 0
    while (text[end - 1 - escapes] === '\\') escapes++
    if (escapes % 2 === 0) return end
  }
  return text.length
}

function endOfWord(text: string, begin: number): number {
  let end = begin
  for (let code = text.charCodeAt(end + 1); code > 0x20; code = text.charCodeAt(++end + 1))
    if (code === COMMA || code === CLOSE_ARRAY || code === CLOSE_OBJECT) break
  return end
}
