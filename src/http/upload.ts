/**
 * Sends the content of a request to a server, and knows which side is slow.
 *
 * If a response is late, either the server is slow or the client has not sent its content yet. Only the first is a
 * failure of the server: a stalling client must not cost a server its health, nor be told that the origin failed. A
 * stream handed to `fetch` does not tell the two apart. So the content is copied piece by piece, and each piece shows
 * which side is awaited.
 */

import type { Clock } from '../ports.ts'
import { copy, sourceOf, type Turn } from './copy.ts'
import { createStallTimer } from './patience.ts'
import { createPipe } from './passthrough.ts'

/** The client's failure to send its content: too slow (`request-timeout`), or broken off (`request-malformed`). */
export type UploadFault = 'request-timeout' | 'request-malformed'

/** The content of a request on its way to a server, copied piece by piece. */
export interface Upload {
  readonly body: ReadableStream<Uint8Array>
  /** Returns true while the copy waits for the client. */
  readonly isAwaited: () => boolean
  /**
   * Calls `failed` if the client fails. The caller must then end the connection: the bytes sent must not pass for the
   * whole.
   */
  readonly watch: (failed: (fault: UploadFault) => void) => void
}

/** Starts copying the content of a request. The client fails if nothing comes for `stallMs` milliseconds. */
export function createUpload(
  { headers }: Request,
  content: ReadableStream<Uint8Array>,
  stallMs: number,
  clock: Clock,
): Upload {
  const length = headers.get('content-length')
  const { readable, writable } = createPipe(length === null ? undefined : Number(length))
  let turn: Turn = 'source'
  let tell = (_fault: UploadFault): void => undefined
  const patience = createStallTimer(stallMs, clock, () => {
    tell('request-timeout')
    copying.cut()
  })
  const waits = (next: Turn): void => {
    turn = next
    if (next === 'source') patience.wait()
    else patience.go()
    if (next === 'broken') tell('request-malformed')
  }
  // Closing a chunked body would end it in order for the server. The connection has to be ended instead.
  const copying = copy(sourceOf(content), writable, { waits, isLeftOpen: true })
  copying.left.then(patience.end, patience.end)
  return { body: readable, isAwaited: () => turn === 'source', watch: (failed) => void (tell = failed) }
}
