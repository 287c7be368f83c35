import type { WaitUntil } from '../../ports.ts'

/**
 * The same response. `over` is called once its body has ended, has failed, or is read no further. That a client has
 * left shows when the next bytes cannot be delivered; by then the request is over, and only what `waitUntil` got still runs.
 */
export function watchBody(response: Response, over: () => void, waitUntil: WaitUntil): Response {
  if (response.body === null) {
    over()
    return response
  }
  const { readable, writable } = passThrough(response.headers)
  waitUntil(response.body.pipeTo(writable).then(over, over))
  return new Response(readable, response)
}

/** Both are the runtime's own, which copy without waking us. What another Worker encodes has not the length it states. */
function passThrough(headers: Headers): TransformStream {
  const length = headers.has('content-encoding') ? null : headers.get('content-length')
  return length === null ? new IdentityTransformStream() : new FixedLengthStream(Number(length))
}
