/**
 * Looks at the data of an event without parsing it.
 *
 * Of a thousand events one holds usage, and parsing costs ten times as much as one regular expression. Inside a string of JSON a
 * quote is escaped, so `"usage"` cannot be found in what a model writes: only in a name, or in a text that is nothing else.
 */
import { utf8Length } from './textlength.ts'

/** The mark of a stream's end in OpenAI's APIs. Some proxies add it to every stream. */
export const DONE = '[DONE]'

const SPACE = 0x20
const COLON = 0x3a
const QUOTE = 0x22

function skipSpaces(data: string, from: number): number {
  let at = from
  while (data.charCodeAt(at) === SPACE) at++
  return at
}

/** Deltas that carry no token. */
const EMPTY = new Set([
  '{}',
  '{"role":"assistant"}',
  '{"role":"assistant","content":""}',
  '{"role":"assistant","content":null}',
  '{"role":"assistant","content":"","refusal":null}',
  '{"role":"assistant","content":null,"refusal":null}',
])
const PLAIN = '{"content":"'
const DELTA = '"delta":'
const AFTERWARDS = /,\s*"(?:logprobs|finish_reason)"\s*:/g
/** The one choice of almost all events: it says something without escapes. */
const PLAIN_CHOICE = /"choices":\[\{"index":\d+,"delta":\{"content":"([^"\\]*)"\}/

/**
 * Returns an upper bound of the bytes that the choices of an event of a chat deliver, in UTF-8: all of their `delta`. Padding
 * (`obfuscation`) is not part of it, and neither is the envelope where it is known.
 */
export function deliveredInChoices(data: string): number {
  const plain = PLAIN_CHOICE.exec(data)
  if (plain !== null && !data.includes(DELTA, plain.index + plain[0].length)) return utf8Length(plain[1] ?? '')
  let at = data.indexOf(DELTA)
  let bytes = 0
  while (at !== -1) {
    const begin = skipSpaces(data, at + DELTA.length)
    const end = endOfDelta(data, begin)
    bytes += deltaLength(data.slice(begin, end))
    at = data.indexOf(DELTA, end)
  }
  return bytes
}

function endOfDelta(data: string, begin: number): number {
  AFTERWARDS.lastIndex = begin
  return AFTERWARDS.exec(data)?.index ?? data.length
}

function deltaLength(delta: string): number {
  if (EMPTY.has(delta)) return 0
  const bytes = utf8Length(delta)
  return delta.startsWith(PLAIN) ? bytes - PLAIN.length - 2 : bytes
}

/** Returns an upper bound of the bytes in UTF-8 of all texts that members of this name have, such as `"delta"`. */
export function deliveredInTexts(data: string, quotedName: string): number {
  let bytes = 0
  for (let at = data.indexOf(quotedName); at !== -1; at = data.indexOf(quotedName, at + 1)) {
    const colon = skipSpaces(data, at + quotedName.length)
    const begin = skipSpaces(data, colon + 1)
    if (data.charCodeAt(colon) !== COLON || data.charCodeAt(begin) !== QUOTE) continue
    bytes += utf8Length(data.slice(begin + 1, endOfText(data, begin)))
  }
  return bytes
}

/** Returns the position of the quote that ends a string. */
function endOfText(data: string, begin: number): number {
  for (let end = data.indexOf('"', begin + 1); end !== -1; end = data.indexOf('"', end + 1)) {
    let backslashes = 0
    while (data[end - 1 - backslashes] === '\\') backslashes++
    if (backslashes % 2 === 0) return end
  }
  return data.length
}
