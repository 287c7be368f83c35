import type { Clock, WaitUntil } from '../ports.ts'
import { copy, sourceOf, type Turn } from './copy.ts'
import { createStallTimer } from './patience.ts'
import { createPipe } from './passthrough.ts'

/**
 * Returns the same response, and calls `over` once its body has ended, has failed, or is no longer read.
 *
 * A server works on a call until its response has left, and not only until its headers came. So the body is copied here,
 * to learn of its end. The copy is broken off if the client takes nothing for `stallMs`; the server may take as long as
 * it likes. The departure of a client shows only when the next bytes cannot be delivered. The request is over by then,
 * and only work passed to `waitUntil` still runs.
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
  // Content that another Worker encodes does not have the length stated.
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
