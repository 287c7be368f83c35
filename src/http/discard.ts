import { passthrough } from './passthrough.ts'

/** A WebSocket of a response in workerd, as far as it is used here. */
interface AcceptedSocket {
  accept(): void
  close(): void
}

/** Gives up a response that is not delivered: its content is cancelled, and a WebSocket that it would have opened is closed. */
export function discardResponse(response: Response): void {
  response.body?.cancel().catch(() => undefined)
  // Runtimes without sockets in responses have no such member.
  const { webSocket } = response as { readonly webSocket?: AcceptedSocket | null }
  if (webSocket === undefined || webSocket === null) return
  webSocket.accept()
  webSocket.close()
}

/** Returns the head of a response alone, without the length of its content, which is discarded. */
export function withoutContent(response: Response): Response {
  if (response.body === null) return response
  discardResponse(response)
  const headers = new Headers(response.headers)
  headers.delete('content-length')
  return passthrough(null, { status: response.status, statusText: response.statusText, headers })
}
