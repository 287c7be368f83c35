/**
 * Finds the events of a stream in its bytes (HTML §9.2.6), without changing them.
 *
 * What is dropped from a stream is dropped as whole events, byte for byte. So the scanner works on positions in the bytes as they
 * come. Line ends may be LF, CRLF or CR, in any mixture, and a piece may end anywhere: inside a character, or between CR and LF.
 * Each byte is searched once, whatever the pieces.
 */

import { joinBytes } from '../../core/bytes.ts'
import { endInText, endOfEvent, parseEvent, type ServerSentEvent } from './rules/event.ts'

/** Longer events pass unread. */
const MAX_EVENT_BYTES = 4 * 1024 * 1024
const FIRST_CAPACITY = 1024
const LF = 0x0a
const CR = 0x0d

const BLANK = '\n\n'
const NOTHING: readonly Uint8Array[] = []

/** The events that end in a piece. `next`: the end of the event that begins at a position, or -1. */
interface Ends {
  /** The piece, if it has as many characters as bytes. */
  readonly text: string | undefined
  readonly next: (begin: number) => number
}

/** Sees an event. Returns true if the event is to be dropped. */
export type SeeEvent = (event: ServerSentEvent) => boolean

/**
 * Cuts a stream into events and shows each to `sees` once it is complete. `filters`: true to learn the bytes that pass, less the
 * events that `sees` drops. Bytes of an event that has not ended are held back then.
 */
export class EventScanner {
  readonly #sees: SeeEvent
  readonly #filters: boolean
  readonly #maxBytes: number
  readonly #decoder = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true })
  /** The event that has begun: the first `#length` bytes. */
  #held = new Uint8Array(0)
  #length = 0
  #isFirst = true
  /** The last byte of an event that is too long to be read, whose end is searched. */
  #tooLong: number | undefined
  /** True if the stream has ended inside an event. */
  #isOpen = false
  /** What became of an event that ended with CR at the end of a piece: an LF that follows shares its fate. */
  #endedInCr: 'passed' | 'dropped' | undefined

  constructor(sees: SeeEvent, filters: boolean, maxBytes = MAX_EVENT_BYTES) {
    this.#sees = sees
    this.#filters = filters
    this.#maxBytes = maxBytes
  }

