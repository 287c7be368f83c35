import type { Clock } from '../ports.ts'
import { copy, sourceOf, type Turn } from './copy.ts'
import { createStallTimer } from './patience.ts'
import { createPipe } from './passthrough.ts'

/** How a client's content failed: it did not come, or broke off. */
export type UploadFault = 'request-timeout' | 'request-malformed'

/** The content of a request on its way to a server, piece by piece: so it is known who is waited for. */
export interface Upload {
  readonly body: ReadableStream<Uint8Array>
  /** True while the client is waited for. */
  readonly isAwaited: () => boolean
  /** Calls `failed` where the client fails. What has left by then is not to pass for all of it. */
  readonly watch: (failed: (fault: UploadFault) => void) => void
}

/** `stallMs`: how long nothing may come of it. */
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
  // A chunked body that is ended, however, ends in order for its server: the connection has to end.
  const copying = copy(sourceOf(content), writable, { waits, isLeftOpen: true })
  copying.left.then(patience.end, patience.end)
  return { body: readable, isAwaited: () => turn === 'source', watch: (failed) => void (tell = failed) }
}
