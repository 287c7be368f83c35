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
