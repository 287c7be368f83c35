/** The code of a session that is over (RFC 6455 §7.4.2 leaves 4000–4999 to applications). */
const SESSION_OVER = 4402

/** Relays between the two ends of a WebSocket, and closes both at the end of the session. */
export function boundSocket(response: Response, supervise: (end: () => void) => () => void): Response {
  const upstream = response.webSocket
  if (upstream === null || upstream === undefined) return response
  const { 0: client, 1: downstream } = new WebSocketPair()
  upstream.accept()
  downstream.accept()
  const stop = supervise(() => {
    end(upstream, SESSION_OVER, 'session over')
    end(downstream, SESSION_OVER, 'session over')
  })
  relay(upstream, downstream, stop)
  relay(downstream, upstream, stop)
  return new Response(null, { status: 101, webSocket: client, headers: response.headers })
}

function relay(from: WebSocket, to: WebSocket, stop: () => void): void {
  from.addEventListener('message', ({ data }) => {
    if (to.readyState === WebSocket.OPEN) to.send(data)
  })
  from.addEventListener('close', ({ code, reason }) => {
    stop()
    end(to, code, reason)
    end(from, code, reason)
  })
  from.addEventListener('error', () => {
    stop()
    end(to, 1011, 'the other end failed')
  })
}

/** Closes a socket. Codes below 1000 and reserved ones may be received but not sent (RFC 6455 §7.4.1). */
function end(socket: WebSocket, code: number, reason: string): void {
  const sendable = code >= 1000 && code !== 1004 && code !== 1005 && code !== 1006 && code !== 1015
  try {
    if (sendable) socket.close(code, reason)
    else socket.close()
  } catch {
    // The socket is closed already.
  }
}
