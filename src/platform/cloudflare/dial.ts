import { connect } from 'cloudflare:sockets'

/** Opens a TCP connection to `host` or `host:port` and closes it again. Rejects if none opens. */
export async function dial(host: string): Promise<void> {
  const { hostname, port } = new URL(`http://${host}`)
  const socket = connect({ hostname, port: port === '' ? 443 : Number(port) })
  try {
    await socket.opened
  } finally {
    socket.close().catch(() => undefined)
  }
}
