import { begin, createBudget, end, extendBody, grow } from './rules/budget.ts'
import { joinBytes } from '../core/bytes.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { Clock } from '../ports.ts'

/**
 * `broken`: its sender ended it before its end. `late`: it did not come in time. `no-room`: the bodies that are being read
 * take all the memory there is for them.
 */
export type ReadFault = 'too-large' | 'broken' | 'late' | 'no-room'
/** `media-type` and `coding`: in what form a body is expected. */
export type TextFault = ReadFault | 'media-type' | 'coding' | 'not-text'
export type BodyFault = Exclude<TextFault, 'not-text'> | 'not-json'

/** How much is read of a body, for how long, and whether anything is known of its sender. */
export interface BodyTerms {
  readonly maxBytes: number
  readonly mostMs: number
  readonly isAnonymous: boolean
}

/** What one body has of the memory for bodies, from before it is read until it is used no more: it has to be closed. */
export interface BodyRoom {
  readonly terms: BodyTerms
  /** Takes so much more. False where there is none. */
  grow(bytes: number): boolean
  /** Keeps what it has for so many milliseconds at most, though the body is read. */
  keep(ms: number): void
  close(): void
}

/** Makes room for one body in the memory that an isolate has for all. */
export type MakeRoom = (terms: BodyTerms) => BodyRoom

/** Made once in each isolate. */
export function createBodies(clock: Clock): MakeRoom {
  const budget = createBudget()
  return (terms) => {
    const now = clock()
    const id = begin(budget, terms.isAnonymous, now + terms.mostMs, now)
    return {
      terms,
      grow: (bytes) => id !== undefined && grow(budget, id, bytes, clock()),
      keep: (ms) => id !== undefined && extendBody(budget, id, clock() + ms),
      close: () => id !== undefined && end(budget, id),
    }
  }
}

const JSON_TYPE = /^application\/json[ \t]*(?:;|$)/i

/** Reads a body of JSON in UTF-8, and no more of it than its terms say. */
export async function readJson(request: Request, room: BodyRoom): Promise<Result<unknown, BodyFault>> {
  const text = await readText(request, JSON_TYPE, room)
  if (!text.ok) return err(text.error === 'not-text' ? 'not-json' : text.error)
  try {
    return ok(JSON.parse(text.value))
  } catch {
    return err('not-json')
  }
}

/** The same for any text whose media type is of this form. */
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

/** All of a body, if it comes in time and has no more bytes than it may. */
export async function readBytes(
  { headers, body }: Pick<Request, 'headers' | 'body'>,
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