  /** Takes the next piece of the stream. Returns the bytes that pass, if this filters. */
  push(piece: Uint8Array): readonly Uint8Array[] {
    let text: string | undefined
    if (this.#isFree && piece.byteLength <= this.#maxBytes) {
      text = this.#decoder.decode(piece)
      // Almost all pieces are.
      if (isOneEvent(text)) return this.#see(text) || !this.#filters ? NOTHING : [piece]
    }
    const passing: Uint8Array[] = []
    let rest = piece
    if (rest.byteLength > 0 && this.#endedInCr !== undefined) rest = this.#takeLf(rest, passing)
    if (this.#tooLong !== undefined) rest = this.#skip(rest, this.#tooLong, passing)
    if (rest.byteLength > 0) this.#scan(rest, passing, text)
    return passing
  }

  /** True if an event begins with the next piece, whatever the piece. */
  get #isFree(): boolean {
    return this.#length === 0 && this.#endedInCr === undefined && this.#tooLong === undefined
  }

  /** True if the last event that has begun has ended. */
  get isBetween(): boolean {
    return this.#length === 0 && this.#tooLong === undefined && !this.#isOpen
  }

  /** Forgets an event that has begun. */
  discard(): void {
    this.#length = 0
  }

  /** Takes the end of the stream for the end of the last event. Returns the bytes that pass, if this filters. */
  end(): readonly Uint8Array[] {
    const held = this.#held.slice(0, this.#length)
    this.#length = 0
    this.#isOpen = held.byteLength > 0
    const isDropped = held.byteLength === 0 || this.#see(this.#decoder.decode(held))
    return this.#filters && !isDropped ? [held] : []
  }

  /** `decoded`: the text of the piece, if it is known. */
  #scan(piece: Uint8Array, passing: Uint8Array[], decoded: string | undefined): void {
    const ends = this.#findEnds(piece, decoded ?? this.#decoder.decode(piece))
    const pass = (from: number, to: number): void => {
      if (this.#filters && to > from) passing.push(piece.subarray(from, to))
    }
    let begin = 0
    let kept = 0
    for (let end = ends.next(0); end !== -1; end = ends.next(begin)) {
      const isDropped = this.#isDropped(piece, begin, end, ends.text)
      if (this.#length > 0 && this.#filters && !isDropped) passing.push(this.#held.slice(0, this.#length))
      this.#length = 0
      if (isDropped) {
        pass(kept, begin)
        kept = end
      }
      if (end === piece.length && piece[end - 1] === CR) this.#endedInCr = isDropped ? 'dropped' : 'passed'
      begin = end
    }
    pass(kept, begin)
    if (begin < piece.length) this.#hold(begin === 0 ? piece : piece.subarray(begin))
    if (this.#length > this.#maxBytes) this.#giveUp(passing)
  }

  /** Searches the text of a piece if its positions are those of the bytes: that is much faster than to search bytes. */
  #findEnds(piece: Uint8Array, text: string): Ends {
    const before = this.#length === 0 ? LF : this.#held[this.#length - 1]
    const hasCr = before === CR || text.includes('\r')
    if (!hasCr && text.length === piece.length) return { text, next: (begin) => endInText(text, begin, before === LF) }
    return { text: undefined, next: (begin) => endOfEvent(piece, begin, before, hasCr) }
  }

  /** Shows an event. `text`: the piece, if the event is in it at the same position. */
  #isDropped(piece: Uint8Array, begin: number, end: number, text: string | undefined): boolean {
    if (this.#length + end - begin > this.#maxBytes) return false
    const ofPiece = begin === 0 && end === piece.length ? piece : piece.subarray(begin, end)
    if (this.#length > 0)
      return this.#see(this.#decoder.decode(joinBytes([this.#held.subarray(0, this.#length), ofPiece])))
    if (text === undefined) return this.#see(this.#decoder.decode(ofPiece))
    return this.#see(end === piece.length && begin === 0 ? text : text.slice(begin, end))
  }

  #see(text: string): boolean {
    const hasMark = this.#isFirst && text.startsWith('\ufeff')
    this.#isFirst = false
    return this.#sees(parseEvent(hasMark ? text.slice(1) : text))
  }

  #hold(piece: Uint8Array): void {
    const length = this.#length + piece.byteLength
    if (length > this.#held.byteLength) {
      const grown = new Uint8Array(Math.max(length, 2 * this.#held.byteLength, FIRST_CAPACITY))
      grown.set(this.#held.subarray(0, this.#length))
      this.#held = grown
    }
    this.#held.set(piece, this.#length)
    this.#length = length
  }

  #giveUp(passing: Uint8Array[]): void {
    if (this.#filters) passing.push(this.#held.slice(0, this.#length))
    this.#tooLong = this.#held[this.#length - 1]
    this.#held = new Uint8Array(0)
    this.#length = 0
    this.#isFirst = false
  }

  /** Passes what belongs to an event that is too long. Returns what comes after it. */
  #skip(piece: Uint8Array, before: number, passing: Uint8Array[]): Uint8Array {
    const end = endOfEvent(piece, 0, before, before === CR || piece.includes(CR))
    const taken = end === -1 ? piece : piece.subarray(0, end)
    if (this.#filters && taken.length > 0) passing.push(taken)
    this.#tooLong = end === -1 ? (piece.at(-1) ?? before) : undefined
    if (end === piece.length && piece[end - 1] === CR) this.#endedInCr = 'passed'
    return piece.subarray(taken.length)
  }

  #takeLf(piece: Uint8Array, passing: Uint8Array[]): Uint8Array {
    const fate = this.#endedInCr
    this.#endedInCr = undefined
    if (piece[0] !== LF) return piece
    if (this.#filters && fate === 'passed') passing.push(piece.subarray(0, 1))
    return piece.subarray(1)
  }
}

/** Returns true for a text that is one whole event, with line ends of LF. */
function isOneEvent(text: string): boolean {
  const isWhole = text.length > BLANK.length && text.indexOf(BLANK) === text.length - BLANK.length
  return isWhole && text.charCodeAt(0) !== LF && !text.includes('\r')
}
