/**
 * Changes the ids of a stream of events (HTML §9.2.6) while it passes, piece by piece: every other byte stays as it came.
 *
 * A line is held back only while it may be the beginning of `id:`, and to its end if it is. An id that is longer than a name may
 * be is left out: the client then resumes at an earlier event.
 */
import { joinBytes } from '../../../core/bytes.ts'

const CR = 0x0d
const LF = 0x0a
const COLON = 0x3a
/** `id:` */
const BEGINNING = [0x69, 0x64, COLON] as const
const MAX_ID_LINE = 2048
/** A line that says nothing. An empty one would end the event. */
const COMMENT = Uint8Array.of(COLON)

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Where in a line the next byte stands. `passing`: in a line that has no id; `skipping`: in one that is left out. */
type Place = 'held' | 'passing' | 'skipping'

/** Changes the ids of one stream. */
export class EventIds {
  readonly #change: (id: string) => string
  #held: number[] = []
  #place: Place = 'held'

  constructor(change: (id: string) => string) {
    this.#change = change
  }

  /** Returns what of the stream leaves after this piece. */
  take(piece: Uint8Array): Uint8Array<ArrayBuffer> {
    const out: Uint8Array[] = []
    let from = 0
    for (let at = 0; at < piece.length; at++) {
      const byte = piece[at] ?? 0
      const isEnd = byte === CR || byte === LF
      if (this.#place === 'passing') {
        if (isEnd) this.#place = 'held'
        continue
      }
      if (this.#place === 'held' && this.#held.length === 0) {
        out.push(piece.subarray(from, at))
        from = at
      }
      if (isEnd) {
        if (this.#place === 'held') out.push(this.#line())
        this.#begin()
        from = at
      } else if (this.#place === 'held') {
        this.#held.push(byte)
        from = at + 1
        this.#judge(out)
      } else from = at + 1
    }
    if (this.#place !== 'skipping') out.push(piece.subarray(from))
    return joinBytes(out)
  }

  /** Returns what is left at the end of the stream. A line without an end is no event, and passes as it is. */
  end(): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(this.#held)
  }

  #begin(): void {
    this.#held = []
    this.#place = 'held'
  }

  /** Lets a line go that is not that of an id, and gives up one that is too long. Only the last byte is new. */
  #judge(out: Uint8Array[]): void {
    const held = this.#held
    const last = held.length - 1
    const mayBeId = last >= BEGINNING.length || held[last] === BEGINNING[last]
    if (!mayBeId) {
      out.push(Uint8Array.from(held))
      this.#held = []
      this.#place = 'passing'
    } else if (held.length > MAX_ID_LINE) {
      out.push(COMMENT)
      this.#held = []
      this.#place = 'skipping'
    }
  }

  /** Returns the line that is held, changed if it has an id. */
  #line(): Uint8Array {
    const held = Uint8Array.from(this.#held)
    if (held.length < BEGINNING.length) return held
    const value = decoder.decode(held.subarray(BEGINNING.length)).replace(/^ /, '')
    // An empty id says that there is nothing to resume from.
    return value === '' ? held : encoder.encode(`id: ${this.#change(value)}`)
  }
}
