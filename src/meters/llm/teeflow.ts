/**
 * Passes an answer on without waking JavaScript for each event.
 *
 * The runtime's own pipe carries the bytes, and its `tee` splits them: one branch is what the client reads, the other is read here in
 * large pieces. Measured in workerd, an event costs about as much as without a meter, where a copy in JavaScript costs four times as
 * much. The order matters. The client's branch must be the response's body itself: then the runtime takes no more from the provider than
 * the client takes, and what waits is bounded. Piped once more, it would be read as fast as the provider sends, and a client that stalls
 * would fill the memory.
 *
 * A read for at least so many bytes ends early only at the end of the stream. Something may have to be written after the last event that
 * depends on it. So the read is filled up with comments of spaces, which no client shows.
 */

import { type SeePiece, type Source, sourceOf } from '../../http/copy.ts'
import { createPipe } from '../../http/passthrough.ts'
import { type AnswerFlow, BodyTap } from './flow.ts'
import type { AnswerEnd } from './rules/answerend.ts'
import type { AnswerTap } from './tap.ts'

/** How much is read at once, if nothing is to follow the last event. */
const MIN_BYTES = 16_384
/** The same, if something is: the less, the less filling. */
const MIN_BYTES_BEFORE_LAST = 4096
const FILLING = new TextEncoder().encode(`:${' '.repeat(1022)}\n`)
/** What the bytes end with if filling has been read. */
const FILLED = / {32}\n?$/
const FILLED_BYTES = 33
const LINE_END = Uint8Array.of(0x0a)
const NOBODY = 'nobody waits for the answer'
const NOTHING_MORE = { done: true, value: undefined } as const

/** A reader of Workers: it reads at least so many bytes, unless the stream ends before. */
interface LeastReader {
  readAtLeast(bytes: number, into: Uint8Array<ArrayBuffer>): Promise<ReadableStreamReadResult<Uint8Array<ArrayBuffer>>>
}

/** Answers that come through pipes of the runtime's own, and whose bytes all pass. */
export class TeeFlow implements AnswerFlow {
  readonly body: ReadableStream<Uint8Array>
  readonly #from: ReadableStream<Uint8Array>
  readonly #writable: WritableStream<Uint8Array>
  readonly #branch: LeastReader
  readonly #tap: AnswerTap
  readonly #isFollowed: boolean
  readonly #sent = new BodyTap()
  readonly #stop = new AbortController()
  readonly #piped: Promise<AnswerEnd>
  readonly #reading: Promise<void>
  /** Resolves once all that was piped has been read here. */
  readonly #caughtUp: Promise<WritableStreamDefaultWriter<Uint8Array>>
  readonly #ended: Promise<AnswerEnd>
  #minBytes = 1
  #pieceCame: () => void = () => undefined
  /** The last bytes read, while filling is awaited. */
  #tail: string | undefined
  #end: AnswerEnd | undefined
  #hasClient = true
  #isCancelled = false
  /** True if what the client reads ends before the answer does. */
  #isDetached = false
  #isClosed = false
  /** False once what is read is the gate's own. */
  #isAnswer = true
  #draining: Source | undefined

  /** `isFollowed`: true if something is to follow the last event. */
  constructor(from: ReadableStream<Uint8Array>, tap: AnswerTap, isFollowed: boolean) {
    const { readable, writable } = createPipe(undefined)
    const [toClient, toTap] = readable.tee()
    this.body = toClient
    const branch: unknown = toTap.getReader({ mode: 'byob' })
    this.#branch = branch as LeastReader
    this.#from = from
    this.#writable = writable
    this.#tap = tap
    this.#isFollowed = isFollowed
    const options = { signal: this.#stop.signal, preventAbort: true, preventClose: true, preventCancel: true }
    this.#piped = from.pipeTo(writable, options).then(
      () => 'whole',
      () => 'broken',
    )
    this.#reading = this.#readAll()
    this.#caughtUp = this.#piped.then((end) => this.#catchUp(end))
    this.#ended = this.#follow()
  }

