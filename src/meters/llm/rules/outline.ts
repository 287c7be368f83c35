/**
 * Keeps the outline of a JSON text that may be very long: its structure, names and short values.
 *
 * An answer with a picture is megabytes of base64, and one with embeddings megabytes of numbers; its usage is a hundred bytes that may
 * come before or after them. So long strings are cut, and numbers at the beginning of an array are left out. What is left is JSON
 * again. Linear, and bounded in memory: an outline that is too long is none.
 */

/** Longer strings are cut. */
const MAX_STRING = 256
const MAX_OUTLINE = 1024 * 1024
/** The longest escape sequence of JSON: `\u0000`. It is never cut. */
const ESCAPE = 6

const STRUCTURE = /["[]/g
const IN_STRING = /["\\]/g
const SPACES = /[ \t\r\n]*/y
const NUMBERS = /[-+.\deE, \t\r\n]*/y

/** Where the text has got to. `opened`: an array has begun. `numbers`: among the numbers that it begins with. */
type State = 'between' | 'string' | 'escape' | 'opened' | 'numbers'

export class JsonOutline {
  #state: State = 'between'
  #kept: string[] = []
  #length = 0
  /** How much of the present string may still be kept. */
  #room = 0

  /** Takes the next part of the text. A part may end anywhere. */
  push(text: string): void {
    let at = 0
    while (at < text.length && this.#length <= MAX_OUTLINE) at = this.#step(text, at)
    if (this.#length > MAX_OUTLINE) this.#kept = []
  }

  /** Returns the outline of all that came; undefined if it is too long. */
  end(): string | undefined {
    return this.#length > MAX_OUTLINE ? undefined : this.#kept.join('')
  }

  /** Takes at least one character, or changes the state. Returns the position after it. */
  #step(text: string, at: number): number {
    switch (this.#state) {
      case 'between':
        return this.#takeStructure(text, at)
      case 'string':
        return this.#takeString(text, at)
      case 'escape':
        this.#state = 'string'
        return this.#takeLimited(text, at, at + 1)
      case 'opened': {
        const next = skip(SPACES, text, at)
        if (next < text.length) this.#state = /[-\d]/.test(text[next] ?? '') ? 'numbers' : 'between'
        return next
      }
      case 'numbers': {
        const next = skip(NUMBERS, text, at)
        if (next < text.length) this.#state = 'between'
        return next
      }
    }
  }

  #takeStructure(text: string, at: number): number {
    STRUCTURE.lastIndex = at
    const found = STRUCTURE.exec(text)
    const end = found === null ? text.length : found.index + 1
    this.#keep(text.slice(at, end))
    if (found?.[0] === '"') {
      this.#state = 'string'
      this.#room = MAX_STRING
    } else if (found !== null) this.#state = 'opened'
    return end
  }

  #takeString(text: string, at: number): number {
    IN_STRING.lastIndex = at
    const found = IN_STRING.exec(text)
    const end = found?.index ?? text.length
    this.#takeLimited(text, at, end)
    if (found === null) return end
    if (found[0] === '"') {
      this.#keep('"')
      this.#state = 'between'
      return end + 1
    }
    if (this.#room < ESCAPE) this.#room = 0
    this.#state = 'escape'
    return this.#takeLimited(text, end, end + 1)
  }

  #takeLimited(text: string, from: number, to: number): number {
    const taken = Math.min(to - from, this.#room)
    if (taken > 0) this.#keep(text.slice(from, from + taken))
    this.#room -= taken
    return to
  }

  #keep(text: string): void {
    this.#length += text.length
    this.#kept.push(text)
  }
}

function skip(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  pattern.test(text)
  return pattern.lastIndex
}
