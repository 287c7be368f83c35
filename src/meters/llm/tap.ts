import type { UsageReader } from './provider.ts'
import { EventScanner } from './sse.ts'
import { JsonOutline } from './rules/outline.ts'
import type { AnswerEnd } from './rules/answerend.ts'
import type { ServerSentEvent } from './rules/event.ts'

/** An error that came in place of an answer. */
export interface FirstError {
  /** `broken`: the provider broke off before the first event. */
  readonly kind: 'error' | 'broken'
  /** The name of the event; undefined if it has none. */
  readonly name: string | undefined
  /** The data of the event, parsed. */
  readonly data: unknown
}

/** Events with which some providers begin, and which say nothing of what comes: an error may follow. */
const SIGNS_OF_LIFE = new Set(['ping', 'response.created', 'response.queued', 'response.in_progress'])

/** Reads an answer on its way. */
export interface AnswerTap {
  /** Reads a piece. Returns the bytes of it, and of those before, that pass to the client. */
  push(piece: Uint8Array): readonly Uint8Array[]
  /** Reads what is left once nothing more comes. Returns the bytes that pass. */
  end(end: AnswerEnd): readonly Uint8Array[]
  /** All bytes that came. */
  readonly bytes: number
  /** True if anything of an answer came, and not an error in its place. */
  readonly hasBegun: boolean
  /** True if the provider has reported a failure. */
  readonly hasFailed: boolean
  /** True if no event has begun that has not ended. */
  readonly isBetween: boolean
}

/**
 * Reads the events of a stream. JSON is parsed only of events that may matter. `drops`: events that hold nothing but usage do not pass,
 * and neither does an event that breaks off.
 */
export class StreamTap implements AnswerTap {
  readonly #reader: UsageReader
  readonly #drops: boolean
  readonly #scanner: EventScanner
  bytes = 0
  hasFailed = false
  /** The first event that says something: undefined until it has come. */
  first: 'content' | FirstError | undefined

  constructor(reader: UsageReader, drops: boolean) {
    this.#reader = reader
    this.#drops = drops
    this.#scanner = new EventScanner((event) => this.#see(event), drops)
  }

  get hasBegun(): boolean {
    return this.first === 'content'
  }

  get isBetween(): boolean {
    return this.#scanner.isBetween
  }

  push(piece: Uint8Array): readonly Uint8Array[] {
    this.bytes += piece.byteLength
    const passing = this.#scanner.push(piece)
    return this.#drops ? passing : [piece]
  }

  /** The last event may lack its blank line. */
  end(end: AnswerEnd): readonly Uint8Array[] {
    if (end === 'whole') return this.#scanner.end()
    // What breaks off has not passed if events are dropped.
    if (this.#drops) this.#scanner.discard()
    return []
  }

  #see({ name, data }: ServerSentEvent): boolean {
    if (data === undefined) return false
    const parsed = this.#reader.mayMatter(data) ? parse(data) : undefined
    const kind = parsed === undefined ? 'content' : this.#reader.event(name, parsed.value)
    if (kind === 'error') this.hasFailed = true
    if (this.first === undefined && (kind === 'error' || !SIGNS_OF_LIFE.has(name ?? '')))
      this.first = kind === 'error' ? { kind, name, data: parsed?.value } : 'content'
    return kind === 'usage-only'
  }
}

/** Reads an answer that is one JSON text, of any length. Long strings and lists of numbers are cut before the reader sees them. */
export class WholeTap implements AnswerTap {
  readonly #reader: UsageReader
  readonly #outline = new JsonOutline()
  readonly #decoder = new TextDecoder()
  readonly hasFailed = false
  readonly isBetween = true
  bytes = 0

  constructor(reader: UsageReader) {
    this.#reader = reader
  }

  get hasBegun(): boolean {
    return this.bytes > 0
  }

  push(piece: Uint8Array): readonly Uint8Array[] {
    this.bytes += piece.byteLength
    this.#outline.push(this.#decoder.decode(piece, { stream: true }))
    return [piece]
  }

  end(end: AnswerEnd): readonly Uint8Array[] {
    const outline = end === 'whole' ? this.#outline.end() : undefined
    const parsed = outline === undefined ? undefined : parse(outline)
    if (parsed !== undefined) this.#reader.whole(parsed.value)
    return []
  }
}

/** Parses JSON. Returns undefined for anything else, such as the mark at the end of a stream. */
function parse(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    return undefined
  }
}
