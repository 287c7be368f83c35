/** An event of a stream (HTML §9.2.6), as far as meters need it. */
export interface ServerSentEvent {
  /** Undefined if the event has no name. */
  readonly name: string | undefined
  /** The lines of data. Undefined if there are none, as in a comment. */
  readonly data: string | undefined
}

const DATA = 'data: '

/** Parses the lines of one event, its blank line included. */
export function parseEvent(text: string): ServerSentEvent {
  if (text.startsWith(DATA) && text.indexOf('\n') === text.length - 2 && !text.includes('\r'))
    return { name: undefined, data: text.slice(DATA.length, -2) }
  let name: string | undefined
  let data: string | undefined
  for (const line of text.split(/\r\n|\n|\r/)) {
    const colon = line.indexOf(':')
    const field = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (field === 'data') data = data === undefined ? value : `${data}\n${value}`
    else if (field === 'event') name = value === '' ? undefined : value
  }
  return { name, data }
}

const LF = 0x0a
const CR = 0x0d

/**
 * Returns the position after the blank line that ends an event, or -1. `begin`: where the event begins, or goes on; `before`: the
 * byte before that, LF if the event begins there at the beginning of the bytes. `hasCr`: false if there is no CR, in `before` either.
 */
export function endOfEvent(bytes: Uint8Array, begin: number, before: number | undefined, hasCr: boolean): number {
  if (hasCr) return endWithCr(bytes, begin, before)
  for (let at = bytes.indexOf(LF, begin); at !== -1; at = bytes.indexOf(LF, at + 1))
    if ((at === begin && (begin > 0 || before === LF)) || (at > begin && bytes[at - 1] === LF)) return at + 1
  return -1
}

function endWithCr(bytes: Uint8Array, begin: number, before: number | undefined): number {
  let last = begin === 0 ? before : LF
  for (let at = begin; at < bytes.length; at++) {
    const byte = bytes[at]
    const isEnd = isLineEnd(byte) && isLineEnd(last) && !(byte === LF && last === CR)
    if (isEnd) return byte === CR && bytes[at + 1] === LF ? at + 2 : at + 1
    last = byte
  }
  return -1
}

const isLineEnd = (byte: number | undefined): boolean => byte === LF || byte === CR

/** The same of a text without CR. `isLine`: true if a line begins with the text. */
export function endInText(text: string, begin: number, isLine: boolean): number {
  if ((begin > 0 || isLine) && text.charCodeAt(begin) === LF) return begin + 1
  const blank = text.indexOf('\n\n', begin)
  return blank === -1 ? -1 : blank + 2
}
