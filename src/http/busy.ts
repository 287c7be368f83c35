import type { Clock, WaitUntil } from '../ports.ts'
import { copy, sourceOf, type Turn } from './copy.ts'
import { createStallTimer } from './patience.ts'
import { createPipe } from './passthrough.ts'

/**
 * The same response. `over` is called once its body has ended, has failed, or is read no further; it is broken off where its
 * reader takes nothing for `stallMs`, however long its server takes. That a client has left shows when the next bytes
 * cannot be delivered; by then the request is over, and only what `waitUntil` got still runs.
 */
export function keepBusy(
  response: Response,
  stallMs: number,
  clock: Clock,
  waitUntil: WaitUntil,
  over: () => void,
): Response {
  if (response.body === null) {
    over()
    return response
  }
  const { headers } = response
  // What another Worker encodes has not the length it states.
  const length = headers.has('content-encoding') ? null : headers.get('content-length')
  const { readable, writable } = createPipe(length === null ? undefined : Number(length))
  const patience = createStallTimer(stallMs, clock, () => copying.cut())
  const waits = (turn: Turn): void => (turn === 'sink' ? patience.wait() : patience.go())
  const copying = copy(sourceOf(response.body), writable, { waits })
  const end = (): void => {
    patience.end()
    over()
  }
  waitUntil(copying.left.then(end, end))
  return new Response(readable, response)
}
