/**
 * Reads request bodies into memory, within bounds.
 *
 * The gate streams bodies and reads them only if it must: for an event, for an operator's action, for the digest of an
 * idempotent request, for a meter. An isolate has 128 MB for everything, and any client can send a large body slowly. So
 * each body has a limit of bytes and of time, and takes its room from one budget of the isolate before it is read.
 * Senders without a verified credential share a quarter of the budget, so that they cannot take it all. The budget's
 * arithmetic is in `rules/budget.ts`.
 */

import { begin, createBudget, end, extendBody, grow } from './rules/budget.ts'
import { joinBytes } from '../core/bytes.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { Clock } from '../ports.ts'

/**
 * `broken`: the sender broke off the body. `late`: the body took longer than its time limit. `no-room`: other bodies take
 * all the memory for bodies.
 */
export type ReadFault = 'too-large' | 'broken' | 'late' | 'no-room'
/** `media-type`, `coding`: the body is not in the expected form. `not-text`: the body is not UTF-8. */
export type TextFault = ReadFault | 'media-type' | 'coding' | 'not-text'
export type BodyFault = Exclude<TextFault, 'not-text'> | 'not-json'

/** The limits of one body, and the standing of its sender. `isAnonymous`: no credential has been verified. */
export interface BodyTerms {
  readonly maxBytes: number
  readonly mostMs: number
  readonly isAnonymous: boolean
  /** True for what can be done without: it leaves half of the memory to others. */
  readonly isSpare?: boolean
  /** True if a compressed body is decoded: `maxBytes` limits it compressed and decoded. */
  readonly decodes?: boolean
}

/** The memory held for one body, from before the first read until the last use. Must be closed. */
export interface BodyRoom {
  readonly terms: BodyTerms
  /** Takes `bytes` more. Returns false if there is no room. */
  grow(bytes: number): boolean
  /** Keeps the room for at most `ms` longer, though the body has been read. */
  keep(ms: number): void
  close(): void
}

/**
 * Makes room for one body in the isolate's memory for bodies. Never fails: without room, the first `grow` returns false.
 */
export type MakeRoom = (terms: BodyTerms) => BodyRoom

/** Creates the budget of one isolate. */
export function createBodies(clock: Clock): MakeRoom {
  const budget = createBudget()
  return (terms) => {
    const now = clock()
    const share = terms.isAnonymous ? 'anonymous' : terms.isSpare === true ? 'spare' : 'any'
    const id = begin(budget, share, now + terms.mostMs, now)
    return {
      terms,
      grow: (bytes) => id !== undefined && grow(budget, id, bytes, clock()),
      keep: (ms) => id !== undefined && extendBody(budget, id, clock() + ms),
      close: () => id !== undefined && end(budget, id),
    }
  }
}

const JSON_TYPE = /^application\/json[ \t]*(?:;|$)/i

/** Reads a JSON body in UTF-8, within the limits of `room`. Errors: those of `BodyFault`. */
export async function readJson(request: Request, room: BodyRoom): Promise<Result<unknown, BodyFault>> {
  const text = await readText(request, JSON_TYPE, room)
  if (!text.ok) return err(text.error === 'not-text' ? 'not-json' : text.error)
  try {
    return ok(JSON.parse(text.value))
  } catch {
    return err('not-json')
  }
}

/**
 * Reads a text body in UTF-8 if its media type matches `type`. Content codings are refused. Errors: those of `TextFault`.
 */
export async function readText(request: Request, type: RegExp, room: BodyRoom): Promise<Result<string, TextFault>> {
  const { headers } = request
  if (!type.test(headers.get('content-type') ?? '')) return err('media-type')
  if ((headers.get('content-encoding') ?? 'identity') !== 'identity') return err('coding')
  const bytes = await readBytes(request, room)
  if (!bytes.ok) return bytes
  try {
    return ok(new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes.value))
  } catch {
    return err('not-text')
  }
}

/**
 * Reads a whole body within the limits of `room`. A `Content-Length` beyond `maxBytes` is refused unread. Errors: those
 * of `ReadFault`.
 */
export async function readBytes(
  { headers, body }: { readonly headers: Headers; readonly body: ReadableStream<Uint8Array> | null },
  room: BodyRoom,
): Promise<Result<Uint8Array<ArrayBuffer>, ReadFault>> {
  const { maxBytes, mostMs } = room.terms
  if (body === null) return ok(new Uint8Array())
  if (Number(headers.get('content-length') ?? 0) > maxBytes) return err('too-large')
  if (!room.grow(0)) return err('no-room')
  const reader = body.getReader()
  let stopped: ReadFault | undefined
  const stop = (why: ReadFault): void => {
    stopped = why
    reader.cancel().catch(() => undefined)
  }
  const timer = setTimeout(stop, mostMs, 'late')
  const chunks: Uint8Array[] = []
  let length = 0
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done || stopped !== undefined) break
      length += value.byteLength
      if (length > maxBytes) stop('too-large')
      else if (room.grow(value.byteLength)) chunks.push(value)
      else stop('no-room')
    }
  } catch {
    stopped ??= 'broken'
  } finally {
    clearTimeout(timer)
  }
  return stopped === undefined ? ok(joinBytes(chunks)) : err(stopped)
}
