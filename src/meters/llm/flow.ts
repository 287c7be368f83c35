import { finishWriting, type SeePiece, type Source, sourceOf } from '../../http/copy.ts'
import { createPipe } from '../../http/passthrough.ts'
import type { AnswerEnd } from './rules/answerend.ts'
import type { AnswerTap } from './tap.ts'

/** The way of an answer from its provider to its client. */
export interface AnswerFlow {
  /** What the client reads. */
  readonly body: ReadableStream<Uint8Array>
  /** Reads until `isEnough`, or to the end. Nothing of the answer leaves before `run`, which may be called meanwhile. */
  begin(isEnough: () => boolean): Promise<AnswerEnd | undefined>
  /** Sends what comes. Resolves once the provider sends no more and all of that has been read. */
  run(): Promise<AnswerEnd>
  /** Asks the provider for no more. */
  cancel(): void
  /** Ends what the client reads, in order after `last`. What still comes from the provider is read without being sent, or given up. */
  finish(last?: Uint8Array): Promise<void>
  /** Breaks off what the client reads. What still comes is read without being sent. */
  cut(why: unknown): void
  /** Takes note that the client has gone. What still comes is read without being sent. */
  leave(): void
  /** Shows what is sent; see `tapBody`. */
  tap(sees: SeePiece | undefined): void
}

/** Shows the pieces of a body, from the first on, to whoever asks before it is too late. */
export class BodyTap {
  #sees: SeePiece | undefined
  /** What was sent before it is known who sees it; undefined if nobody does, or too much was sent. */
  #early: Uint8Array[] | undefined = []
  #bytes = 0

  push(piece: Uint8Array | undefined): void {
    if (this.#sees !== undefined) this.#sees(piece)
    else if (this.#early !== undefined && piece !== undefined) {
      this.#bytes += piece.byteLength
      this.#early.push(piece.slice())
      if (this.#bytes > MAX_EARLY_BYTES) this.#early = undefined
    }
  }

  tap(sees: SeePiece | undefined): void {
    if (this.#early !== undefined && sees !== undefined) {
      this.#sees = sees
      for (const piece of this.#early) sees(piece)
    }
    this.#early = undefined
  }
}

const MAX_EARLY_BYTES = 65_536

/**
 * Copies an answer piece by piece. For what cannot be piped natively: streams made by a script, all streams outside of Workers, and
 * those from which something is dropped.
 */
export class PumpFlow implements AnswerFlow {
  readonly body: ReadableStream<Uint8Array>
  readonly #source: Source
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>
  readonly #read: AnswerTap
  readonly #onLeft: () => void
  readonly #sent = new BodyTap()
  /** What may leave once the answer goes on. */
  readonly #begun: Uint8Array[] = []
  #first: Promise<readonly Uint8Array[]> | undefined
  #end: AnswerEnd | undefined
  #hasClient = true
  #isCancelled = false
  #isWriting = false
  /** True if `#drain` reads, and no longer `#send`. */
  #isDraining = false
  readonly #ended = Promise.withResolvers<AnswerEnd>()

  /** `bytes`: the length, if it is known. `onLeft`: called if the client takes no more. */
  constructor(from: ReadableStream<Uint8Array>, bytes: number | undefined, read: AnswerTap, onLeft: () => void) {
    const { readable, writable } = createPipe(bytes)
    this.body = readable
    this.#source = sourceOf(from)
    this.#writer = writable.getWriter()
    this.#writer.closed.catch(() => undefined)
    this.#read = read
    this.#onLeft = onLeft
  }

  async begin(isEnough: () => boolean): Promise<AnswerEnd | undefined> {
    while (this.#end === undefined && !isEnough()) {
      this.#first = this.#next()
      const pieces = await this.#first
      if (this.#first === undefined) return undefined // the answer has gone on
      this.#first = undefined
      this.#begun.push(...pieces)
    }
    return this.#end
  }

  run(): Promise<AnswerEnd> {
    void this.#send()
    return this.#ended.promise
  }

  cancel(): void {
    this.#isCancelled = true
    this.#source.cancel('nobody waits for the answer')
  }

  async finish(last?: Uint8Array): Promise<void> {
    if (!this.#hasClient) return
    this.#drain()
    if (last !== undefined) this.#sent.push(last)
    await finishWriting(this.#writer, last)
    if (this.#end === 'whole') this.#sent.push(undefined)
  }

  cut(why: unknown): void {
    this.#drain()
    this.#writer.abort(why).catch(() => undefined)
  }

  leave(): void {
    if (this.#hasClient) this.cut('the client has left')
  }

  tap(sees: SeePiece | undefined): void {
    this.#sent.tap(sees)
  }

  async #send(): Promise<void> {
    const first = this.#first
    this.#first = undefined
    for (const piece of this.#begun.splice(0)) await this.#write(piece)
    if (first !== undefined) for (const piece of await first) await this.#write(piece)
    await this.#sendRest()
    if (this.#isDraining || this.#end === undefined) return
    for (const piece of this.#read.end(this.#end)) await this.#write(piece)
    this.#ended.resolve(this.#end)
  }

  /** Copies in one loop: every further promise would be felt in each event. */
  async #sendRest(): Promise<void> {
    let piece: Uint8Array | undefined
    while (this.#end === undefined && !this.#isDraining) {
      try {
        // What was written has been taken, and its memory is free.
        const { done, value } = await this.#source.readOver(piece)
        if (done) return this.#ends('whole')
        piece = value
      } catch {
        this.#ends('broken')
        return
      }
      for (const passing of this.#read.push(piece)) {
        if (!this.#hasClient) break
        this.#sent.push(passing)
        this.#isWriting = true
        try {
          await this.#writer.write(passing)
        } catch {
          if (this.#hasClient) this.#onLeft()
        }
        this.#isWriting = false
      }
    }
  }

  #ends(end: AnswerEnd): void {
    this.#end ??= this.#isCancelled ? 'cancelled' : end
  }

  /** Reads on without sending. A client that does not read holds up what is being written for good. */
  #drain(): void {
    this.#hasClient = false
    if (!this.#isWriting || this.#isDraining) return
    this.#isDraining = true
    void (async () => {
      while (this.#end === undefined) await this.#next()
      this.#read.end(this.#end)
      this.#ended.resolve(this.#end)
    })()
  }

  async #next(): Promise<readonly Uint8Array[]> {
    try {
      const { done, value } = await this.#source.read()
      if (!done) return this.#read.push(value)
      this.#ends('whole')
    } catch {
      this.#ends('broken')
    }
    return []
  }

  async #write(piece: Uint8Array): Promise<void> {
    if (!this.#hasClient) return
    this.#sent.push(piece)
    this.#isWriting = true
    try {
      await this.#writer.write(piece)
    } catch {
      if (this.#hasClient) this.#onLeft()
    }
    this.#isWriting = false
  }
}
