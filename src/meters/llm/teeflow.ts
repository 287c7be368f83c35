/**
 * Passes an answer on without waking JavaScript for each event.
 *
 * The runtime's own pipe carries the bytes, and its `tee` splits them: one branch is what the client reads, the other is read here now
 * and then, in pieces of all that has gathered. The order matters. The client's branch has to be the response's body itself: then the
 * runtime takes no more from the provider than the client takes, and what waits is bounded. Piped once more, it would be read as fast as
 * the provider sends, and a client that stalls would fill the memory. And the tap must not ask for a least number of bytes: the runtime
 * would hold back the client's branch until as many have come.
 *
 * What follows the last event may depend on it, and a branch that has been read does not say that no more will come. So a comment is
 * written after the last event, and what comes before it in the tap's branch is all there was. A client that does not take it within some
 * seconds has the stream end without what would follow.
 */

import type { SeePiece } from '../../http/copy.ts'
import { createPipe } from '../../http/passthrough.ts'
import { type AnswerFlow, BodyTap } from './flow.ts'
import type { AnswerEnd } from './rules/answerend.ts'
import type { AnswerTap } from './tap.ts'

const BUFFER_BYTES = 16_384
/** The time between two reads: longer if little has gathered, shorter if much has. */
const LEAST_PAUSE_MS = 4
const MOST_PAUSE_MS = 256
const LITTLE_BYTES = 4096

/** Ends a line that has been left open, and is shown by no client. */
const MARK = '\n: faregate\n'
const MARK_BYTES = new TextEncoder().encode(MARK)
/** How long the mark may take to its client. */
const MOST_CATCH_UP_MS = 5000
const NOBODY = 'nobody waits for the answer'
const NOTHING_MORE = { done: true, value: undefined } as const

/** Answers that come through pipes of the runtime's own, and whose bytes all pass. */
export class TeeFlow implements AnswerFlow {
  readonly body: ReadableStream<Uint8Array>
  readonly #from: ReadableStream<Uint8Array>
  readonly #writable: WritableStream<Uint8Array>
  readonly #branch: ReadableStreamBYOBReader
  readonly #tap: AnswerTap
  readonly #isFollowed: boolean
  readonly #sent = new BodyTap()
  readonly #stop = new AbortController()
  readonly #piped: Promise<AnswerEnd>
  readonly #reading: Promise<void>
  /** Resolves once all that was piped has been read here. */
  readonly #caughtUp: Promise<WritableStreamDefaultWriter<Uint8Array>>
  readonly #ended: Promise<AnswerEnd>
  /** Called once the next piece has been read, or no more comes. */
  readonly #awaiting: (() => void)[] = []
  /** True while reads have pauses between them. */
  #isPaced = false
  #pauseMs = LEAST_PAUSE_MS
  #endPause: () => void = () => undefined
  #isRead = false
  /** The last bytes read, while the mark is awaited. */
  #tail: string | undefined
  #end: AnswerEnd | undefined
  #hasClient = true
  #isCancelled = false
  /** True if what the client reads ends before the answer does. */
  #isDetached = false
  #isClosed = false
  /** False once what is read is the gate's own. */
  #isAnswer = true