  async begin(isEnough: () => boolean): Promise<AnswerEnd | undefined> {
    while (this.#end === undefined && this.#minBytes === 1 && !isEnough())
      await new Promise<void>((resolve) => (this.#pieceCame = resolve))
    return this.#end
  }

  run(): Promise<AnswerEnd> {
    this.#minBytes = this.#isFollowed ? MIN_BYTES_BEFORE_LAST : MIN_BYTES
    this.#pieceCame()
    return this.#ended
  }

  cancel(): void {
    this.#isCancelled = true
    this.#stop.abort()
    this.#draining?.cancel(NOBODY)
  }

  leave(): void {
    if (!this.#hasClient) return
    this.#hasClient = false
    this.#caughtUp.then((writer) => this.#close(writer)).catch(() => undefined)
  }

  async finish(last?: Uint8Array): Promise<void> {
    if (!this.#hasClient) return
    const writer = await this.#detach()
    this.#hasClient = false
    this.#isAnswer = false
    if (last !== undefined && !this.#isClosed) await writer.write(last)
    await this.#close(writer)
    await this.#reading
    if (this.#end === 'whole') this.#sent.push(undefined)
  }

  cut(why: unknown): void {
    if (!this.#hasClient) return
    this.#detach()
      .then((writer) => writer.abort(why))
      .catch(() => undefined)
    this.#hasClient = false
  }

  tap(sees: SeePiece | undefined): void {
    this.#sent.tap(sees)
  }

  /** Ends the pipe, if the answer goes on. */
  async #detach(): Promise<WritableStreamDefaultWriter<Uint8Array>> {
    if (this.#end === undefined) {
      this.#isDetached = true
      this.#stop.abort()
    }
    return this.#caughtUp
  }

  async #follow(): Promise<AnswerEnd> {
    const piped = await this.#piped
    await this.#caughtUp
    const end = this.#isDetached && !this.#isCancelled ? await this.#drain() : piped
    if (this.#isCancelled) this.#from.cancel(NOBODY).catch(() => undefined)
    this.#end = this.#isCancelled ? 'cancelled' : end
    this.#tap.end(this.#end)
    this.#pieceCame()
    return this.#end
  }

  /** Has all that was piped read: by the end of the stream, or if that is not yet to come, by filling. */
  async #catchUp(end: AnswerEnd): Promise<WritableStreamDefaultWriter<Uint8Array>> {
    const writer = this.#writable.getWriter()
    if (this.#hasClient && (end !== 'whole' || this.#isFollowed)) {
      this.#tail = ''
      let next: Uint8Array = LINE_END
      while (this.#hasClient && !FILLED.test(this.#tail)) {
        await Promise.race([writer.write(next), this.#reading])
        next = FILLING
      }
      this.#tail = undefined
    }
    if (this.#hasClient && (end !== 'whole' || this.#isFollowed)) return writer
    await this.#close(writer)
    await this.#reading
    return writer
  }

  async #close(writer: WritableStreamDefaultWriter<Uint8Array>): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await writer.close()
  }

  async #readAll(): Promise<void> {
    let buffer = new ArrayBuffer(MIN_BYTES_BEFORE_LAST)
    for (;;) {
      const min = this.#minBytes
      if (buffer.byteLength < min) buffer = new ArrayBuffer(min)
      const { done, value } = await this.#branch.readAtLeast(min, new Uint8Array(buffer)).catch(() => NOTHING_MORE)
      if (value !== undefined && value.byteLength > 0) this.#take(value)
      if (done || value === undefined) break
      buffer = value.buffer
    }
    this.#pieceCame()
  }

  #take(piece: Uint8Array): void {
    this.#sent.push(piece)
    if (this.#isAnswer) this.#tap.push(piece)
    if (this.#tail !== undefined) this.#tail = String.fromCharCode(...piece.subarray(-FILLED_BYTES))
    this.#pieceCame()
  }

  /** Reads what still comes, without sending it. */
  async #drain(): Promise<AnswerEnd> {
    const source = (this.#draining = sourceOf(this.#from))
    try {
      for (;;) {
        const { done, value } = await source.read()
        if (done) return 'whole'
        this.#tap.push(value)
      }
    } catch {
      return 'broken'
    }
  }
}