  /** `isFollowed`: true if something is to follow the last event. */
  constructor(from: ReadableStream<Uint8Array>, tap: AnswerTap, isFollowed: boolean) {
    const { readable, writable } = createPipe(undefined)
    const [toClient, toTap] = readable.tee()
    this.body = toClient
    this.#branch = toTap.getReader({ mode: 'byob' })
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
    while (this.#end === undefined && !this.#isPaced && !isEnough()) await this.#nextPiece()
    return this.#end
  }

  run(): Promise<AnswerEnd> {
    this.#isPaced = this.#end === undefined
    this.#pieceCame()
    return this.#ended
  }

  cancel(): void {
    this.#isCancelled = true
    this.#stop.abort()
  }

  leave(): void {
    if (!this.#hasClient) return
    this.#hasClient = false
    // Between reads that wait for each other, a tee that has lost a branch comes to a halt.
    this.#isPaced = false
    this.#endPause()
    this.#pieceCame()
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
    if (this.#end === 'whole' && !this.#isDetached) this.#sent.push(undefined)
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
  #detach(): Promise<WritableStreamDefaultWriter<Uint8Array>> {
    if (this.#end === undefined) {
      this.#isDetached = true
      this.#stop.abort()
    }
    return this.#caughtUp
  }

  async #follow(): Promise<AnswerEnd> {
    const piped = await this.#piped
    await this.#caughtUp
    // A pipe that was stopped leaves nothing that could still be read.
    const isCancelled = this.#isCancelled || this.#isDetached
    if (isCancelled) this.#from.cancel(NOBODY).catch(() => undefined)
    this.#end = isCancelled ? 'cancelled' : piped
    this.#tap.end(this.#end)
    this.#pieceCame()
    return this.#end
  }

  /** Reads all that was piped: to the end of the stream, or if that is not to come yet, to a mark. */
  async #catchUp(end: AnswerEnd): Promise<WritableStreamDefaultWriter<Uint8Array>> {
    const writer = this.#writable.getWriter()
    const mayFollow = end !== 'whole' || this.#isFollowed
    this.#tail = ''
    this.#isPaced = false
    this.#endPause()
    if (this.#hasClient && mayFollow) {
      writer.write(MARK_BYTES).catch(() => undefined)
      const late = setTimeout(() => this.leave(), MOST_CATCH_UP_MS)
      while (this.#hasClient && !this.#isRead && this.#tail !== MARK) await this.#nextPiece()
      clearTimeout(late)
    }
    if (this.#hasClient && mayFollow) return writer
    await this.#close(writer)
    await this.#reading
    return writer
  }

  /** A pipe that was stopped while its reader had taken half of a piece cannot be closed, and has failed for both branches. */
  async #close(writer: WritableStreamDefaultWriter<Uint8Array>): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await writer.close().catch(() => undefined)
  }

  async #readAll(): Promise<void> {
    let buffer = new ArrayBuffer(BUFFER_BYTES)
    for (;;) {
      const { done, value } = await this.#branch.read(new Uint8Array(buffer)).catch(() => NOTHING_MORE)
      if (value !== undefined && value.byteLength > 0) this.#take(value)
      if (done || value === undefined) break
      buffer = value.buffer
      if (this.#isPaced) await this.#pause(value.byteLength)
    }
    this.#isRead = true
    this.#pieceCame()
  }

  /** Lets bytes gather. A buffer that was full is followed by the next read at once. */
  async #pause(bytes: number): Promise<void> {
    if (bytes < LITTLE_BYTES) this.#pauseMs = Math.min(2 * this.#pauseMs, MOST_PAUSE_MS)
    else if (bytes === BUFFER_BYTES) this.#pauseMs = LEAST_PAUSE_MS
    if (bytes === BUFFER_BYTES) return
    let timer: ReturnType<typeof setTimeout> | undefined
    await new Promise<void>((resolve) => {
      this.#endPause = resolve
      timer = setTimeout(resolve, this.#pauseMs)
    })
    if (timer !== undefined) clearTimeout(timer)
  }

  #nextPiece(): Promise<void> {
    return new Promise((resolve) => void this.#awaiting.push(resolve))
  }

  #pieceCame(): void {
    for (const resolve of this.#awaiting.splice(0)) resolve()
  }

  #take(piece: Uint8Array): void {
    this.#sent.push(piece)
    if (this.#isAnswer) this.#tap.push(piece)
    if (this.#tail !== undefined)
      this.#tail = (this.#tail + String.fromCharCode(...piece.subarray(-MARK.length))).slice(-MARK.length)
    if (this.#awaiting.length > 0) this.#pieceCame()
  }
}
